//! Strays: objects of this owner that no argument asks for. A create or an update that was killed has made them, and the
//! arguments have changed since.

use serde_json::{Value, json};
use tfplugin_framework::{Attr, Diagnostics};

use super::engine::Engine;
use super::owner::OWNER_LABEL;
use super::part::{DRIFTED, Part, PartState, Parts};
use e2etls_clients::kube::kinds::Kind;
use e2etls_clients::kube::lists::Freshness;
use e2etls_engine::refusal::Answer;

/// What starts the address of a stray in `parts`.
const PREFIX: &str = "stray/";

impl Engine {
    /// The strays among the shared lists of a refresh, of the kinds that this resource may have.
    ///
    /// # Errors
    /// Any request that got no clear answer.
    pub async fn strays(&self, kinds: &[Kind], parts: &[Part]) -> Result<Vec<Value>, Diagnostics> {
        let namespace = self.owner.namespace.as_deref();
        let mut strays = Vec::new();
        for kind in kinds {
            let found = self
                .cluster
                .lists
                .labelled(*kind, namespace, &self.owner.label(), Freshness::Recent)
                .await;
            match found {
                Ok(objects) => strays.extend(objects.into_iter().filter(|object| self.is_stray(object, parts))),
                Err(error) if error.answer == Answer::KindMissing => {}
                Err(error) => return Err(self.refused(&Part::new("strays", example(*kind)), &error)),
            }
        }
        Ok(strays)
    }

    /// Deletes the strays of a create that was killed and is being finished with other arguments, whatever their instance.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn delete_strays(&self, kinds: &[Kind], parts: &[Part]) -> Result<(), Diagnostics> {
        let namespace = self.owner.namespace.as_deref();
        let selector = format!("{OWNER_LABEL}={}", self.owner.label());
        for kind in kinds {
            let found = self.objects().list(*kind, namespace, &selector).await;
            let found = found.map_err(|error| self.refused(&Part::new("strays", example(*kind)), &error))?;
            for object in found {
                if self.is_stray(&object, parts) {
                    self.delete_object(&part_of(&object), &object).await?;
                }
            }
        }
        Ok(())
    }

    fn is_stray(&self, object: &Value, parts: &[Part]) -> bool {
        let is = |part: &Part| object["kind"] == part.kind.kind && object["metadata"]["name"] == part.name();
        self.owns(object) && !parts.iter().any(is)
    }
}

/// A stray as `parts` shows it.
#[must_use]
pub fn entry(object: &Value) -> (String, PartState) {
    let part = part_of(object);
    let state = PartState {
        r#ref: part.reference().into(),
        uid: Attr::Known(object["metadata"]["uid"].as_str().unwrap_or_default().to_owned()),
        digest: format!("{DRIFTED}stray").into(),
    };
    (part.address, state)
}

/// The strays that a state holds, to be deleted like parts that are no longer rendered.
#[must_use]
pub fn of_state(state: &Parts, namespace: Option<&str>) -> Vec<Part> {
    let parts = state.keys().filter_map(|address| {
        let (kind, name) = address.strip_prefix(PREFIX)?.split_once('/')?;
        let kind = Kind::named(kind)?;
        let object = json!({"apiVersion": kind.api_version(), "kind": kind.kind,
            "metadata": {"name": name, "namespace": namespace}});
        Some(Part::new(address.clone(), object))
    });
    parts.collect()
}

fn part_of(object: &Value) -> Part {
    let (kind, name) = (object["kind"].as_str().unwrap_or_default(), &object["metadata"]["name"]);
    let manifest = json!({"apiVersion": object["apiVersion"], "kind": kind,
        "metadata": {"name": name, "namespace": object["metadata"]["namespace"]}});
    Part::new(
        format!("{PREFIX}{kind}/{}", name.as_str().unwrap_or_default()),
        manifest,
    )
}

/// Stands for all objects of a kind in a message.
fn example(kind: Kind) -> Value {
    json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": "of this resource"}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_comes_back_from_state_as_a_part() {
        let object = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "shop-proxy", "namespace": "shop", "uid": "u"}});
        let (address, state) = entry(&object);
        assert_eq!(address, "stray/PodDisruptionBudget/shop-proxy");
        assert_eq!(state.uid.as_str(), Some("u"));
        let parts = of_state(
            &Parts::from([(address, state.clone()), ("proxy/pdb".to_owned(), state)]),
            Some("shop"),
        );
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].reference(), "PodDisruptionBudget shop/shop-proxy");
    }
}
