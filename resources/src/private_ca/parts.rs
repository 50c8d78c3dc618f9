//! From arguments to the content of the CA, and back.

use e2etls_engine::kind::Kind as _;
use serde_json::{Value, json};
use tfplugin_framework::Model as _;

use super::model::{CaType, PrivateCa};
use crate::kinds::aws::authority::PRIVATE_CA;
use crate::lifecycle::configuration;
use crate::lifecycle::inputs::tags;

/// Address of the CA.
pub(super) const CA: &str = "ca";
/// What `s3_object_acl` is if it is null.
const ACL: &str = "BUCKET_OWNER_FULL_CONTROL";

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
    content["tags"] = tags(&model.aws.tags);
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
pub(super) fn arguments(mut live: Value) -> Value {
    let (crl, ocsp) = (&live["revocation"]["crl"], &live["revocation"]["ocsp"]);
    let mut crl = crl.clone();
    if crl["s3_object_acl"] == ACL {
        crl["s3_object_acl"] = Value::Null;
    }
    let cname = ocsp.as_str().map(|cname| Some(cname).filter(|cname| !cname.is_empty()));
    let ocsp = cname.map(|cname| json!({"custom_cname": cname}));
    live["revocation"] = match crl.is_null() && ocsp.is_none() {
        true => Value::Null,
        false => json!({"crl": crl, "ocsp": ocsp}),
    };
    live
}

/// What somebody changed by hand appears in its argument, so that the plan shows what an apply will do.
pub(super) fn show_drift(model: &mut PrivateCa, live: &Value) {
    if live["certified"] != true {
        return;
    }
    let shown = configuration::read::<PrivateCa>(&arguments(live.clone()).to_string());
    let (paths, Ok(shown)) = (PRIVATE_CA.differences(&content(model), live), shown) else {
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
