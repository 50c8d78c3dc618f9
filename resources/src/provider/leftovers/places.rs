//! Where objects may be left, and how they are found there.

use std::sync::Arc;
use std::time::Duration;

use e2etls_engine::leftovers::{Leftover, find};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::table::Asked;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::report::told;
use crate::kinds::aws::iam_role::IAM_ROLE;
use crate::kinds::kube::KINDS;
use crate::kinds::{Clients, Kinds, Service};
use crate::lifecycle::Managed as _;
use crate::private_ca::model::PrivateCa;
use crate::public_certificate::model::PublicCertificate;
use crate::session::Session;

/// How long everything may take.
const TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// Where objects may be left.
pub(super) struct Place {
    /// As messages call it.
    pub(super) name: &'static str,
    /// Their service in AWS; `None` for the cluster.
    service: Option<Service>,
    kinds: Kinds,
}

pub(super) const PLACES: [Place; 4] = [
    Place {
        name: "the cluster",
        service: None,
        kinds: &KINDS,
    },
    Place {
        name: "AWS Private CA",
        service: Some(Service::PrivateCa),
        kinds: PrivateCa::KINDS,
    },
    Place {
        name: "ACM",
        service: Some(Service::Certificates),
        kinds: PublicCertificate::KINDS,
    },
    Place {
        name: "IAM",
        service: Some(Service::Roles),
        kinds: &[&IAM_ROLE],
    },
];

/// Finds what is left at a place, with the operation that deletes it; or why it can't be searched.
pub(super) async fn search(
    session: &Arc<Session>,
    place: &Place,
    min_age: SignedDuration,
    now: Timestamp,
) -> Result<(Operation<Clients>, Vec<Leftover<Clients>>), String> {
    let op = operation(clients(session, place.service).await?, place.kinds);
    let found = find(&op, min_age, now).await;
    let found = found.map_err(|failure| told(&failure))?;
    Ok((op, found))
}

/// The clients that a place needs, from the environment alone.
async fn clients(session: &Arc<Session>, service: Option<Service>) -> Result<Clients, String> {
    let clients = Clients::of(session);
    let clients = match service {
        None if session.cluster_config(None).is_err() => {
            return Err("neither KUBE_CONFIG_PATH nor KUBE_HOST is set in the environment".to_owned());
        }
        None => session.cluster(None).await.map(|cluster| Clients {
            cluster: Some(cluster),
            ..clients
        }),
        Some(_) if !session.has_region().await => {
            return Err("neither AWS_REGION nor the profile (AWS_PROFILE) names a Region".to_owned());
        }
        Some(service) => clients.in_aws(service, None).await,
    };
    clients.map_err(|diagnostics| {
        let words = diagnostics.iter().map(|one| format!("{}: {}", one.what, one.cause));
        words.collect::<Vec<_>>().join("\n")
    })
}

fn operation(remotes: Clients, kinds: Kinds) -> Operation<Clients> {
    let began = Instant::now();
    Operation {
        remotes,
        kinds,
        // Each leftover has its own.
        owner: Owner {
            owner_id: None,
            resource: "leftovers",
            place: String::new(),
            namespace: None,
            name: String::new(),
        },
        asked: Asked::Delete,
        began,
        deadline: began + TIMEOUT,
        cancel: CancellationToken::new(),
        trace: None,
        now: String::new(),
    }
}
