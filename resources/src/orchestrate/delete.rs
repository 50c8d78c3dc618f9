//! Delete: in reverse order, only what this instance made, with UID preconditions, until it is gone.

use serde_json::Value;
use tfplugin_framework::Diagnostics;

use super::create::{instance_of, secret_address};
use super::engine::{Engine, Outcome};
use super::look::Look;
use super::order::levels;
use super::owner::{ADOPTED_ANNOTATION, CONFIGURATION_ANNOTATION, CREATING_ANNOTATION, DOMAIN};
use super::part::{Part, PartState, Parts, Stamp, annotation};
use super::update::left_alone;
use e2etls_clients::kube::kinds::{CERTIFICATE, CONFIG_MAP, DEPLOYMENT, Kind, NAMESPACE, SECRET, SERVICE};
use e2etls_clients::kube::objects::Objects;
use e2etls_engine::refusal::{Answer, Refusal};

/// Field manager of objects that were released: their fields are nobody's who runs.
const RELEASED: &str = "e2etls-released";
impl Engine {
    /// Deletes the parts. The outcome holds what remains beside an error, and nothing after success.
    pub async fn delete(&self, parts: &[Part], state: &Parts, instance: &str) -> Outcome {
        let mut outcome = Outcome {
            parts: state.clone(),
            ..Outcome::default()
        };
        for level in levels(parts).into_iter().rev() {
            let deletes = level
                .iter()
                .map(|index| self.delete_part(&parts[*index], state, instance));
            for (index, deleted) in level.iter().zip(futures::future::join_all(deletes).await) {
                let address = &parts[*index].address;
                match deleted {
                    Ok(warnings) => {
                        outcome.diagnostics.extend(warnings);
                        outcome.parts.remove(address);
                        outcome
                            .parts
                            .retain(|other, _| parts[*index].kind != CERTIFICATE || *other != secret_address(address));
                    }
                    Err(diagnostics) => outcome.diagnostics.extend(diagnostics),
                }
            }
            if outcome.diagnostics.has_errors() {
                return outcome;
            }
        }
        outcome
    }

    /// The delete leg of a tainted replacement: the create leg will adopt what stays, so only the mark is set.
    pub async fn leave_for_create(&self, holder: &Part, now: &str) -> Result<(), Diagnostics> {
        let looks = self.look(std::slice::from_ref(holder)).await?;
        let Some(Look::Ours(object)) = looks.first() else {
            return Ok(());
        };
        if annotation(object, CREATING_ANNOTATION).is_some() {
            return Ok(());
        }
        let instance = instance_of(object).unwrap_or_default().to_owned();
        let configuration = annotation(object, CONFIGURATION_ANNOTATION).map(str::to_owned);
        let adopted = annotation(object, ADOPTED_ANNOTATION).is_some();
        let stamp = Stamp {
            instance,
            creating: Some(now.to_owned()),
            adopted,
            configuration,
        };
        let manifest = holder.stamped(&self.owner, &stamp);
        let consent = super::apply::Consent {
            paths: vec![String::new()],
            ours: true,
        };
        self.apply(holder, &manifest, &consent).await.map(|_| ())
    }

    async fn delete_part(&self, part: &Part, state: &Parts, instance: &str) -> Result<Diagnostics, Diagnostics> {
        let mut warnings = Diagnostics::new();
        let live = match self.objects().get(part.kind, part.namespace(), part.name()).await {
            Ok(live) => live,
            // Without its CRD an object can't exist.
            Err(error) if error.answer == Answer::KindMissing => None,
            Err(error) => return Err(self.refused(part, &error)),
        };
        let known = state.get(&part.address).and_then(|state| state.uid.as_str());
        if let Some(live) = live {
            if !self.made(&live, instance) {
                if live["metadata"]["uid"].as_str() == known {
                    warnings.extend(self.released(part));
                }
                return Ok(warnings);
            }
            if instance_of(&live).is_some_and(|other| other != instance) {
                return Ok(left_alone(part));
            }
            if annotation(&live, ADOPTED_ANNOTATION).is_some() {
                self.release(part, &live).await?;
                warnings.extend(self.released(part));
                return Ok(warnings);
            }
            if part.kind == NAMESPACE {
                self.namespace_is_empty(part).await?;
            }
            self.delete_object(part, &live).await?;
        }
        if let Some(secret) = state
            .get(&secret_address(&part.address))
            .filter(|_| part.kind == CERTIFICATE)
        {
            self.delete_secret(part, secret, &mut warnings).await;
        }
        Ok(warnings)
    }

