//! A cluster from the environment variables that the Kubernetes provider reads (`KUBECONFIG` is not one of them), and variables
//! of the AWS SDK that it can't use.

use e2etls_clients::aws::settings::endpoint_url;
use tfplugin_framework::{Attr, Secret};

use super::model::{ClusterConfig, Kubeconfig};

/// The cluster that the environment names; `None` if it names none.
pub(super) fn from_environment() -> Option<ClusterConfig> {
    read(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// What is wrong with a variable that names an endpoint of AWS, and which one it is.
pub(super) fn broken_endpoint() -> Option<(String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    broken(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
}

fn broken(variables: impl Iterator<Item = (String, String)>) -> Option<(String, String)> {
    let mut endpoints = variables.filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL"));
    endpoints.find_map(|(name, value)| endpoint_url(&value).err().map(|why| (name, why)))
}

fn read(variable: impl Fn(&str) -> Option<String>) -> Option<ClusterConfig> {
    let path = variable("KUBE_CONFIG_PATH").or_else(|| variable("KUBE_CONFIG_PATHS"));
    let host = variable("KUBE_HOST");
    if path.is_none() && host.is_none() {
        return None;
    }
    let mut config = ClusterConfig::default();
    if let Some(host) = host {
        config.host = host.into();
        config.ca_pem = variable("KUBE_CLUSTER_CA_CERT_DATA").into();
        config.token = variable("KUBE_TOKEN").map(Secret::new).into();
        config.client_certificate_pem = variable("KUBE_CLIENT_CERT_DATA").into();
        config.client_key_pem = variable("KUBE_CLIENT_KEY_DATA").map(Secret::new).into();
    } else {
        config.kubeconfig = Attr::Known(Kubeconfig {
            path: path.into(),
            context: variable("KUBE_CTX").into(),
        });
    }
    Some(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Option<ClusterConfig> {
        read(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_endpoint_without_a_url_is_found() {
        for (name, value, is_broken) in [
            ("AWS_ENDPOINT_URL", "", true),
            ("AWS_ENDPOINT_URL_ACM_PCA", "localhost:4566", true),
            ("AWS_ENDPOINT_URL", "ftp://x", true),
            ("AWS_ENDPOINT_URL_STS", "http://localhost:4566", false),
            ("AWS_PROFILE", "", false),
        ] {
            let found = broken([(name.to_owned(), value.to_owned())].into_iter());
            assert_eq!(
                found.map(|(name, _)| name).as_deref(),
                is_broken.then_some(name),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn reads_what_the_kubernetes_provider_reads_and_never_kubeconfig() {
        assert!(from(&[("KUBECONFIG", "/x")]).is_none());
        let file = from(&[("KUBE_CONFIG_PATHS", "/a:/b"), ("KUBE_CTX", "prod")])
            .unwrap()
            .kubeconfig;
        let file = file.known().unwrap();
        assert_eq!(
            (file.path.as_str(), file.context.as_str()),
            (Some("/a:/b"), Some("prod"))
        );
        let host = from(&[("KUBE_HOST", "https://x"), ("KUBE_TOKEN", "t")]).unwrap();
        assert_eq!(host.host.as_str(), Some("https://x"));
    }
}
