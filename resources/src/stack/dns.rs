//! Whether the zone of a stack can hold its records.

use e2etls_engine::operation::Operation;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::certificate;
use super::model::Stack;
use crate::edge::model::Scheme;
use crate::kinds::Clients;
use crate::session::wording::{Worded as _, refused};
use crate::syntax::is_within;

/// Refuses a zone that is not there, or not that of the names: called before the first write.
pub(super) async fn usable(stack: &Stack, op: &Operation<Clients>) -> Result<(), Diagnostics> {
    let zone_id = stack.dns.known().and_then(|dns| dns.zone_id.as_str());
    let (Some(id), Some(hosts)) = (zone_id, stack.hostnames.known()) else {
        return Ok(());
    };
    let dns = op.bounded(op.remotes.dns()).await;
    let dns = dns.map_err(|refusal| refused("Route 53", &refusal))?;
    let internal = stack.edge.known().and_then(|edge| edge.scheme.known()) == Some(&Scheme::Internal);
    let cause = match op.bounded(dns.zone(id)).await.worded()? {
        None => format!("The account that is used for Route 53 has no hosted zone `{id}`."),
        Some(zone) if zone.private && certificate::is_made(stack) == Some(true) => format!(
            "The zone `{id}` ({}) is private: ACM can't see the validation records of the public certificate. Use a public \
             zone, or set `edge.certificate_arns`.",
            zone.name
        ),
        Some(zone) if zone.private && !internal => format!(
            "The zone `{id}` ({}) is private, and the load balancer is `internet-facing`: clients would not see the records.",
            zone.name
        ),
        Some(zone) => match hosts
            .iter()
            .find(|host| !is_within(host, zone.name.trim_end_matches('.')))
        {
            Some(host) => format!("`{host}` is not in the zone `{id}`, which is for `{}`.", zone.name),
            None => return Ok(()),
        },
    };
    Err(Diagnostic::error("The zone can't be used")
        .at(AttributePath::root("dns").attribute("zone_id"))
        .because(format!("{cause} Nothing was created."))
        .advice("Use the ID of the zone in which clients look the names up.")
        .into())
}
