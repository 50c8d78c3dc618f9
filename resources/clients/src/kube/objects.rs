//! Requests for single objects, as JSON: what the engine needs and no more.

use std::time::Duration;

use e2etls_engine::refusal::{Answer, Refusal};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kinds::{CERTIFICATE, DEPLOYMENT, Kind};
use super::requests::{Call, REQUEST};
use crate::present;

const APPLY: &str = "application/apply-patch+yaml";
const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json";

/// The objects of one cluster.
#[derive(Clone)]
pub struct Objects {
    pub(super) client: kube::Client,
    pub(super) limit: Duration,
}

/// What an apply did.
#[derive(Clone, Debug)]
pub struct AppliedObject {
    /// True if the object did not exist before (HTTP 201).
    pub created: bool,
    /// The object as it is now.
    pub object: Value,
}

/// How an apply is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyOptions {
    /// Take over fields of other managers.
    pub force: bool,
    /// Only answer what would be.
    pub dry_run: bool,
}

impl Objects {
    /// The objects that `client` reaches. Each request ends after [`REQUEST`].
    #[must_use]
    pub fn new(client: kube::Client) -> Self {
        Self { client, limit: REQUEST }
    }

    /// The same objects; each request ends after `limit`.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        Self {
            client: self.client.clone(),
            limit,
        }
    }

    /// Major and minor version of the API server.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn version(&self) -> Result<(String, String), Refusal> {
        #[derive(Deserialize)]
        struct Version {
            major: String,
            minor: String,
        }
        let call = Call::new(Method::GET, "/version".to_owned(), "the API server".to_owned());
        let (_, bytes) = call.send(&self.client, self.limit).await?;
        let Version { major, minor } = call.read(&bytes)?;
        Ok((major, minor))
    }

    /// Who we are to the API server: the name of the user that it made of our credentials.
    ///
    /// A `SelfSubjectReview` is created to ask, which is answered and not stored. Every authenticated user may do that: the
    /// ClusterRole `system:basic-user` of every cluster allows it.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn user(&self) -> Result<String, Refusal> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned();
        let call = Call::new(Method::POST, path, "SelfSubjectReview".to_owned()).body(JSON, &review);
        let (_, answer) = self.call(call).await?;
        Ok(answer["status"]["userInfo"]["username"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// The object, or `None` on 404 of an API that serves the kind.
    ///
    /// # Errors
    /// Any other answer, also [`Answer::KindMissing`].
    pub async fn get(&self, kind: Kind, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Refusal> {
        let found = self.call(call(Method::GET, kind, namespace, name, "")).await;
        Ok(present(found)?.map(|(_, object)| object))
    }

    /// Server-side apply of `manifest` under the field manager `manager`.
    ///
    /// # Errors
    /// If the call is refused or not answered; [`Answer::Conflict`] names the fields of other managers.
    pub async fn apply(
        &self,
        kind: Kind,
        manifest: &Value,
        manager: &str,
        options: ApplyOptions,
    ) -> Result<AppliedObject, Refusal> {
        let metadata = &manifest["metadata"];
        let name = metadata["name"].as_str().unwrap_or_default();
        let dry_run = if options.dry_run { "&dryRun=All" } else { "" };
        let query = format!("?fieldManager={manager}&force={}{dry_run}", options.force);
        let call = call(Method::PATCH, kind, metadata["namespace"].as_str(), name, &query);
        // JSON is YAML: the API server takes either under this type.
        let (code, object) = self.call(call.body(APPLY, manifest)).await?;
        Ok(AppliedObject {
            created: code == 201,
            object,
        })
    }

    /// Creates an object, `metadata.generateName` included.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn create(&self, kind: Kind, namespace: Option<&str>, manifest: &Value) -> Result<Value, Refusal> {
        let metadata = &manifest["metadata"];
        let name = metadata["name"].as_str().or(metadata["generateName"].as_str());
        let target = kind.reference(namespace, name.unwrap_or_default());
        let call = Call::new(Method::POST, kind.path(namespace), target).body(JSON, manifest);
        Ok(self.call(call).await?.1)
    }

    /// A merge patch of the status subresource.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn patch_status(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        patch: &Value,
    ) -> Result<Value, Refusal> {
        let call = call(Method::PATCH, kind, namespace, name, "/status").body(MERGE, patch);
        Ok(self.call(call).await?.1)
    }

    /// Deletes the object if it still has this uid. True if it is gone already, false if finalizers hold it.
    ///
    /// Pods go before their Deployment is gone, so that nothing serves when a delete has ended, and requests before their
    /// Certificate, so that one of the same name starts afresh. Dependents of other kinds follow by themselves.
    ///
    /// # Errors
    /// If the call is refused or not answered, except [`Answer::Absent`]; [`Answer::Conflict`] means that another object has the name now.
    pub async fn delete(&self, kind: Kind, namespace: Option<&str>, name: &str, uid: &str) -> Result<bool, Refusal> {
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": if [DEPLOYMENT, CERTIFICATE].contains(&kind) { "Foreground" } else { "Background" },
            "preconditions": {"uid": uid},
        });
        let call = call(Method::DELETE, kind, namespace, name, "").body(JSON, &options);
        match self.call(call).await {
            // A `Status` reports the end, and so does the object itself (of Services), unless it is marked.
            Ok((_, answer)) => Ok(answer["kind"] == "Status" || answer["metadata"]["deletionTimestamp"].is_null()),
            Err(refusal) if refusal.answer == Answer::Absent => Ok(true),
            Err(refusal) => Err(refusal),
        }
    }

    /// Hands the fields of the field manager `from` over to `to` without a change of their values, and removes `marks`, each
    /// a map of the metadata and a key in it (the way of client-go's `csaupgrade`).
    ///
    /// # Errors
    /// If the call is refused or not answered; [`Answer::Conflict`] if somebody wrote in between.
    pub async fn hand_over(
        &self,
        kind: Kind,
        live: &Value,
        from: &str,
        to: &str,
        marks: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        let metadata = &live["metadata"];
        let mut managers = metadata["managedFields"].clone();
        for entry in managers.as_array_mut().into_iter().flatten() {
            if entry["manager"] == from {
                entry["manager"] = to.into();
            }
        }
        let mut patch =
            json!({"metadata": {"resourceVersion": metadata["resourceVersion"], "managedFields": managers}});
        for (map, key) in marks {
            patch["metadata"][*map][*key] = Value::Null;
        }
        let name = metadata["name"].as_str().unwrap_or_default();
        let call = call(Method::PATCH, kind, metadata["namespace"].as_str(), name, "");
        self.call(call.body(MERGE, &patch)).await.map(drop)
    }

    /// The uid of an object that the caller may delete but not read, by a dry-run delete; `None` if there is none.
    ///
    /// A caller without `get` is answered with a `Status` that holds the uid and no data.
    ///
    /// # Errors
    /// If the call is refused or not answered, except [`Answer::Absent`].
    pub async fn uid_by_dry_run_delete(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<String>, Refusal> {
        match self
            .call(call(Method::DELETE, kind, namespace, name, "?dryRun=All"))
            .await
        {
            Ok((_, answer)) => {
                let uid = answer["details"]["uid"].as_str().or(answer["metadata"]["uid"].as_str());
                Ok(Some(uid.unwrap_or_default().to_owned()))
            }
            Err(refusal) if refusal.answer == Answer::Absent => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    pub(super) async fn call(&self, call: Call) -> Result<(u16, Value), Refusal> {
        let (code, bytes) = call.send(&self.client, self.limit).await?;
        Ok((code, call.read(&bytes)?))
    }
}

/// A request for one object; `rest` is what follows its name in the URL.
fn call(method: Method, kind: Kind, namespace: Option<&str>, name: &str, rest: &str) -> Call {
    let path = format!("{}/{name}{rest}", kind.path(namespace));
    Call::new(method, path, kind.reference(namespace, name))
}
