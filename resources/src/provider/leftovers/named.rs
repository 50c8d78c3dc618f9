//! Objects that no list shows: the arguments that an unfinished create kept in the cluster tell their names.

use std::sync::Arc;

use e2etls_engine::kind::{Identity, Reading};
use e2etls_engine::leftovers::Leftover;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;

use crate::kinds::aws::acm_certificate::ACM_CERTIFICATE;
use crate::kinds::aws::alias_record::ALIAS_RECORD;
use crate::kinds::aws::eks::{ADDON, ASSOCIATION};
use crate::kinds::aws::metric_alarm::METRIC_ALARM;
use crate::kinds::{Clients, Kinds};
use crate::lifecycle::{Managed as _, arguments};
use crate::platform::model::Platform;
use crate::session::Session;
use crate::stack::model::Stack;

/// What is looked up by name.
pub(super) const KINDS: Kinds = &[&ACM_CERTIFICATE, &ALIAS_RECORD, &METRIC_ALARM, &ADDON, &ASSOCIATION];

/// Adds to `leftover` what its arguments name. Whoever fails here must keep all of it: with the arguments the names would be
/// lost.
pub(super) async fn add(
    session: &Arc<Session>,
    op: &Operation<Clients>,
    leftover: &mut Leftover<Clients>,
) -> Result<(), String> {
    for part in parts(session, leftover)? {
        let is_named = |name: &str| KINDS.iter().any(|kind| kind.name() == name);
        let Some(kind) = part.kind.filter(|kind| is_named(kind.name())) else {
            continue;
        };
        if part.name.contains(UNKNOWN) {
            return Err("the EKS name of its cluster is not known: use --cluster NAME".to_owned());
        }
        let found = match kind.identity() {
            Identity::Named => {
                let look = kind.look(op, part.target(None), Reading::Fresh);
                op.bounded(look).await.map(|found| found.into_iter().collect())
            }
            Identity::Given => {
                let search = kind.of_owner(op, Some(&leftover.owner), Some(&part), Reading::Fresh);
                op.bounded(search).await
            }
        };
        for object in found.map_err(|refusal| format!("{}: {refusal}", part.reference()))? {
            leftover.add(kind, object);
        }
    }
    Ok(())
}

/// The parts of the resource, as the arguments that it kept say.
fn parts(session: &Arc<Session>, leftover: &Leftover<Clients>) -> Result<Vec<Part<Clients>>, String> {
    // An owner_id may hold slashes: `owner_id/resource/place/namespace/name`.
    let mut steps = leftover.owner.rsplit('/').skip(2);
    let (Some(uid), Some(resource)) = (steps.next(), steps.next()) else {
        return Ok(Vec::new());
    };
    let kept = leftover.objects.iter().filter_map(|(_, object)| object.marks.as_ref());
    let Some(text) = kept.filter_map(|marks| marks.configuration.as_deref()).next() else {
        return Ok(Vec::new());
    };
    let parts = match resource {
        Stack::NAME => arguments::parts::<Stack>(session, uid, text),
        Platform::NAME => arguments::parts::<Platform>(session, uid, text),
        _ => Ok(Vec::new()),
    };
    parts.map_err(|why| {
        let words = why.iter().map(|one| format!("{}: {}", one.what, one.cause));
        words.collect::<Vec<_>>().join(" ")
    })
}
