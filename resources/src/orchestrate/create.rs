//! Create: look first, mark, apply in order, wait, and remove the mark as the last call.

use futures::{StreamExt, stream};
use serde_json::Value;
use tfplugin_framework::{Attr, Diagnostics};

use super::apply::{Consent, note};
use super::engine::{CONCURRENCY, Engine, Outcome};
use super::look::Look;
use super::order::levels;
use super::owner::{ADOPTED_ANNOTATION, CREATING_ANNOTATION, INSTANCE_ANNOTATION};
use super::part::{NOT_READY, Part, PartState, Parts, Stamp, annotation};
use e2etls_clients::kube::kinds::{CERTIFICATE, Kind, SECRET};

/// What a create or an update is told beside the parts.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The instance to stamp.
    pub instance: String,
    /// The arguments as canonical JSON, kept on the part that says so.
    pub configuration: String,
    /// Address of the part that carries the configuration.
    pub configuration_at: String,
    /// RFC 3339 time for the mark of a create.
    pub now: String,
    /// The kinds among which strays of a killed create are looked for.
    pub kinds: &'static [Kind],
}

impl Engine {
    /// Makes all parts, the first of which is the holder of the mark.
    ///
    /// A create that was interrupted anywhere is found by its mark and finished; objects of others are never touched.
    /// The outcome holds what exists, also beside an error.
    pub async fn create(&self, parts: &[Part], request: &Request) -> Outcome {
        let mut outcome = Outcome::default();
        let looks = match self.look(parts).await {
            Ok(looks) => looks,
            Err(diagnostics) => return Outcome { diagnostics, ..outcome },
        };
        match self.may_create(parts, &looks).await {
            Ok(warnings) => outcome.diagnostics.extend(warnings),
            Err(diagnostics) => return Outcome { diagnostics, ..outcome },
        }
        let mark = looks
            .first()
            .and_then(Look::ours)
            .and_then(|holder| annotation(holder, CREATING_ANNOTATION));
        let killed_before = mark.is_some();
        let mark = mark.unwrap_or(&request.now).to_owned();
        for level in levels(parts) {
            if !self
                .create_level(&level, parts, &looks, request, &mark, &mut outcome)
                .await
            {
                self.explain_failed_create(&mut outcome.diagnostics);
                return outcome;
            }
        }
        let finished = async {
            if killed_before {
                self.delete_strays(request.kinds, parts).await?;
            }
            self.create_finished(&parts[0], &looks[0], request).await
        };
        match finished.await {
            Ok((manifest, object)) => record(&mut outcome, &parts[0], &manifest, &object),
            Err(diagnostics) => {
                outcome.diagnostics.extend(diagnostics);
                self.explain_failed_create(&mut outcome.diagnostics);
            }
        }
        outcome
    }

    async fn create_level(
        &self,
        level: &[usize],
        parts: &[Part],
        looks: &[Look],
        request: &Request,
        mark: &str,
        outcome: &mut Outcome,
    ) -> bool {
        let made: Vec<_> = stream::iter(level.iter().copied())
            .map(|index| async move {
                let creating = (index == 0).then(|| mark.to_owned());
                (
                    index,
                    self.create_part(&parts[index], &looks[index], request, creating).await,
                )
            })
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        let mut ready = Vec::new();
        for (index, made) in made {
            match made {
                Ok((manifest, object)) => {
                    record(outcome, &parts[index], &manifest, &object);
                    ready.push((index, object));
                }
                Err(diagnostics) => outcome.diagnostics.extend(diagnostics),
            }
        }
        if outcome.diagnostics.has_errors() {
            return false;
        }
        self.wait(parts, ready, outcome).await
    }

    async fn create_part(
        &self,
        part: &Part,
        look: &Look,
        request: &Request,
        creating: Option<String>,
    ) -> Result<(Value, Value), Diagnostics> {
        let stamp = Stamp {
            adopted: look
                .ours()
                .is_some_and(|object| annotation(object, ADOPTED_ANNOTATION).is_some()),
            creating,
            ..request.stamp(part)
        };
        let manifest = part.stamped(&self.owner, &stamp);
        let existed = look.ours().is_some();
        // What carries our mark was applied by us: a finished create would have consented to its content.
        let consent = Consent {
            paths: if existed { vec![String::new()] } else { Vec::new() },
            ours: existed,
        };
        let applied = self.apply(part, &manifest, &consent).await?;
        if applied.created || existed {
            return Ok((manifest, applied.object));
        }
        self.withdraw(part).await;
        let mut diagnostics = Diagnostics::new();
        diagnostics.remote(
            format!("{} appeared meanwhile", part.reference()),
            "Somebody created the object between our look and our apply. What we applied was withdrawn.\n\nPlan again.",
        );
        Err(diagnostics)
    }

