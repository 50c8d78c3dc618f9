//! Update: only parts that change are written, and what is no longer rendered is deleted.

use futures::{StreamExt, stream};
use serde_json::Value;
use tfplugin_framework::Diagnostics;

use super::apply::Consent;
use super::create::{Request, instance_of, record};
use super::engine::{CONCURRENCY, Engine, Notes, Outcome};
use super::fields;
use super::observe::drifted_paths;
use super::order::levels;
use super::owner::{ADOPTED_ANNOTATION, OWNER_ANNOTATION, field_manager};
use super::part::{Part, Parts, Stamp, annotation};

/// What an update starts from.
pub struct Before<'a> {
    /// The parts as they were rendered from the prior state.
    pub parts: &'a [Part],
    /// What the state says of them.
    pub state: &'a Parts,
    /// The drift that the plan showed.
    pub drift: &'a [String],
    /// The notes of the last write.
    pub notes: Notes,
}

/// A part that was written.
struct Written {
    manifest: Value,
    object: Value,
    taken_over: Option<Diagnostics>,
}

impl Engine {
    /// Brings the parts from `before` to `parts`. The outcome holds what exists, also beside an error.
    pub async fn update(&self, parts: &[Part], before: Before<'_>, request: &Request) -> Outcome {
        let mut outcome = Outcome {
            parts: before.state.clone(),
            notes: before.notes.clone(),
            ..Outcome::default()
        };
        for level in levels(parts) {
            let changing: Vec<usize> = level
                .into_iter()
                .filter(|index| changes(&parts[*index], &before, request))
                .collect();
            let made: Vec<_> = stream::iter(changing)
                .map(|index| {
                    let before = &before;
                    async move { (index, self.update_part(&parts[index], before, request).await) }
                })
                .buffer_unordered(CONCURRENCY)
                .collect()
                .await;
            let mut applied = Vec::new();
            for (index, made) in made {
                match made {
                    Ok(Some(written)) => {
                        record(&mut outcome, &parts[index], &written.manifest, &written.object);
                        outcome.diagnostics.extend(written.taken_over.unwrap_or_default());
                        applied.push((index, written.object));
                    }
                    Ok(None) => outcome.diagnostics.extend(left_alone(&parts[index])),
                    Err(diagnostics) => outcome.diagnostics.extend(diagnostics),
                }
            }
            if outcome.diagnostics.has_errors() || !self.wait(parts, applied, &mut outcome).await {
                return outcome;
            }
        }
        self.remove_unrendered(parts, &before, request, &mut outcome).await;
        outcome
    }

    async fn update_part(
        &self,
        part: &Part,
        before: &Before<'_>,
        request: &Request,
    ) -> Result<Option<Written>, Diagnostics> {
        let live = self.objects().get(part.kind, part.namespace(), part.name()).await;
        let live = live.map_err(|error| self.refused(part, &error))?;
        let known = before.state.get(&part.address).and_then(|state| state.uid.as_str());
        if let Some(live) = &live {
            let same = live["metadata"]["uid"].as_str() == known;
            if !same && !self.owns(live) {
                return Err(self.not_ours(part, live));
            }
            if instance_of(live).is_some_and(|instance| instance != request.instance) {
                return Ok(None);
            }
        }
        let existed = live.as_ref().filter(|live| !self.made(live, &request.instance));
        if let Some(live) = live.as_ref().filter(|live| !self.owns(live) && existed.is_none()) {
            self.follow_owner(part, live).await?;
        }
        let adopted = existed.is_some()
            || live
                .as_ref()
                .is_some_and(|live| annotation(live, ADOPTED_ANNOTATION).is_some());
        let manifest = part.stamped(
            &self.owner,
            &Stamp {
                adopted,
                ..request.stamp(part)
            },
        );
        let applied = self.apply(part, &manifest, &consent(part, before)).await?;
        Ok(Some(Written {
            taken_over: existed.map(|live| taken_over(part, live)),
            manifest,
            object: applied.object,
        }))
    }

    /// Another `owner_id` is another field manager: it inherits the fields, or nobody could ever remove one of them.
    async fn follow_owner(&self, part: &Part, live: &Value) -> Result<(), Diagnostics> {
        let before = field_manager(annotation(live, OWNER_ANNOTATION).unwrap_or_default());
        let now = self.owner.field_manager();
        let handed = self.objects().hand_over(part.kind, live, &before, &now, &[]).await;
        handed.map_err(|error| self.refused(part, &error))
    }

    fn not_ours(&self, part: &Part, live: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "{} exists with uid {} and was not made by this resource. Nothing was changed there.\n\nDelete or rename it, and \
             apply again.",
            part.reference(),
            live["metadata"]["uid"]
        );
        diagnostics.remote(format!("{} is not ours", part.reference()), detail);
        diagnostics
    }

    async fn remove_unrendered(&self, parts: &[Part], before: &Before<'_>, request: &Request, outcome: &mut Outcome) {
        let names = |part: &Part| (part.kind, part.namespace().map(str::to_owned), part.name().to_owned());
        let wanted: Vec<_> = parts.iter().map(names).collect();
        let removed: Vec<Part> = before
            .parts
            .iter()
            .filter(|part| !wanted.contains(&names(part)))
            .cloned()
            .collect();
        let left = self.delete(&removed, before.state, &request.instance).await;
        outcome.diagnostics.extend(left.diagnostics);
        for part in before.parts {
            if !parts.iter().any(|kept| kept.address == part.address) {
                // An object that is wanted at another address now (a stray that was asked for after all) has its entry there.
                let stays =
                    removed.iter().any(|one| one.address == part.address) && left.parts.contains_key(&part.address);
                outcome.parts.retain(|address, _| *address != part.address || stays);
                outcome.notes.0.remove(&part.address);
                let secret = super::create::secret_address(&part.address);
                if !stays && secret != part.address && part.address.ends_with("certificate") {
                    outcome.parts.remove(&secret);
                }
            }
        }
    }
}

fn changes(part: &Part, before: &Before<'_>, request: &Request) -> bool {
    let state = before.state.get(&part.address);
    state.is_none_or(|state| state.digest != part.digest()) || part.address == request.configuration_at
}

fn consent(part: &Part, before: &Before<'_>) -> Consent {
    let mut paths = drifted_paths(before.drift, &part.address);
    let old = before.parts.iter().find(|old| old.address == part.address);
    if let Some(old) = old {
        paths.extend(fields::differences(&part.manifest, &old.manifest));
        paths.extend(fields::differences(&old.manifest, &part.manifest));
    }
    Consent {
        paths,
        ours: old.is_some(),
    }
}

/// The import was consent: the first update says from whom fields were taken.
fn taken_over(part: &Part, live: &Value) -> Diagnostics {
    let entries = live["metadata"]["managedFields"].as_array().into_iter().flatten();
    let mut managers: Vec<&str> = entries
        .filter(|entry| entry["subresource"].is_null())
        .filter_map(|entry| entry["manager"].as_str())
        .collect();
    managers.sort_unstable();
    managers.dedup();
    let detail = format!(
        "{} existed before it was imported. The fields that this resource sets are now managed by it; so far `{}` did. A destroy \
         will leave the object where it is.",
        part.reference(),
        managers.join("`, `")
    );
    let mut diagnostics = Diagnostics::new();
    diagnostics.warn(None, "An imported object was taken over", detail);
    diagnostics
}

/// What another instance has adopted is not touched.
pub(super) fn left_alone(part: &Part) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "{} belongs to another instance of this resource now. It was left alone.",
        part.reference()
    );
    diagnostics.warn(None, "A part was adopted elsewhere", detail);
    diagnostics
}
