//! What the controller says about Ingresses and Services.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};

/// Publishes events as the controller.
#[derive(Clone)]
pub(super) struct Events(Recorder);

impl Events {
    pub(super) fn new(client: Client) -> Self {
        let reporter = Reporter {
            controller: "aws-load-balancer-controller".into(),
            instance: Some("lab".into()),
        };
        Self(Recorder::new(client, reporter))
    }

    pub(super) async fn warn(&self, about: &[ObjectReference], reason: &str, note: String) {
        self.publish(about, EventType::Warning, reason, note).await;
    }

    pub(super) async fn note(&self, about: &[ObjectReference], reason: &str, note: String) {
        self.publish(about, EventType::Normal, reason, note).await;
    }

    async fn publish(&self, about: &[ObjectReference], type_: EventType, reason: &str, mut note: String) {
        note.truncate(note.floor_char_boundary(1000));
        let event = Event {
            type_,
            reason: reason.to_owned(),
            note: Some(note),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        for object in about {
            if let Err(error) = self.0.publish(&event, object).await {
                tracing::debug!(%error, reason, "event not published");
            }
        }
    }
}
