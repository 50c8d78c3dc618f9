//! One cluster: its client and what all resources of a run share.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use e2etls_engine::refusal::Refusal;
use tokio::sync::{Mutex, OnceCell};

use super::connect::{Connected, Server};
use super::kinds::{NAMESPACE, POD};
use super::listing::{Labels, label_selector};
use super::lists::Lists;
use super::objects::Objects;
use super::requests::REFRESH;
use super::watches::Watches;

/// How long a namespace or a Pod that was seen is believed to be there.
const SEEN: Duration = Duration::from_secs(30);

/// Why it is not known which cluster this is. Nothing was changed there.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unidentified {
    /// The request was refused, or nobody answered.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What answered is not a Kubernetes API server.
    #[error("the answer to GET /api/v1/namespaces/kube-system contains no UID: this is not a Kubernetes API server")]
    NotKubernetes,
    /// It is another cluster than it must be.
    #[error("the cluster has the UID {uid}, but `expect_uid` is {expected}")]
    Another {
        /// What it is.
        uid: String,
        /// What it must be.
        expected: String,
    },
}

/// A cluster that the provider is configured for.
pub struct Cluster {
    /// Key in the provider's `clusters`; empty for the argument `cluster`.
    pub key: String,
    /// Requests for single objects.
    pub objects: Objects,
    /// Shared reads.
    pub lists: Lists,
    /// Shared waits.
    pub watches: Watches,
    /// The ARN of a cluster that EKS described.
    pub eks_arn: Option<String>,
    /// Where its API server is, as the settings name it.
    pub server: Server,
    /// The proxy on the way, and who named it.
    pub proxy: Option<String>,
    expect_uid: Option<String>,
    uid: OnceCell<String>,
    namespaces: Mutex<HashMap<String, Instant>>,
    /// Labels of the Pods of a namespace, and when they were listed.
    pods: Mutex<HashMap<String, (Instant, Vec<Labels>)>>,
}

impl Cluster {
    /// The cluster that was connected to; with `expect_uid`, no other than that. `label` is on all objects of ours: shared
    /// lists and watches see what carries it.
    #[must_use]
    pub fn new(key: impl Into<String>, connected: Connected, expect_uid: Option<String>, label: &'static str) -> Self {
        let Connected {
            client,
            eks_arn,
            server,
            proxy,
        } = connected;
        let objects = Objects::new(client.clone());
        Self {
            key: key.into(),
            lists: Lists::new(objects.within(REFRESH), label),
            watches: Watches::new(client, label),
            objects,
            eks_arn,
            server,
            proxy,
            expect_uid,
            uid: OnceCell::new(),
            namespaces: Mutex::default(),
            pods: Mutex::default(),
        }
    }

    /// The UID of the namespace `kube-system`: it tells clusters apart, whatever they are called. Read once.
    ///
    /// # Errors
    /// Why the cluster could not be identified.
    pub async fn uid(&self) -> Result<&str, Unidentified> {
        let read = async {
            let found = self.objects.within(REFRESH).get(NAMESPACE, None, "kube-system").await?;
            let uid = found.as_ref().and_then(|found| found["metadata"]["uid"].as_str());
            let uid = uid.ok_or(Unidentified::NotKubernetes)?;
            match &self.expect_uid {
                Some(expected) if expected != uid => Err(Unidentified::Another {
                    uid: uid.to_owned(),
                    expected: expected.clone(),
                }),
                _ => Ok(uid.to_owned()),
            }
        };
        self.uid.get_or_try_init(|| read).await.map(String::as_str)
    }

    /// True if the namespace exists; a positive answer is kept for half a minute.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, Refusal> {
        let mut namespaces = self.namespaces.lock().await;
        if namespaces.get(name).is_some_and(|seen| seen.elapsed() < SEEN) {
            return Ok(true);
        }
        let found = self.objects.get(NAMESPACE, None, name).await?.is_some();
        if found {
            namespaces.insert(name.to_owned(), Instant::now());
        }
        Ok(found)
    }

    /// True if a Pod of the namespace has all these labels. Pods that were seen are believed to be there for half a minute,
    /// so that many questions about a namespace of up to 500 Pods cost one request; that there is none is always seen anew.
    ///
    /// # Errors
    /// If a call is refused or not answered.
    pub async fn has_pod(&self, namespace: &str, labels: &Labels) -> Result<bool, Refusal> {
        let is_one = |pod: &Labels| labels.iter().all(|(key, value)| pod.get(key) == Some(value));
        let mut pods = self.pods.lock().await;
        if let Some((seen, known)) = pods.get(namespace)
            && seen.elapsed() < SEEN
            && known.iter().any(is_one)
        {
            return Ok(true);
        }
        let began = Instant::now();
        let Some(listed) = self.objects.labels(POD, namespace).await? else {
            drop(pods);
            let selector = label_selector(labels.iter().map(|(key, value)| (key.as_str(), value.as_str())));
            return self.objects.any(POD, Some(namespace), &selector).await;
        };
        let found = listed.iter().any(is_one);
        pods.insert(namespace.to_owned(), (began, listed));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fake::FakeCluster;
    use super::*;

    fn pod(fake: &FakeCluster, name: &str) {
        let labels = json!({"app": name, "tier": "web"});
        fake.put(
            POD,
            &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "labels": labels}}),
        );
    }

    #[tokio::test]
    async fn pods_that_were_seen_are_asked_for_once_and_missing_ones_each_time() {
        let fake = FakeCluster::default();
        let cluster = fake.cluster("e2etls.dev/owner");
        let has = async |app: &str| {
            let labels = Labels::from([("app".to_owned(), app.to_owned())]);
            let found = cluster.has_pod("default", &labels).await.expect("an answer");
            (found, fake.faults.calls().len())
        };
        pod(&fake, "shop");
        assert_eq!(has("shop").await, (true, 1));
        assert_eq!(has("shop").await, (true, 1));
        assert_eq!(has("blog").await, (false, 2));
        assert_eq!(has("blog").await, (false, 3));
        pod(&fake, "blog");
        assert_eq!(has("blog").await, (true, 4));
        assert_eq!(has("shop").await, (true, 4));
    }
}
