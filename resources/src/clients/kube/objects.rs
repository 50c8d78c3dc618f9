//! Requests for single objects and lists, as JSON: what the engine needs and no more.

use bytes::Bytes;
use http::{Method, Request};
use kube::client::Body;
use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::{ApiError, unreachable};
use super::kinds::{CERTIFICATE, DEPLOYMENT, Kind};

/// The objects of one cluster.
#[derive(Clone)]
pub struct Objects {
    client: kube::Client,
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
    /// The objects that `client` reaches.
    #[must_use]
    pub fn new(client: kube::Client) -> Self {
        Self { client }
    }

    /// The client itself, for watches.
    #[must_use]
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// The object, or `None` on 404 of an API that serves the kind.
    ///
    /// # Errors
    /// Any other answer, also a 404 that says that the kind is not served ([`ApiError::is_kind_missing`]).
    pub async fn get(&self, kind: Kind, namespace: Option<&str>, name: &str) -> Result<Option<Value>, ApiError> {
        let path = format!("{}/{name}", kind.path(namespace));
        match self.call(Method::GET, &path, None, "application/json").await {
            Ok((_, object)) => Ok(Some(object)),
            Err(error) if error.is_not_found() && !error.is_kind_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Server-side apply of `manifest` under the field manager `manager`.
    ///
    /// # Errors
    /// Any refusal; 409 carries [`ApiError::field_conflicts`].
    pub async fn apply(
        &self,
        kind: Kind,
        manifest: &Value,
        manager: &str,
        options: ApplyOptions,
    ) -> Result<AppliedObject, ApiError> {
        let metadata = &manifest["metadata"];
        let name = metadata["name"].as_str().unwrap_or_default();
        let path = format!(
            "{}/{name}?fieldManager={manager}&force={}{}",
            kind.path(metadata["namespace"].as_str()),
            options.force,
            if options.dry_run { "&dryRun=All" } else { "" },
        );
        let body = serde_json::to_vec(manifest).unwrap_or_default();
        // JSON is YAML: the API server takes either under this type.
        let (code, object) = self
            .call(Method::PATCH, &path, Some(body), "application/apply-patch+yaml")
            .await?;
        Ok(AppliedObject {
            created: code == 201,
            object,
        })
    }

    /// Creates an object, `metadata.generateName` included.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn create(&self, kind: Kind, namespace: Option<&str>, manifest: &Value) -> Result<Value, ApiError> {
        let body = serde_json::to_vec(manifest).unwrap_or_default();
        self.call(Method::POST, &kind.path(namespace), Some(body), "application/json")
            .await
            .map(|(_, object)| object)
    }

    /// A merge patch of the status subresource.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn patch_status(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        patch: &Value,
    ) -> Result<Value, ApiError> {
        let path = format!("{}/{name}/status", kind.path(namespace));
        let body = serde_json::to_vec(patch).unwrap_or_default();
        self.call(Method::PATCH, &path, Some(body), "application/merge-patch+json")
            .await
            .map(|(_, object)| object)
    }

