//! How a cluster is reached. Nothing falls back to a default host.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aws::Aws;

/// How a cluster is reached. It holds credentials, so it can't be printed.
#[derive(Clone)]
pub struct ClusterSettings {
    /// Where it is, and as whom it is reached.
    pub way: Way,
    /// Name that the server's certificate is verified for; that of the URL if absent.
    pub tls_server_name: Option<String>,
    /// Proxy on the way (`http://…`). If absent, that of the kubeconfig, or of `HTTPS_PROXY` unless `NO_PROXY` names the
    /// server.
    pub proxy_url: Option<String>,
}

impl From<Way> for ClusterSettings {
    fn from(way: Way) -> Self {
        Self {
            way,
            tls_server_name: None,
            proxy_url: None,
        }
    }
}

/// Where a cluster is, and as whom it is reached.
#[derive(Clone)]
pub enum Way {
    /// An EKS cluster: endpoint and CA from `DescribeCluster`, a token from STS for each request.
    Eks {
        /// The identity and Region that the cluster is looked up with, and that its tokens are of.
        aws: Arc<Aws>,
        /// Name of the cluster.
        name: String,
        /// URL in place of the endpoint, such as the local end of a tunnel. The certificate is still verified for the
        /// endpoint.
        host: Option<String>,
    },
    /// Kubeconfig files.
    Kubeconfig {
        /// Paths joined by `:`, merged as kubectl does; `~/` at the start of one is the home directory.
        paths: String,
        /// Name of the context; the files' current one if absent.
        context: Option<String>,
    },
    /// An API server by its address.
    Host(Host),
}

/// An API server by its address, with credentials.
#[derive(Clone, Default)]
pub struct Host {
    /// URL, such as `https://10.0.0.1:6443`.
    pub url: String,
    /// Certificates of the server's CA in PEM form; the system's CAs if absent.
    pub ca_pem: Option<String>,
    /// Bearer token.
    pub token: Option<String>,
    /// Client certificate in PEM form.
    pub client_certificate_pem: Option<String>,
    /// Key of the client certificate in PEM form.
    pub client_key_pem: Option<String>,
    /// Program that prints credentials.
    pub exec: Option<Exec>,
}

/// A program that prints credentials (`client.authentication.k8s.io`).
#[derive(Clone, Debug, Default)]
pub struct Exec {
    /// The program, by path or name.
    pub command: String,
    /// Its arguments, in order.
    pub args: Vec<String>,
    /// Environment variables added for it.
    pub env: BTreeMap<String, String>,
    /// Version of the protocol; `client.authentication.k8s.io/v1` if absent.
    pub api_version: Option<String>,
}
