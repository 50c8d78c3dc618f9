//! Errors that the arguments alone show, and requirements on zones.

use std::collections::{BTreeMap, BTreeSet};

use e2etls_engine::operation::Operation;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::{PublicCertificate, Wait};
use super::parts::{bases, wait, zone_of};
use crate::kinds::Clients;
use crate::session::wording::{Worded as _, refused};
use crate::syntax::{self, is_within};

fn dns(member: &str) -> AttributePath {
    AttributePath::root("dns").attribute(member)
}

pub(super) fn check(config: &PublicCertificate, diagnostics: &mut Diagnostics) {
    if let Some(Err(invalid)) = config.aws.region.as_str().map(syntax::region) {
        diagnostics.input(AttributePath::root("region"), "Invalid `region`", invalid.message);
    }
    if let (Some(domain), Some(sans)) = (config.domain.known(), config.sans.known())
        && sans.contains(domain)
    {
        let cause = format!("`{domain}` is already set as `domain`. Remove it from `sans`.");
        diagnostics.input(AttributePath::root("sans"), "A name is listed twice", cause);
    }
    let Some(given) = config.dns.known() else { return };
    let records_only = given.records_only.known() == Some(&true);
    match (&given.zones, records_only) {
        (Attr::Known(_), true) => {
            let cause = "With `records_only`, nothing is created in a zone. Remove `zones` or `records_only`.";
            diagnostics.input(dns("zones"), "Conflicting arguments", cause);
        }
        (Attr::Null, false) if !given.records_only.is_unknown() => {
            let cause = "Set `zones`, or set `records_only = true` to create the records yourself.";
            diagnostics.input(AttributePath::root("dns"), "Missing argument", cause);
        }
        (Attr::Known(zones), false) => check_zones(config, zones, diagnostics),
        _ => {}
    }
    if wait(config) == Some(Wait::Requested) && !records_only && given.records_only.is_given().is_some() {
        let cause = "With `dns.zones`, an apply always waits until the certificate is issued. Remove `wait`.";
        diagnostics.input(AttributePath::root("wait"), "Conflicting arguments", cause);
    }
}

fn check_zones(config: &PublicCertificate, zones: &BTreeMap<String, Attr<String>>, diagnostics: &mut Diagnostics) {
    let Some(bases) = bases(config) else { return };
    let mut used = BTreeSet::new();
    for base in &bases {
        match zone_of(zones, base) {
            Some((domain, _)) => drop(used.insert(domain)),
            None => {
                let cause = format!(
                    "No key is `{base}` or a parent domain of it. Add the ID of the zone for its \
                    validation record."
                );
                diagnostics.input(dns("zones"), "A name has no zone", cause);
            }
        }
    }
    for domain in zones.keys().filter(|domain| !used.contains(domain)) {
        let cause = format!("No name of the certificate is `{domain}` or a subdomain of it. Remove the entry.");
        diagnostics.input(dns("zones").key(domain), "Unused zone", cause);
    }
}

/// Refuses zones in which nobody would see the records: called before the first write.
pub(super) async fn usable(op: &Operation<Clients>, model: &PublicCertificate) -> Result<(), Diagnostics> {
    let zones = model.dns.known().and_then(|dns| dns.zones.known());
    let (Some(zones), Some(bases)) = (zones, bases(model)) else {
        return Ok(());
    };
    let route53 = op.bounded(op.remotes.dns()).await;
    let route53 = route53.map_err(|refusal| refused("Route 53", &refusal))?;
    let mut wrong = Diagnostics::new();
    for (domain, id) in zones {
        let id = id.as_str().unwrap_or_default();
        let zone = op.bounded(route53.zone(id)).await.worded()?;
        let mut of_it = bases
            .iter()
            .filter(|base| zone_of(zones, base).map(|(key, _)| key) == Some(domain));
        let cause = match zone {
            None => format!("The account that is used for Route 53 has no hosted zone `{id}`."),
            Some(zone) if zone.private => {
                format!("The zone `{id}` ({}) is private: ACM can't see its records.", zone.name)
            }
            Some(zone) => match of_it.find(|base| !is_within(base, zone.name.trim_end_matches('.'))) {
                Some(base) => format!("`{base}` is not in the zone `{id}`, which is for `{}`.", zone.name),
                None => continue,
            },
        };
        wrong.add(
            Diagnostic::error("The zone can't be used")
                .at(dns("zones").key(domain))
                .because(format!("{cause} Nothing was created."))
                .advice("Use the ID of the public zone that the domain is delegated to."),
        );
    }
    if wrong.has_errors() { Err(wrong) } else { Ok(()) }
}
