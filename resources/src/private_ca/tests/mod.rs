mod crash;
mod fake;
mod life;
mod plan;

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Resource};
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use self::fake::Fake;
use super::PrivateCaResource;
use super::model::{CaType, KeyAlgorithm, PrivateCa, SubjectModel, UsageMode};
use super::run::{Run, Tags};
use crate::golden;

#[test]
fn the_schema_is_the_frozen_one() {
    golden::schema("private_ca", &PrivateCaResource.schema());
}

/// What a run borrows.
#[derive(Default)]
struct Around {
    owner_id: Option<String>,
    default_tags: Tags,
    cancel: CancellationToken,
}

impl Around {
    fn named() -> Self {
        Self {
            owner_id: Some("prod".to_owned()),
            ..Self::default()
        }
    }

    fn run<'a>(&'a self, api: &'a Fake) -> Run<'a> {
        Run {
            api: &**api,
            owner_id: self.owner_id.as_deref(),
            default_tags: &self.default_tags,
            ignore_tags: &[],
            cancel: &self.cancel,
            deadline: Instant::now() + Duration::from_secs(60),
        }
    }
}

/// A root as a plan of its create has it.
fn root() -> PrivateCa {
    PrivateCa {
        id: Attr::Unknown,
        arn: Attr::Unknown,
        instance: Attr::Unknown,
        name: "dev".to_owned().into(),
        r#type: CaType::Root.into(),
        usage_mode: UsageMode::ShortLived.into(),
        subject: subject("dev root").into(),
        key_algorithm: KeyAlgorithm::P256.into(),
        parent_arn: Attr::Null,
        validity_days: 3650.into(),
        signed_certificate_pem: Attr::Null,
        signed_chain_pem: Attr::Null,
        revocation: Attr::Null,
        allow_acm_renewal: false.into(),
        enabled: true.into(),
        deletion_protection: true.into(),
        deletion_window_days: 30.into(),
        restore_arn: Attr::Null,
        region: Attr::Unknown,
        tags: BTreeMap::from([("team".to_owned(), "a".to_owned())]).into(),
        timeouts: Attr::Null,
        status: Attr::Unknown,
        owner_account: Attr::Unknown,
        certificate_pem: Attr::Unknown,
        chain_pem: Attr::Unknown,
        csr_pem: Attr::Unknown,
        not_after: Attr::Unknown,
    }
}

fn subject(common_name: &str) -> SubjectModel {
    SubjectModel {
        common_name: common_name.to_owned().into(),
        organization: Attr::Null,
        organizational_unit: Attr::Null,
        country: Attr::Null,
        state: Attr::Null,
        locality: Attr::Null,
    }
}