    /// Deletes the object if it still has this uid. True if it is gone already, false if finalizers hold it.
    ///
    /// Pods go before their Deployment is gone, so that nothing serves when a delete has ended, and requests before their
    /// Certificate, so that one of the same name starts afresh. Dependents of other kinds follow by themselves.
    ///
    /// # Errors
    /// Any refusal but 404; 409 means that another object has the name now.
    pub async fn delete(&self, kind: Kind, namespace: Option<&str>, name: &str, uid: &str) -> Result<bool, ApiError> {
        let path = format!("{}/{name}", kind.path(namespace));
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": if [DEPLOYMENT, CERTIFICATE].contains(&kind) { "Foreground" } else { "Background" },
            "preconditions": {"uid": uid},
        });
        let body = serde_json::to_vec(&options).unwrap_or_default();
        match self.call(Method::DELETE, &path, Some(body), "application/json").await {
            // A `Status` reports the end, the object itself that it is marked.
            Ok((_, answer)) => Ok(answer["kind"] == "Status"),
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Hands the fields of the field manager `from` over to `to` without a change of their values, and removes `marks`, each
    /// a map of the metadata and a key in it (the way of client-go's `csaupgrade`).
    ///
    /// # Errors
    /// Any refusal; 409 if somebody wrote in between.
    pub async fn hand_over(
        &self,
        kind: Kind,
        live: &Value,
        from: &str,
        to: &str,
        marks: &[(&str, &str)],
    ) -> Result<(), ApiError> {
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
        let path = format!("{}/{name}", kind.path(metadata["namespace"].as_str()));
        let body = serde_json::to_vec(&patch).unwrap_or_default();
        self.call(Method::PATCH, &path, Some(body), "application/merge-patch+json")
            .await
            .map(drop)
    }

    /// The uid of an object that the caller may delete but not read, by a dry-run delete; `None` if there is none.
    ///
    /// A caller without `get` is answered with a `Status` that holds the uid and no data.
    ///
    /// # Errors
    /// Any refusal but 404.
    pub async fn uid_by_dry_run_delete(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<String>, ApiError> {
        let path = format!("{}/{name}?dryRun=All", kind.path(namespace));
        match self.call(Method::DELETE, &path, None, "application/json").await {
            Ok((_, answer)) => {
                let uid = answer["details"]["uid"].as_str().or(answer["metadata"]["uid"].as_str());
                Ok(Some(uid.unwrap_or_default().to_owned()))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All objects that carry `label_selector`, in `namespace` or in the cluster, following pages.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn list(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        label_selector: &str,
    ) -> Result<Vec<Value>, ApiError> {
        let mut items = Vec::new();
        self.list_each(kind, namespace, label_selector, |object| items.push(object))
            .await?;
        Ok(items)
    }

    /// The same, one object at a time: only the text of a page is held, never all of its objects.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn list_each(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        label_selector: &str,
        mut take: impl FnMut(Value) + Send,
    ) -> Result<(), ApiError> {
        let mut next = String::new();
        loop {
            let path = format!(
                "{}?labelSelector={}&limit=500{next}",
                kind.path(namespace),
                escape(label_selector)
            );
            let (_, bytes) = self.send(Method::GET, &path, None, "application/json").await?;
            let page: Page<'_> = parsed(&bytes, || format!("GET {}", kind.path(namespace)))?;
            for item in page.items {
                let operation = || format!("GET {}", kind.path(namespace));
                let mut object: Value = parsed(item.get().as_bytes(), operation)?;
                // Items of a list lack the type that single objects have.
                object["apiVersion"] = kind.api_version().into();
                object["kind"] = kind.kind.into();
                take(object);
            }
            let token = page.metadata.next.unwrap_or_default();
            if token.is_empty() {
                return Ok(());
            }
            next = format!("&continue={}", escape(&token));
        }
    }

    /// Objects of a core list selected by field, such as the events of one object.
    ///
    /// # Errors
    /// Any refusal.
    pub async fn list_by_field(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        field_selector: &str,
    ) -> Result<Vec<Value>, ApiError> {
        let path = format!(
            "{}?fieldSelector={}&limit=100",
            kind.path(namespace),
            escape(field_selector)
        );
        let (_, mut page) = self.call(Method::GET, &path, None, "application/json").await?;
        Ok(if let Value::Array(found) = page["items"].take() {
            found
        } else {
            Vec::new()
        })
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        content_type: &str,
    ) -> Result<(u16, Value), ApiError> {
        let operation = format!("{method} {}", path.split('?').next().unwrap_or(path));
        let (code, bytes) = self.send(method, path, body, content_type).await?;
        Ok((code, parsed(&bytes, || operation)?))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        content_type: &str,
    ) -> Result<(u16, Bytes), ApiError> {
        let operation = || format!("{method} {}", path.split('?').next().unwrap_or(path));
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(http::header::CONTENT_TYPE, content_type)
            .header(http::header::ACCEPT, "application/json")
            .body(body.map_or_else(Body::empty, Body::from))
            .map_err(|error| ApiError::Unreachable {
                operation: operation(),
                cause: error.to_string(),
            })?;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| unreachable(operation(), &error))?;
        let code = response.status().as_u16();
        let bytes = response
            .into_body()
            .collect_bytes()
            .await
            .map_err(|error| unreachable(operation(), &error))?;
        if code >= 400 {
            let mut status: Status = serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Status::failure(String::from_utf8_lossy(&bytes).trim(), "no status in the answer"));
            status.code = code;
            return Err(ApiError::Status {
                operation: operation(),
                status: Box::new(status),
            });
        }
        Ok((code, bytes))
    }
}

/// A page of a list, its items unread.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(borrow, default)]
    items: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8], operation: impl FnOnce() -> String) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| ApiError::Unreachable {
        operation: operation(),
        cause: error.to_string(),
    })
}

/// Percent-encodes what a query value may not hold.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
