//! Writes by server-side apply: without force, unless every conflict lies where the consent allows it.

use e2etls_clients::kube::kinds::DEPLOYMENT;
use e2etls_clients::kube::objects::{AppliedObject, ApplyOptions};
use e2etls_engine::kind::{Consent, Kind as _, Observed, Put};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::{Value, json};

use super::manifest::{ManifestKind, place};
use super::{fields, labels, marks};
use crate::kinds::Clients;

/// How often fields are handed over anew because somebody wrote in between.
const ATTEMPTS: u32 = 5;

/// No object has this version: an apply under it is refused where there is one, and creates where there is none.
const OF_NOTHING: &str = "1";

/// Creates or changes the object of a part.
pub(super) async fn put(
    kind: &ManifestKind,
    op: &Operation<Clients>,
    put: Put<'_, Clients>,
) -> Result<Observed, Refusal> {
    let writer = Writer::new(kind, op);
    let manifest = labels::with(marks::stamp(&put.part.content, put.marks), &op.remotes.labels);
    match put.over {
        None => writer.create(manifest).await.map(|object| kind.observed(object)),
        Some(over) => {
            let object = writer.write_over(manifest, over, put.consent).await?;
            Ok(Observed {
                // The previous managers of what was taken over are reported.
                managers: over.managers.clone(),
                ..kind.observed(object)
            })
        }
    }
}

/// Releases an object: its fields are kept, without our marks.
pub(super) async fn release(kind: &ManifestKind, op: &Operation<Clients>, object: &Observed) -> Result<(), Refusal> {
    Writer::new(kind, op).release(object).await
}

struct Writer<'a> {
    kind: &'a ManifestKind,
    op: &'a Operation<Clients>,
    /// The field manager of the operation's owner.
    manager: String,
}

impl<'a> Writer<'a> {
    fn new(kind: &'a ManifestKind, op: &'a Operation<Clients>) -> Self {
        let manager = marks::field_manager(&op.owner.to_string());
        Self { kind, op, manager }
    }

    async fn apply(&self, manifest: &Value, force: bool) -> Result<AppliedObject, Refusal> {
        let cluster = self.op.remotes.cluster();
        let options = ApplyOptions { force, dry_run: false };
        let applied = cluster
            .objects
            .apply(self.kind.kind, manifest, &self.manager, options)
            .await;
        cluster.lists.forget(self.kind.kind).await;
        applied
    }

    /// Applies where nothing exists. An object that exists after all is left unchanged.
    async fn create(&self, mut manifest: Value) -> Result<Value, Refusal> {
        manifest["metadata"]["resourceVersion"] = json!(OF_NOTHING);
        match self.apply(&manifest, false).await {
            Ok(applied) => Ok(applied.object),
            Err(refusal) if matches!(refusal.answer, Answer::Conflict(_)) => Err(refusal.but(Answer::Exists)),
            Err(refusal) => Err(refusal),
        }
    }

    /// Applies over the object that was seen.
    async fn write_over(&self, mut manifest: Value, over: &Observed, consent: &Consent) -> Result<Value, Refusal> {
        self.follow_owner(over).await?;
        self.give_up_replicas(&manifest, over).await?;
        // Only that object: an apply would make another one where it is gone.
        manifest["metadata"]["uid"] = json!(over.uid);
        let refusal = match self.apply(&manifest, false).await {
            Ok(applied) => return Ok(applied.object),
            Err(refusal) => refusal,
        };
        match refusal.answer.clone() {
            Answer::Conflict(causes) if causes.is_empty() => Err(refusal.but(Answer::Absent)),
            Answer::Conflict(causes) => {
                let foreign: Vec<Cause> = causes.into_iter().filter(|cause| !may_take(cause, consent)).collect();
                if !foreign.is_empty() {
                    return Err(refusal.but(Answer::Conflict(foreign)));
                }
                self.apply(&manifest, true).await.map(|applied| applied.object)
            }
            // So it says too where another object has the name.
            Answer::Invalid if !self.is_there(over).await? => Err(refusal.but(Answer::Absent)),
            _ => Err(refusal),
        }
    }

    /// Leaves the number of replicas to an autoscaler, as it is.
    async fn give_up_replicas(&self, manifest: &Value, over: &Observed) -> Result<(), Refusal> {
        let replicas = &over.content["spec"]["replicas"];
        let given = replicas.is_null() || !manifest["spec"]["replicas"].is_null();
        if self.kind.kind != DEPLOYMENT || given || !manages_replicas(&over.content, &self.manager) {
            return Ok(());
        }
        let (namespace, name) = place(self.kind.kind, &over.name);
        let kept = json!({"apiVersion": manifest["apiVersion"], "kind": manifest["kind"],
            "metadata": {"name": name, "namespace": namespace, "uid": over.uid}, "spec": {"replicas": replicas}});
        let options = ApplyOptions {
            force: false,
            dry_run: false,
        };
        let objects = &self.op.remotes.cluster().objects;
        match objects.apply(DEPLOYMENT, &kept, marks::AUTOSCALED, options).await {
            // An autoscaler has set it.
            Err(refusal) if matches!(refusal.answer, Answer::Conflict(_)) => Ok(()),
            applied => applied.map(drop),
        }
    }

