//! Import by ARN: what the certificate and its tags show.

use std::collections::BTreeMap;

use e2etls_engine::kind::{Kind as _, Observed, Reading, Target};
use e2etls_engine::table::Asked;
use tfplugin_framework::{Attr, Context, Diagnostic, Field as _, ImportRequest, Imported, Value};

use super::model::PublicCertificate;
use super::parts::{CERTIFICATE, parts, read, record};
use super::{UNNAMED, records};
use crate::kinds::aws::acm_certificate::ACM_CERTIFICATE;
use crate::kinds::aws::validation_record;
use crate::lifecycle::import::{imported, nothing};
use crate::lifecycle::operation::operation;
use crate::session::Session;
use crate::session::wording::Worded as _;

pub(super) async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<PublicCertificate> {
    let arn = request.id;
    if !arn.starts_with("arn:") || !arn.contains(":acm:") {
        return Err(Diagnostic::error("Invalid import ID")
            .because(format!("`{arn}` is not the ARN of an ACM certificate."))
            .into());
    }
    let mut model = PublicCertificate {
        arn: arn.clone().into(),
        ..PublicCertificate::default()
    };
    let op = operation(context, &model, Asked::Observe).await?;
    let target = Target {
        name: "",
        uid: Some(&arn),
    };
    let look = ACM_CERTIFICATE.look(&op, target, Reading::Fresh);
    let Some(found) = op.bounded(look).await.worded()? else {
        return Err(nothing(format!(
            "There is no certificate `{arn}`. Check the ARN and the account."
        )));
    };
    describe(&mut model, &found, &op.remotes.default_tags);
    let unnamed = model.name.is_null();
    let mut uids = BTreeMap::from([(CERTIFICATE.to_owned(), arn)]);
    for part in parts(&model).unwrap_or_default() {
        let base = part.name.as_str();
        let known = records(&found).remove(base).filter(|_| part.address == record(base));
        if let (Some(zone), Some(known)) = (part.content["zone"].as_str(), known) {
            uids.insert(
                part.address,
                validation_record::uid(zone, known.name.as_str().unwrap_or_default()),
            );
        }
    }
    let op = operation(context, &model, Asked::Observe).await?;
    let (state, mut private, warnings) = imported(&op, model, &uids).await?;
    if unnamed {
        private.set(UNNAMED, &true);
    }
    Ok((state, private, warnings))
}

/// The arguments that the certificate shows.
fn describe(model: &mut PublicCertificate, found: &Observed, default_tags: &BTreeMap<String, String>) {
    let content = &found.content;
    let text = |member: &str| content[member].as_str().map(str::to_owned);
    let owner = found.marks.as_ref().and_then(|marks| marks.owner.clone());
    let name = owner.and_then(|owner| owner.rsplit('/').next().map(str::to_owned));
    model.name = name.into();
    model.domain = text("domain").into();
    let sans = content["sans"].as_array().into_iter().flatten();
    let sans: std::collections::BTreeSet<String> = sans.filter_map(|san| Some(san.as_str()?.to_owned())).collect();
    model.sans = Some(sans).filter(|sans| !sans.is_empty()).into();
    let key_algorithm = text("key_algorithm").map_or(Value::Null, Value::String);
    model.key_algorithm = Attr::from_value(&key_algorithm).unwrap_or_default();
    model.dns = text("dns").map(|written| read(&written)).into();
    let mut tags: BTreeMap<String, String> = serde_json::from_value(content["tags"].clone()).unwrap_or_default();
    tags.retain(|key, value| default_tags.get(key) != Some(value));
    model.aws.common.create_before_destroy = false.into();
    model.aws.tags = Some(tags).filter(|tags| !tags.is_empty()).into();
}
