//! The certificate, a record for each of its domains, and what is waited for.
//!
//! ```text
//! certificate ──its records, once ACM shows them──▶ record/example.com, … ──▶ issued
//!      └──────────────────────────────────────────────────────────────────▶ requested (records_only)
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use e2etls_engine::kind::Observed;
use e2etls_engine::part::{Part, Ready, Role};
use e2etls_engine::value::{UNKNOWN, link};
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::model::{Dns, PublicCertificate, Wait};
use crate::kinds::Clients;
use crate::kinds::aws::acm_certificate::{ACM_CERTIFICATE, Issued, RECORDS, Requested, base, output};
use crate::kinds::aws::validation_record::{self, VALIDATION_RECORD};
use crate::lifecycle::inputs::{flag, tags, text};
use crate::syntax::is_within;

/// Address of the certificate.
pub(crate) const CERTIFICATE: &str = "certificate";
/// Addresses of what is waited for.
pub(super) const WAITS: [&str; 2] = ["issued", "requested"];
/// Longest value of a tag.
const TAG: usize = 256;

/// The parts; `None` while it is not known which there are. An import may not show how the names are validated.
pub(super) fn parts(model: &PublicCertificate) -> Option<Vec<Part<Clients>>> {
    parts_at("", model)
}

/// The same at addresses that begin with `prefix`, for a resource that has other parts too.
pub(crate) fn parts_at(prefix: &str, model: &PublicCertificate) -> Option<Vec<Part<Clients>>> {
    let bases = bases(model)?;
    let at = |address: &str| format!("{prefix}{address}");
    let mut parts = vec![Part::new(
        at(CERTIFICATE),
        &ACM_CERTIFICATE,
        text(&model.name),
        certificate(model),
    )];
    let Some(dns) = model.dns.as_ref().into_known().filter(|dns| !dns.zones.is_unknown()) else {
        return model.dns.is_null().then_some(parts);
    };
    for (base, zones) in bases.iter().filter_map(|base| Some((base, dns.zones.known()?))) {
        let zone = zone_of(zones, base).map_or(UNKNOWN.to_owned(), |(_, zone)| text(zone));
        let of = |member| link(&at(CERTIFICATE), &output(base, member));
        let content = json!({"zone": zone, "name": of("name"), "value": of("value"),
            "allow_overwrite": flag(&dns.allow_overwrite)});
        parts.push(Part::new(at(&format!("record/{base}")), &VALIDATION_RECORD, base, content).role(Role::Keep));
    }
    let (address, linked, ready): (_, _, Arc<dyn Ready<Clients>>) = match wait(model)? {
        Wait::Issued => (WAITS[0], "arn", Arc::new(Issued)),
        Wait::Requested => (WAITS[1], RECORDS, Arc::new(Requested)),
    };
    let content = json!({linked: link(&at(CERTIFICATE), linked)});
    let mut last = Part::wait_only(at(address), text(&model.domain), content, ready);
    last.after = parts[1..].iter().map(|part| part.address.clone()).collect();
    parts.push(last);
    Some(parts)
}

/// What is waited for.
pub(super) fn wait(model: &PublicCertificate) -> Option<Wait> {
    // A validation sees no default.
    let records_only = match model.dns.known()?.records_only {
        Attr::Known(records_only) => records_only,
        Attr::Null => false,
        Attr::Unknown => return None,
    };
    match model.wait {
        Attr::Known(wait) => Some(wait),
        Attr::Null if records_only => Some(Wait::Requested),
        Attr::Null => Some(Wait::Issued),
        Attr::Unknown => None,
    }
}

/// Names of which each has its own record.
pub(super) fn bases(model: &PublicCertificate) -> Option<BTreeSet<String>> {
    let sans = match &model.sans {
        Attr::Known(sans) => Some(sans),
        Attr::Null => None,
        Attr::Unknown => return None,
    };
    let names = sans.into_iter().flatten().chain([model.domain.known()?]);
    Some(names.map(|name| base(name).to_owned()).collect())
}

/// The entry of `zones` for a domain: the longest that is the domain or above it.
pub(super) fn zone_of<'a>(
    zones: &'a BTreeMap<String, Attr<String>>,
    base: &str,
) -> Option<(&'a String, &'a Attr<String>)> {
    let fits = zones.iter().filter(|(domain, _)| is_within(base, domain));
    fits.max_by_key(|(domain, _)| domain.len())
}

fn certificate(model: &PublicCertificate) -> Value {
    let sans: Vec<&String> = model.sans.known().into_iter().flatten().collect();
    let key_algorithm = model.key_algorithm.known();
    json!({
        "domain": text(&model.domain), "sans": sans, "tags": tags(&model.aws.tags),
        "dns": model.dns.known().map(written), "key_algorithm": key_algorithm.map_or(UNKNOWN, |key| key.as_str()),
    })
}

/// `dns` as a tag: `records`, or `example.com=Z1 example.org=Z2`. Empty, and no tag, if it is longer than one may be.
fn written(dns: &Dns) -> String {
    let Some(zones) = dns.zones.known() else {
        return "records".to_owned();
    };
    let pairs = zones.iter().map(|(domain, zone)| format!("{domain}={}", text(zone)));
    let written = pairs.collect::<Vec<_>>().join(" ");
    match written.contains(UNKNOWN) || written.len() <= TAG {
        true => written,
        false => String::new(),
    }
}

/// The arguments that a certificate shows.
pub(super) fn arguments(mut live: Value) -> Value {
    if let Some(written) = live["dns"].as_str() {
        let zones: BTreeMap<_, _> = written.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        let zones = Some(zones).filter(|zones| !zones.is_empty());
        live["dns"] = json!({"records_only": zones.is_none(), "zones": zones});
    }
    if live["sans"] == json!([]) {
        live["sans"] = Value::Null;
    }
    live
}

/// The uids of the records of a certificate, by address.
pub(super) fn record_uids(model: &PublicCertificate, found: &Observed) -> BTreeMap<String, String> {
    let uid = |part: Part<Clients>| {
        let name = found.outputs.get(&output(&part.name, "name"))?;
        Some((
            part.address,
            validation_record::uid(part.content["zone"].as_str()?, name),
        ))
    };
    parts(model).into_iter().flatten().filter_map(uid).collect()
}
