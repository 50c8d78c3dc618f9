//! Read: what is seen of the parts, from shared lists.

use futures::{StreamExt, stream};
use serde_json::Value;
use tfplugin_framework::{Attr, Diagnostics};

use super::create::{instance_of, secret_address};
use super::engine::{CONCURRENCY, Engine, Notes};
use super::fields;
use super::owner::{OWNER_ANNOTATION, OWNER_LABEL};
use super::part::{DRIFTED, NOT_READY, Part, PartState, Parts, digest};
use e2etls_clients::kube::kinds::{CERTIFICATE, SECRET};
use e2etls_clients::kube::lists::Freshness;
use e2etls_clients::kube::objects::ApplyOptions;

/// What a read has seen.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The parts as they are; a part that is gone has an empty uid.
    pub parts: Parts,
    /// `address path` of every field of ours that differs, `address` alone for a part that is gone.
    pub drift: Vec<String>,
    /// Whether any of the parts is there.
    pub found: bool,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

impl Engine {
    /// Sees what is there of `parts`, as they were last applied; `prior` is what the state says of them.
    ///
    /// # Errors
    /// Any request that got no clear answer: doubt is never "gone".
    pub async fn observe(
        &self,
        parts: &[Part],
        prior: &Parts,
        notes: &Notes,
        instance: &str,
    ) -> Result<Observed, Diagnostics> {
        let found: Vec<_> = stream::iter(0..parts.len())
            .map(|index| async move {
                let part = &parts[index];
                (
                    part,
                    self.cluster
                        .lists
                        .find(part.kind, part.namespace(), part.name(), Freshness::Recent)
                        .await,
                )
            })
            .buffered(CONCURRENCY)
            .collect()
            .await;
        // What is not rendered (cert-manager's Secrets) is carried on.
        let kept = prior.iter().filter(|(address, state)| {
            !parts.iter().any(|part| part.address == **address) && state.digest.as_str() == Some("cert-manager")
        });
        let kept = kept.map(|(address, state)| (address.clone(), state.clone())).collect();
        let mut observed = Observed {
            parts: kept,
            ..Observed::default()
        };
        for (part, answer) in found {
            let live = answer.map_err(|error| self.refused(part, &error))?;
            let mut state = self.observe_part(part, live.as_ref(), notes, instance, &mut observed);
            let before = prior.get(&part.address).map(|before| &before.digest);
            if before.and_then(Attr::as_str) == Some(NOT_READY) && state.digest == part.digest() {
                // It was never seen to work: that stays in the plan until an apply has seen it.
                state.digest = NOT_READY.to_owned().into();
                observed.drift.push(part.address.clone());
            }
            observed.parts.insert(part.address.clone(), state);
            observed.found |= live.is_some();
        }
        Ok(observed)
    }

    fn observe_part(
        &self,
        part: &Part,
        live: Option<&Value>,
        notes: &Notes,
        instance: &str,
        observed: &mut Observed,
    ) -> PartState {
        let reference = Attr::Known(part.reference());
        let Some(live) = live else {
            observed.drift.push(part.address.clone());
            return PartState {
                r#ref: reference,
                uid: String::new().into(),
                digest: format!("{DRIFTED}absent").into(),
            };
        };
        if instance_of(live).is_some_and(|other| other != instance) {
            let detail = format!(
                "{} belongs to another instance of this resource now and will be left alone.",
                part.reference()
            );
            observed.diagnostics.warn(None, "A part was adopted elsewhere", detail);
        }
        let own_way = notes.0.get(&part.address);
        let mut paths: Vec<String> = fields::differences(&part.manifest, live)
            .into_iter()
            .filter(|path| own_way.and_then(|own_way| own_way.get(path)) != Some(fields::at(live, path)))
            .collect();
        // Another `owner_id` re-stamps what this instance made.
        if instance_of(live) == Some(instance) && !self.owns(live) {
            paths.extend([
                format!(".metadata.labels.{OWNER_LABEL}"),
                format!(".metadata.annotations.{OWNER_ANNOTATION}"),
            ]);
        }
        let digest = if paths.is_empty() {
            part.digest()
        } else {
            let values: Vec<&Value> = paths.iter().map(|path| fields::at(live, path)).collect();
            Attr::Known(format!("{DRIFTED}{}", digest(&serde_json::json!([paths, values]))))
        };
        observed
            .drift
            .extend(paths.iter().map(|path| format!("{} {path}", part.address)));
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        PartState {
            r#ref: reference,
            uid: uid.into(),
            digest,
        }
    }

    /// True if the Secret of a Certificate that is gone is still there: it is ours to delete, so the resource is not gone.
    ///
    /// # Errors
    /// Any request that got no clear answer.
    pub async fn leaves_a_secret(&self, parts: &[Part], state: &Parts) -> Result<bool, Diagnostics> {
        for part in parts.iter().filter(|part| part.kind == CERTIFICATE) {
            let uid = state
                .get(&secret_address(&part.address))
                .and_then(|secret| secret.uid.as_str())
                .filter(|uid| !uid.is_empty());
            let (Some(uid), Some(name)) = (uid, part.manifest["spec"]["secretName"].as_str()) else {
                continue;
            };
            let found = self
                .objects()
                .uid_by_dry_run_delete(SECRET, part.namespace(), name)
                .await;
            if found.map_err(|error| self.refused(part, &error))?.as_deref() == Some(uid) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Learns how the API server would write the parts, without writing: the notes of an imported resource.
    ///
    /// # Errors
    /// Any refusal of the dry run.
    pub async fn baseline(&self, parts: &[Part]) -> Result<Notes, Diagnostics> {
        let mut notes = Notes::default();
        for part in parts {
            let options = ApplyOptions {
                force: true,
                dry_run: true,
            };
            let applied = self
                .objects()
                .apply(part.kind, &part.manifest, &self.owner.field_manager(), options)
                .await
                .map_err(|error| self.refused(part, &error))?;
            super::apply::note(&mut notes, part, &part.manifest, &applied.object);
        }
        Ok(notes)
    }
}

/// The paths of `drift` that belong to the part at `address`.
#[must_use]
pub fn drifted_paths(drift: &[String], address: &str) -> Vec<String> {
    drift
        .iter()
        .filter_map(|entry| entry.strip_prefix(address)?.strip_prefix(' '))
        .map(str::to_owned)
        .collect()
}
