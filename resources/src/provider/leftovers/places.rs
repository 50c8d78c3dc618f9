//! Where objects may be left, and how they are found there.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use e2etls_engine::kind::Kind;
use e2etls_engine::leftovers::{Leftover, find};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::table::Asked;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::named;
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
struct Place {
    /// As messages call it.
    name: &'static str,
    /// Their service in AWS; `None` for the cluster.
    service: Option<Service>,
    kinds: Kinds,
}

const CLUSTER: Place = Place {
    name: "the cluster",
    service: None,
    kinds: &KINDS,
};

const IAM: Place = Place {
    name: "IAM",
    service: Some(Service::Roles),
    kinds: &[&IAM_ROLE],
};

/// Searched after the cluster, and before IAM.
const BETWEEN: [Place; 2] = [
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
];

/// The kinds of the cluster, and roles: those of a platform bear no mark of their own, but follow from that in the cluster.
static WITH_ROLES: LazyLock<Vec<&'static dyn Kind<Clients>>> = LazyLock::new(|| {
    let roles: Kinds = IAM.kinds;
    KINDS.iter().chain(roles).copied().collect()
});

/// The same, and what no list shows.
static ALL: LazyLock<Vec<&'static dyn Kind<Clients>>> =
    LazyLock::new(|| WITH_ROLES.iter().chain(named::KINDS).copied().collect());

/// What is left at a place, with the operation that deletes it; or why the place can't be searched.
type Searched = Result<(Operation<Clients>, Vec<Leftover<Clients>>), String>;

/// Searches every place, by its name.
pub(super) async fn search_all(
    session: &Arc<Session>,
    min_age: SignedDuration,
    now: Timestamp,
) -> Vec<(String, Searched)> {
    let mut roles = search(session, &IAM, min_age, now).await;
    // A cluster is searched though IAM can't be.
    let kinds = if roles.is_ok() {
        WITH_ROLES.as_slice()
    } else {
        CLUSTER.kinds
    };
    let mut cluster = search(session, &Place { kinds, ..CLUSTER }, min_age, now).await;
    let mut unknown = Vec::new();
    if let Ok((op, found)) = &mut cluster {
        unknown = complete(session, op, found).await;
    }
    if let (Ok((_, of_cluster)), Ok((_, alone))) = (&cluster, &mut roles) {
        alone.retain(|role| of_cluster.iter().all(|found| found.owner != role.owner));
    }
    let mut searched = vec![(CLUSTER.name.to_owned(), cluster)];
    searched.extend(unknown);
    for place in &BETWEEN {
        searched.push((place.name.to_owned(), search(session, place, min_age, now).await));
    }
    searched.push((IAM.name.to_owned(), roles));
    searched
}

/// Adds what no list shows. Of whom that can't be known nothing is to be deleted: it is taken out, with the reason.
async fn complete(
    session: &Arc<Session>,
    op: &mut Operation<Clients>,
    found: &mut Vec<Leftover<Clients>>,
) -> Vec<(String, Searched)> {
    op.kinds = ALL.as_slice();
    let (mut complete, mut unknown) = (Vec::new(), Vec::new());
    for mut leftover in std::mem::take(found) {
        match named::add(session, op, &mut leftover).await {
            Ok(()) => complete.push(leftover),
            Err(why) => {
                let name = format!("AWS, for what is left of {}", leftover.owner);
                unknown.push((
                    name,
                    Err(format!(
                        "{}. Nothing of it is listed or deleted.",
                        why.trim_end_matches('.')
                    )),
                ));
            }
        }
    }
    *found = complete;
    unknown
}

async fn search(session: &Arc<Session>, place: &Place, min_age: SignedDuration, now: Timestamp) -> Searched {
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
            return Err(
                "neither KUBE_CONFIG_PATH nor KUBE_HOST is set in the environment, and --cluster is not given"
                    .to_owned(),
            );
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