    /// Gives up what we applied to an object that is not ours, by applying an empty set.
    pub(super) async fn withdraw(&self, part: &Part) {
        let mut empty = serde_json::json!({
            "apiVersion": part.kind.api_version(), "kind": part.kind.kind, "metadata": {"name": part.name()},
        });
        if let Some(namespace) = part.namespace() {
            empty["metadata"]["namespace"] = namespace.into();
        }
        if let Err(error) = self
            .objects()
            .apply(part.kind, &empty, &self.owner.field_manager(), Default::default())
            .await
        {
            tracing::warn!("could not withdraw from {}: {error}", part.reference());
        }
    }

    /// Waits until all of a level are ready.
    pub(super) async fn wait(&self, parts: &[Part], applied: Vec<(usize, Value)>, outcome: &mut Outcome) -> bool {
        let waits = applied.iter().map(|(index, object)| async move {
            match &parts[*index].ready {
                Some(ready) => ready.wait(self, &parts[*index], object).await,
                None => Ok(()),
            }
        });
        let waited = futures::future::join_all(waits).await;
        for ((index, _), failed) in applied.iter().zip(waited) {
            let Err(diagnostics) = failed else { continue };
            outcome.diagnostics.extend(diagnostics);
            // What was not seen to work has to be tried again: the next plan must not be empty.
            if let Some(state) = outcome.parts.get_mut(&parts[*index].address) {
                state.digest = Attr::Known(NOT_READY.to_owned());
            }
        }
        for (index, _) in applied {
            self.record_secret(&parts[index], &mut outcome.parts).await;
        }
        !outcome.diagnostics.has_errors()
    }

    /// The Secret that cert-manager made for a Certificate becomes an entry of its own, so that destroy can remove it.
    pub(super) async fn record_secret(&self, part: &Part, parts: &mut Parts) {
        let Some(secret) = part.manifest["spec"]["secretName"].as_str() else {
            return;
        };
        let address = secret_address(&part.address);
        let kept =
            |kept: &PartState| kept.r#ref == secret_state(part, Attr::Unknown).r#ref && kept.uid.known().is_some();
        if part.kind != CERTIFICATE || parts.get(&address).is_some_and(kept) {
            return;
        }
        let uid = self
            .objects()
            .uid_by_dry_run_delete(SECRET, part.namespace(), secret)
            .await
            .ok()
            .flatten();
        parts.insert(address, secret_state(part, Attr::Known(uid.unwrap_or_default())));
    }

    async fn create_finished(
        &self,
        holder: &Part,
        look: &Look,
        request: &Request,
    ) -> Result<(Value, Value), Diagnostics> {
        let adopted = look
            .ours()
            .is_some_and(|object| annotation(object, ADOPTED_ANNOTATION).is_some());
        let manifest = holder.stamped(
            &self.owner,
            &Stamp {
                adopted,
                ..request.stamp(holder)
            },
        );
        let consent = Consent {
            paths: vec![String::new()],
            ours: true,
        };
        let applied = self.apply(holder, &manifest, &consent).await?;
        Ok((manifest, applied.object))
    }

    fn explain_failed_create(&self, diagnostics: &mut Diagnostics) {
        diagnostics.remote(
            format!("The create of {} is not finished", self.type_name),
            "Everything made so far is kept. `terraform untaint ADDRESS`, then `terraform apply` finishes it; a plain \
             `terraform apply` destroys and rebuilds it.",
        );
    }
}

impl Request {
    pub(super) fn stamp(&self, part: &Part) -> Stamp {
        Stamp {
            instance: self.instance.clone(),
            configuration: (part.address == self.configuration_at).then(|| self.configuration.clone()),
            ..Stamp::default()
        }
    }
}

/// Enters a part that exists into the outcome.
pub(super) fn record(outcome: &mut Outcome, part: &Part, manifest: &Value, object: &Value) {
    note(&mut outcome.notes, part, manifest, object);
    let state = PartState {
        r#ref: Attr::Known(part.reference()),
        uid: Attr::Known(object["metadata"]["uid"].as_str().unwrap_or_default().to_owned()),
        digest: part.digest(),
    };
    outcome.parts.insert(part.address.clone(), state);
}

/// `proxy/certificate` → `proxy/secret`.
#[must_use]
pub fn secret_address(certificate: &str) -> String {
    format!(
        "{}secret",
        certificate.strip_suffix("certificate").unwrap_or(certificate)
    )
}

/// The entry of the Secret that belongs to a Certificate: cert-manager owns its content, so no digest follows it.
#[must_use]
pub fn secret_state(certificate: &Part, uid: Attr<String>) -> PartState {
    let name = certificate.manifest["spec"]["secretName"].as_str().unwrap_or_default();
    let reference = format!("Secret {}/{name}", certificate.namespace().unwrap_or_default());
    PartState {
        r#ref: if super::unknown::is_unknown(&Value::from(reference.as_str())) {
            Attr::Unknown
        } else {
            reference.into()
        },
        uid,
        digest: Attr::Known("cert-manager".to_owned()),
    }
}

/// The instance that an object carries.
#[must_use]
pub fn instance_of(object: &Value) -> Option<&str> {
    annotation(object, INSTANCE_ANNOTATION)
}
