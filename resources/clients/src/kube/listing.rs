//! Requests for lists of objects.

use std::collections::BTreeMap;

use e2etls_engine::refusal::{Answer, Refusal};
use http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::kinds::{EVENT, Kind};
use super::objects::Objects;
use super::requests::Call;

/// Objects without their content: nothing of a Secret but its name and marks.
pub(super) const METADATA: &str = "application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadataList";

impl Objects {
    /// All objects that carry `label_selector`, in `namespace` or in the cluster, following pages.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn list(&self, kind: Kind, namespace: Option<&str>, label_selector: &str) -> Result<Vec<Value>, Refusal> {
        let mut items = Vec::new();
        self.list_each(kind, namespace, label_selector, |object| items.push(object))
            .await?;
        Ok(items)
    }

    /// The same, one object at a time: only the text of a page is held, never all of its objects.
    ///
    /// # Errors
    /// If a call is refused or not answered; also where a page has expired (410), after `take` got those before it.
    pub async fn list_each(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        label_selector: &str,
        mut take: impl FnMut(Value) + Send,
    ) -> Result<(), Refusal> {
        let mut next = String::new();
        loop {
            let query = format!("?labelSelector={}&limit=500{next}", escape(label_selector));
            let call = listing(kind, namespace, &query);
            let (_, bytes) = call.send(&self.client, self.limit).await?;
            let page: Page<'_> = call.read(&bytes)?;
            for item in page.items {
                let mut object: Value = call.read(item.get().as_bytes())?;
                // Items of a list lack the type that single objects have.
                object["apiVersion"] = kind.api_version().into();
                object["kind"] = kind.kind.into();
                take(object);
            }
            let token = page.metadata.next.unwrap_or_default();
            if token.is_empty() {
                return Ok(());
            }
            let following = format!("&continue={}", escape(&token));
            if following == next {
                return Err(call.refused(Answer::Invalid, "the list does not end: a page leads to itself"));
            }
            next = following;
        }
    }

    /// True if an object carries these labels. It asks for one object, however many there are.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn any(&self, kind: Kind, namespace: Option<&str>, label_selector: &str) -> Result<bool, Refusal> {
        let query = format!("?labelSelector={}&limit=1", escape(label_selector));
        let call = listing(kind, namespace, &query);
        let (_, bytes) = call.send(&self.client, self.limit).await?;
        Ok(!call.read::<Page<'_>>(&bytes)?.items.is_empty())
    }

    /// The labels of all objects in a namespace, without the objects; `None` if there are more than 500.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn labels(&self, kind: Kind, namespace: &str) -> Result<Option<Vec<Labels>>, Refusal> {
        let call = listing(kind, Some(namespace), "?limit=500").accept(METADATA);
        let (_, bytes) = call.send(&self.client, self.limit).await?;
        let page: Page<'_> = call.read(&bytes)?;
        if page.metadata.next.is_some_and(|token| !token.is_empty()) {
            return Ok(None);
        }
        let labels = |item: &&RawValue| -> Result<Labels, Refusal> {
            let object: Labelled = call.read(item.get().as_bytes())?;
            Ok(object.metadata.labels)
        };
        page.items.iter().map(labels).collect::<Result<_, _>>().map(Some)
    }

    /// Warnings about the object of this name. They explain something, so a refusal is no failure.
    pub async fn warnings(&self, namespace: Option<&str>, name: &str) -> Vec<Value> {
        let selector = format!("involvedObject.name={name},type=Warning");
        let found = self.list_by_field(EVENT, namespace, &selector).await;
        found.unwrap_or_default()
    }

    /// Objects of a core list selected by field, such as the events of one object.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn list_by_field(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        field_selector: &str,
    ) -> Result<Vec<Value>, Refusal> {
        let query = format!("?fieldSelector={}&limit=100", escape(field_selector));
        let (_, mut page) = self.call(listing(kind, namespace, &query)).await?;
        Ok(if let Value::Array(found) = page["items"].take() {
            found
        } else {
            Vec::new()
        })
    }
}

/// A selector for what has all these labels.
#[must_use]
pub fn label_selector<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = labels.into_iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(",")
}

fn listing(kind: Kind, namespace: Option<&str>, query: &str) -> Call {
    let path = format!("{}{query}", kind.path(namespace));
    Call::new(Method::GET, path, kind.reference(namespace, "*"))
}

/// Labels of an object.
pub(super) type Labels = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Labelled {
    metadata: LabelledMetadata,
}

#[derive(Deserialize)]
struct LabelledMetadata {
    #[serde(default)]
    labels: Labels,
}

/// A page of a list, its items unread.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(default)]
    pub(super) metadata: PageMetadata,
    #[serde(borrow, default, deserialize_with = "or_empty")]
    pub(super) items: Vec<&'a RawValue>,
}

/// The API server writes an empty list of some kinds as null.
fn or_empty<'de, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<&'a RawValue>, D::Error>
where
    'de: 'a,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[derive(Default, Deserialize)]
pub(super) struct PageMetadata {
    #[serde(rename = "continue")]
    pub(super) next: Option<String>,
}

/// Percent-encodes what a query value may not hold.
pub(super) fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