    /// Gives up an object that existed before us: its fields stay as they are, without our marks.
    async fn release(&self, part: &Part, live: &Value) -> Result<(), Diagnostics> {
        let mut marks = Vec::new();
        for map in ["labels", "annotations"] {
            let keys = live["metadata"][map]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str());
            marks.extend(keys.filter(|key| key.starts_with(DOMAIN)).map(|key| (map, key)));
        }
        let released = self
            .objects()
            .hand_over(part.kind, live, &self.owner.field_manager(), RELEASED, &marks)
            .await;
        released.map_err(|error| self.refused(part, &error))
    }

    fn released(&self, part: &Part) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "{} existed before it was imported into {}, and was left in the cluster as it is. Delete it by hand if it is not \
             needed.",
            part.reference(),
            self.type_name
        );
        diagnostics.warn(None, "An object was released", detail);
        diagnostics
    }

    pub(super) async fn delete_object(&self, part: &Part, live: &Value) -> Result<(), Diagnostics> {
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        tracing::debug!("deleting {}", part.reference());
        let deleted = self
            .objects()
            .delete(part.kind, part.namespace(), part.name(), uid)
            .await;
        self.cluster.lists.forget(part.kind).await;
        if deleted.map_err(|error| self.refused(part, &error))? {
            return Ok(());
        }
        let gone = |seen: Option<&Value>| match seen {
            Some(object) if object["metadata"]["uid"] == uid => {
                Err(format!("finalizers {}", object["metadata"]["finalizers"]))
            }
            _ => Ok(()),
        };
        self.until(part, "is not gone yet", gone).await
    }

    async fn delete_secret(&self, certificate: &Part, secret: &PartState, warnings: &mut Diagnostics) {
        let name = certificate.manifest["spec"]["secretName"].as_str().unwrap_or_default();
        let uid = secret.uid.as_str().unwrap_or_default();
        let left = match uid {
            "" => "its uid is not known, because the provider may not delete Secrets or did not see it made".to_owned(),
            uid => match self.objects().delete(SECRET, certificate.namespace(), name, uid).await {
                Ok(_) => return,
                Err(error) => error.to_string(),
            },
        };
        let detail = format!(
            "Secret {}/{name}, in which cert-manager kept the key and certificate, was left: {left}.",
            certificate.namespace().unwrap_or_default()
        );
        warnings.warn(None, "A Secret was left", detail);
    }

    /// A namespace that we made is not deleted while it holds what is not ours.
    async fn namespace_is_empty(&self, namespace: &Part) -> Result<(), Diagnostics> {
        let foreign = in_use(self.objects(), namespace.name()).await;
        let foreign = foreign.map_err(|error| self.refused(namespace, &error))?;
        if foreign.is_empty() {
            return Ok(());
        }
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "Namespace {} still holds {}, which this resource did not make. The namespace was kept.\n\nMove or delete them, \
             and destroy again.",
            namespace.name(),
            foreign.join(", ")
        );
        diagnostics.remote("The namespace is in use", detail);
        Err(diagnostics)
    }
}

/// What runs, listens or stores in a namespace and is not being deleted, as `Kind name`.
///
/// # Errors
/// Any refusal.
pub async fn in_use(objects: &Objects, namespace: &str) -> Result<Vec<String>, Refusal> {
    const KINDS: [Kind; 5] = [
        DEPLOYMENT,
        Kind {
            kind: "StatefulSet",
            plural: "statefulsets",
            ..DEPLOYMENT
        },
        Kind {
            kind: "DaemonSet",
            plural: "daemonsets",
            ..DEPLOYMENT
        },
        Kind {
            kind: "PersistentVolumeClaim",
            plural: "persistentvolumeclaims",
            ..CONFIG_MAP
        },
        SERVICE,
    ];
    let mut found = Vec::new();
    for kind in KINDS {
        let objects = objects.list(kind, Some(namespace), "").await?;
        let stays = |object: &&Value| object["metadata"]["deletionTimestamp"].is_null();
        found.extend(
            objects
                .iter()
                .filter(stays)
                .filter_map(|object| Some(format!("{} {}", kind.kind, object["metadata"]["name"].as_str()?))),
        );
    }
    Ok(found)
}
