//! From arguments to the content of the CA, and back.

use e2etls_engine::kind::Kind as _;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Diagnostics, Model as _};

use super::model::{CaType, PrivateCa};
use crate::kinds::aws::authority::PRIVATE_CA;
use crate::lifecycle::configuration;

/// Address of the CA.
pub(super) const CA: &str = "ca";
/// What `s3_object_acl` is if it is null.
const ACL: &str = "BUCKET_OWNER_FULL_CONTROL";

/// The name, as references show it.
pub(super) fn name(model: &PrivateCa) -> String {
    let known = model.name.as_str().unwrap_or_default();
    if model.name.is_unknown() { UNKNOWN } else { known }.to_owned()
}

/// True if AWS signs the CA's certificate, so that we can ask for another.
pub(super) fn is_signed_in_aws(model: &PrivateCa) -> bool {
    model.r#type.known() == Some(&CaType::Root) || !model.parent_arn.is_null()
}

/// What the arguments want.
pub(super) fn content(model: &PrivateCa) -> Value {
    let arguments = configuration::content(&model.to_value());
    let same = [
        "type",
        "usage_mode",
        "key_algorithm",
        "subject",
        "parent_arn",
        "enabled",
        "allow_acm_renewal",
        "deletion_window_days",
        "restore_arn",
        "tags",
    ];
    let members = same
        .into_iter()
        .map(|member| (member.to_owned(), arguments[member].clone()));
    let mut content = Value::Object(members.collect());
    let in_aws = is_signed_in_aws(model);
    let given = !in_aws && !model.signed_certificate_pem.is_null();
    content["certified"] = if in_aws || given { true.into() } else { Value::Null };
    content["validity_days"] = if in_aws {
        arguments["validity_days"].clone()
    } else {
        Value::Null
    };
    content["signed"] = match given {
        true => json!({
            "certificate_pem": arguments["signed_certificate_pem"], "chain_pem": arguments["signed_chain_pem"],
        }),
        false => Value::Null,
    };
    content["revocation"] = revocation(&arguments["revocation"]);
    if content["tags"].is_null() {
        // None, and not any: what stood there goes.
        content["tags"] = json!({});
    }
    content
}

fn revocation(argument: &Value) -> Value {
    if argument.is_string() {
        return argument.clone();
    }
    let mut crl = argument["crl"].clone();
    if crl.is_object() && crl["s3_object_acl"].is_null() {
        crl["s3_object_acl"] = ACL.into();
    }
    let ocsp = match &argument["ocsp"] {
        Value::Object(ocsp) => ocsp
            .get("custom_cname")
            .filter(|cname| !cname.is_null())
            .cloned()
            .unwrap_or("".into()),
        other => other.clone(),
    };
    json!({"crl": crl, "ocsp": ocsp})
}

/// The arguments that a CA shows.
///
/// # Errors
/// It has something that this version of the provider does not know.
pub(super) fn arguments(live: &Value) -> Result<PrivateCa, Diagnostics> {
    let mut arguments = live.clone();
    let (mut crl, ocsp) = (live["revocation"]["crl"].clone(), &live["revocation"]["ocsp"]);
    if crl["s3_object_acl"] == ACL {
        crl["s3_object_acl"] = Value::Null;
    }
    let ocsp = ocsp
        .as_str()
        .map(|cname| json!({"custom_cname": Some(cname).filter(|cname| !cname.is_empty())}));
    arguments["revocation"] = match crl.is_null() && ocsp.is_none() {
        true => Value::Null,
        false => json!({"crl": crl, "ocsp": ocsp}),
    };
    configuration::read(&arguments.to_string())
}

/// What somebody changed by hand appears in its argument, so that the plan shows what an apply will do.
pub(super) fn show_drift(model: &mut PrivateCa, live: &Value) {
    if live["certified"] != true {
        return;
    }
    let (paths, Ok(shown)) = (PRIVATE_CA.differences(&content(model), live), arguments(live)) else {
        return;
    };
    for path in paths.keys() {
        match path.split('.').next() {
            Some("enabled") => model.enabled = shown.enabled.clone(),
            Some("revocation") => model.revocation = shown.revocation.clone(),
            Some("validity_days") => model.validity_days = shown.validity_days.clone(),
            _ => {}
        }
    }
}

/// The tags that the user wrote: the provider's own are in its configuration.
pub(super) fn users(model: &mut PrivateCa, is_default: impl Fn(&str, &str) -> bool) {
    let tags = model.aws.tags.known().cloned().unwrap_or_default();
    let tags: std::collections::BTreeMap<_, _> = tags
        .into_iter()
        .filter(|(key, value)| !is_default(key, value))
        .collect();
    model.aws.tags = if tags.is_empty() { Attr::Null } else { tags.into() };
}