    async fn is_there(&self, over: &Observed) -> Result<bool, Refusal> {
        let (namespace, name) = place(self.kind.kind, &over.name);
        let found = self
            .op
            .remotes
            .cluster()
            .objects
            .get(self.kind.kind, namespace, name)
            .await?;
        Ok(found.is_some_and(|found| found["metadata"]["uid"] == over.uid))
    }

    /// Another owner is another field manager: it inherits the fields, or nobody could ever remove one of them.
    async fn follow_owner(&self, over: &Observed) -> Result<(), Refusal> {
        let before = marks::annotation(&over.content, marks::OWNER_ANNOTATION).map(marks::field_manager);
        match before.filter(|before| *before != self.manager) {
            Some(before) => self.hand_over(over, &before, &self.manager, |_| Vec::new()).await,
            None => Ok(()),
        }
    }

    async fn release(&self, object: &Observed) -> Result<(), Refusal> {
        let owner = marks::annotation(&object.content, marks::OWNER_ANNOTATION);
        let manager = owner.map_or_else(|| self.manager.clone(), marks::field_manager);
        self.hand_over(object, &manager, marks::RELEASED, marks::all).await
    }

    /// Hands fields over and removes marks; again where somebody wrote in between.
    async fn hand_over(
        &self,
        object: &Observed,
        from: &str,
        to: &str,
        marks: impl for<'m> Fn(&'m Value) -> Vec<(&'static str, &'m str)>,
    ) -> Result<(), Refusal> {
        let cluster = self.op.remotes.cluster();
        let (namespace, name) = place(self.kind.kind, &object.name);
        for tries in 0.. {
            // Lists lack the managers.
            let seen = Some(&object.content).filter(|seen| tries == 0 && seen["metadata"]["managedFields"].is_array());
            let live = match seen {
                Some(seen) => Some(seen.clone()),
                None => cluster.objects.get(self.kind.kind, namespace, name).await?,
            };
            let live = live.filter(|live| live["metadata"]["uid"] == object.uid);
            let Some(live) = live else {
                return Err(self.absent(&object.name));
            };
            let marks = marks(&live);
            if marks.is_empty() && !manages(&live, from) {
                return Ok(());
            }
            let handed = cluster.objects.hand_over(self.kind.kind, &live, from, to, &marks).await;
            cluster.lists.forget(self.kind.kind).await;
            match handed {
                Err(refusal) if tries < ATTEMPTS && matches!(refusal.answer, Answer::Conflict(_)) => {}
                other => return other,
            }
        }
        Ok(())
    }

    fn absent(&self, name: &str) -> Refusal {
        Refusal::new(Answer::Absent, "GET", self.reference(name), "the object is gone")
    }

    fn reference(&self, name: &str) -> String {
        e2etls_engine::part::reference(self.kind.name(), name)
    }
}

/// True if the object has fields of this manager.
fn manages(object: &Value, manager: &str) -> bool {
    let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    entries.into_iter().any(|entry| entry["manager"] == manager)
}

/// True unless the object says that this manager has no say in its replicas. Lists lack the managers.
fn manages_replicas(object: &Value, manager: &str) -> bool {
    let Some(entries) = object["metadata"]["managedFields"].as_array() else {
        return true;
    };
    let mut own = entries.iter().filter(|entry| entry["manager"] == manager);
    own.any(|entry| !entry["fieldsV1"]["f:spec"]["f:replicas"].is_null())
}

trait But {
    /// The same refusal with another answer.
    fn but(self, answer: Answer) -> Self;
}

impl But for Refusal {
    fn but(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }
}

/// True if a field of somebody else may be taken over.
fn may_take(cause: &Cause, consent: &Consent) -> bool {
    let consented = |path: &String| path.is_empty() || fields::overlaps(path, &cause.field);
    !is_autoscaler(cause) && (consent.force || consent.paths.iter().any(consented))
}

/// True if whoever sets the replicas would set them again.
fn is_autoscaler(cause: &Cause) -> bool {
    let by_hand = cause.manager.starts_with("kubectl") || marks::is_our_manager(&cause.manager);
    cause.field == ".spec.replicas" && !by_hand
}
