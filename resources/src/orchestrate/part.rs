//! A part: one object of a resource, with its address, desired content and what it waits for.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Diagnostics, Model};

use super::engine::Engine;
use super::owner::{
    ADOPTED_ANNOTATION, CONFIGURATION_ANNOTATION, CREATING_ANNOTATION, INSTANCE_ANNOTATION, OWNER_ANNOTATION,
    OWNER_LABEL, Owner,
};
use super::unknown::is_unknown;
use crate::sha256;
use e2etls_clients::kube::kinds::Kind;

/// What the map `parts` tells of one object.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PartState {
    /// Kind, namespace and name of the object.
    #[tf(computed)]
    pub r#ref: Attr<String>,
    /// UID that the API server gave the object.
    #[tf(computed)]
    pub uid: Attr<String>,
    /// Hash of the desired content; starts with `drifted:` if the object was seen to differ from it.
    #[tf(computed)]
    pub digest: Attr<String>,
}

/// The value of `parts`: address → what is known of the object.
pub type Parts = BTreeMap<String, PartState>;

/// What starts the digest of a part that was seen to differ.
pub const DRIFTED: &str = "drifted:";

/// The digest of a part that was applied and not seen to work.
pub const NOT_READY: &str = "drifted:not ready";

/// One object of a resource.
#[derive(Clone)]
pub struct Part {
    /// Address inside the resource, such as `proxy/deployment`.
    pub address: String,
    /// Its kind.
    pub kind: Kind,
    /// The full manifest, without marks of ownership.
    pub manifest: Value,
    /// Addresses that are applied and ready before it.
    pub after: Vec<String>,
    /// How its readiness is seen; `None` if it is ready once it exists.
    pub ready: Option<Arc<dyn Ready>>,
}

/// How the readiness of a part is seen.
#[async_trait]
pub trait Ready: Send + Sync {
    /// Waits until the object, as just applied, works. The error says what was last seen and what to do.
    async fn wait(&self, engine: &Engine, part: &Part, object: &Value) -> Result<(), Diagnostics>;
}

/// What a part carries beside its content.
#[derive(Clone, Debug, Default)]
pub struct Stamp {
    /// The instance of the resource.
    pub instance: String,
    /// RFC 3339 time of the create that is not finished; the holder only.
    pub creating: Option<String>,
    /// The object existed before us.
    pub adopted: bool,
    /// The arguments as canonical JSON, for import.
    pub configuration: Option<String>,
}

impl Part {
    /// A part of a rendered manifest.
    ///
    /// # Panics
    /// If the manifest is of a kind that is not in the table of kinds: a mistake of the renderer that every test shows.
    #[must_use]
    pub fn new(address: impl Into<String>, manifest: Value) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "renderers are pure and tested: a foreign kind never leaves them"
        )]
        let kind = Kind::of(&manifest).expect("a kind of the table");
        Self {
            address: address.into(),
            kind,
            manifest,
            after: Vec::new(),
            ready: None,
        }
    }

    /// The part, waiting for `ready`.
    #[must_use]
    pub fn ready_when(mut self, ready: impl Ready + 'static) -> Self {
        self.ready = Some(Arc::new(ready));
        self
    }

    /// Name of the object.
    #[must_use]
    pub fn name(&self) -> &str {
        self.manifest["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// Namespace of the object; `None` for cluster-scoped kinds.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.manifest["metadata"]["namespace"]
            .as_str()
            .filter(|_| self.kind.namespaced)
    }

    /// `Deployment shop/shop-proxy`.
    #[must_use]
    pub fn reference(&self) -> String {
        match self.namespace() {
            Some(namespace) => format!("{} {namespace}/{}", self.kind.kind, self.name()),
            None => format!("{} {}", self.kind.kind, self.name()),
        }
    }

    /// Hash of the desired content; unknown if any input of the part is.
    #[must_use]
    pub fn digest(&self) -> Attr<String> {
        if is_unknown(&self.manifest) {
            Attr::Unknown
        } else {
            Attr::Known(digest(&self.manifest))
        }
    }

    /// The manifest with the marks of ownership.
    #[must_use]
    pub fn stamped(&self, owner: &Owner, stamp: &Stamp) -> Value {
        let mut manifest = self.manifest.clone();
        let metadata = &mut manifest["metadata"];
        metadata["labels"][OWNER_LABEL] = json!(owner.label());
        let annotations = &mut metadata["annotations"];
        annotations[OWNER_ANNOTATION] = json!(owner.to_string());
        annotations[INSTANCE_ANNOTATION] = json!(stamp.instance);
        if let Some(at) = &stamp.creating {
            annotations[CREATING_ANNOTATION] = json!(at);
        }
        if stamp.adopted {
            annotations[ADOPTED_ANNOTATION] = json!("true");
        }
        if let Some(configuration) = &stamp.configuration {
            annotations[CONFIGURATION_ANNOTATION] = json!(configuration);
        }
        manifest
    }
}

/// The first 16 hex digits of SHA-256 over the canonical JSON.
#[must_use]
pub fn digest(content: &Value) -> String {
    let bytes = serde_json::to_vec(content).unwrap_or_default();
    sha256::short(bytes, 16)
}

/// An annotation of an object.
#[must_use]
pub fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][key].as_str()
}
