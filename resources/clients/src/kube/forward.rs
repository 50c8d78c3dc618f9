//! Connections to ports of Pods through the API server, as `kubectl port-forward` makes them.
//!
//! The kubelet connects from within the Pod's network, over its loopback interface: network policies do not apply, and who else
//! can connect is not shown by it.

use std::time::Duration;

use e2etls_engine::refusal::Refusal;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::io::DuplexStream;

use super::objects::Objects;
use super::refusal::{Asked, Effect, of_status, of_transport};

/// How long the kubelet's word on a connection that ended is waited for.
const WORD: Duration = Duration::from_millis(500);

/// A connection to a port of a Pod.
///
/// It is there as soon as the API server has agreed: that nobody listens on the port is said later, by its end.
pub struct Forwarded {
    /// What is sent to the port, and comes from it.
    pub stream: DuplexStream,
    trouble: BoxFuture<'static, Option<String>>,
}

impl Forwarded {
    /// Why the kubelet could not connect; `None` if it has said nothing. To be asked once the connection has ended.
    pub async fn trouble(self) -> Option<String> {
        drop(self.stream);
        tokio::time::timeout(WORD, self.trouble).await.ok().flatten()
    }
}

impl Objects {
    /// A connection to a port of a Pod.
    ///
    /// # Errors
    /// If the API server refuses it (it asks for the verbs `get` and `create` on `pods/portforward`), or does not answer.
    pub async fn forward(&self, namespace: &str, pod: &str, port: u16) -> Result<Forwarded, Refusal> {
        let asked = Asked {
            operation: format!("GET /api/v1/namespaces/{namespace}/pods/{pod}/portforward"),
            target: format!("Pod {namespace}/{pod}"),
            effect: Effect::Read,
        };
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let forwarding = tokio::time::timeout(self.limit, async { pods.portforward(pod, &[port]).await });
        let mut forwarder = match forwarding.await.map_err(|_| asked.timed_out(self.limit))? {
            Ok(forwarder) => forwarder,
            Err(kube::Error::Api(status)) => return Err(of_status(&asked, &status)),
            Err(error) => return Err(of_transport(&asked, &error)),
        };
        let taken = forwarder.take_stream(port).zip(forwarder.take_error(port));
        let (stream, trouble) = taken.expect("a forwarder has what it was made for");
        Ok(Forwarded {
            stream,
            trouble: trouble.boxed(),
        })
    }
}
