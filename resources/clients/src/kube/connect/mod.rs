//! From a configuration to a client of one cluster. Nothing falls back to a default host.

pub mod checks;
mod eks;
mod proxy;

use std::path::PathBuf;
use std::time::Duration;

use e2etls_engine::refusal::Refusal;
use kube::Config;
use kube::config::{ExecConfig, KubeConfigOptions, Kubeconfig};

use super::settings::{ClusterSettings, Exec, Host, Way};
use crate::pem;

/// How long the TCP and TLS handshakes may take.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a connection may be silent while an answer is awaited.
const WATCH: Duration = Duration::from_secs(295);

const USER_AGENT: &str = concat!("terraform-provider-e2etls/", env!("CARGO_PKG_VERSION"));

/// A client, and what was learned on the way to it.
pub struct Connected {
    /// The client.
    pub(crate) client: kube::Client,
    /// The ARN of a cluster that EKS described.
    pub(crate) eks_arn: Option<String>,
    /// Where the API server is, and whom it is trusted by.
    pub(crate) server: Server,
    /// The proxy on the way, and who named it.
    pub(crate) proxy: Option<String>,
}

/// An API server, as the settings name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Its URL, without a slash at the end.
    pub url: String,
    /// The CA certificates in PEM form; `None` for the system's.
    pub ca_pem: Option<String>,
}

impl Server {
    fn of(config: &Config) -> Self {
        Self {
            url: config.cluster_url.to_string().trim_end_matches('/').to_owned(),
            ca_pem: config
                .root_cert
                .as_ref()
                .map(|roots| roots.iter().map(|der| pem::certificate(der)).collect()),
        }
    }
}

/// Why there is no client.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotConnected {
    /// The settings can't be used: an unreadable file, a malformed URL or certificate, no context.
    #[error("{0}")]
    Settings(String),
    /// A variable of the environment names a proxy that can't be used.
    #[error("the variable {variable}: {why}")]
    Proxy {
        /// The variable.
        variable: String,
        /// What is wrong with its value.
        why: String,
    },
    /// AWS refused to describe the EKS cluster.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A client of the cluster. Only an EKS cluster needs a call before the first request: `DescribeCluster`.
///
/// # Errors
/// Settings that can't be used, or AWS's refusal.
pub async fn connect(settings: &ClusterSettings) -> Result<Connected, NotConnected> {
    let config = match &settings.way {
        Way::Eks { aws, name, host } => return eks::connect(aws, name, host.as_deref(), settings).await,
        Way::Kubeconfig { paths, context } => kubeconfig(paths, context.clone()).await,
        Way::Host(host) => of_host(host),
    };
    let mut config = config.map_err(NotConnected::Settings)?;
    let proxy = route(&mut config, settings)?;
    let server = Server::of(&config);
    let client = client(config).map_err(|error| NotConnected::Settings(error.to_string()))?;
    Ok(Connected {
        client,
        eks_arn: None,
        server,
        proxy,
    })
}

/// Sets the name that the server shows, and the proxy on the way, which is returned as messages name it.
fn route(config: &mut Config, settings: &ClusterSettings) -> Result<Option<String>, NotConnected> {
    if let Some(name) = &settings.tls_server_name {
        config.tls_server_name = Some(name.clone());
    }
    let (url, named) = if let Some(url) = &settings.proxy_url {
        let parsed = proxy::parse(url).map_err(|why| NotConnected::Settings(format!("`proxy_url`: {why}")))?;
        (parsed, "`proxy_url`".to_owned())
    } else if let Some(url) = config.proxy_url.take() {
        (url, "`proxy-url` in the kubeconfig".to_owned())
    } else if let Some((variable, url)) = proxy::of_environment(&config.cluster_url) {
        match proxy::parse(&url) {
            Ok(url) => (url, format!("the variable {variable}")),
            Err(why) => return Err(NotConnected::Proxy { variable, why }),
        }
    } else {
        return Ok(None);
    };
    let shown = proxy::without_credentials(&url.to_string());
    config.proxy_url = Some(url);
    Ok(Some(format!("the proxy `{}` of {named}", shown.trim_end_matches('/'))))
}

/// The client of a finished configuration, with our user agent.
fn client(mut config: Config) -> Result<kube::Client, kube::Error> {
    bound(&mut config);
    let agent = tower::util::MapRequestLayer::new(|mut request: http::Request<kube::client::Body>| {
        request
            .headers_mut()
            .insert(http::header::USER_AGENT, http::HeaderValue::from_static(USER_AGENT));
        request
    });
    Ok(kube::client::ClientBuilder::try_from(config)?
        .with_layer(&agent)
        .build())
}

/// The client's own retry repeats writes whose answer was lost (504), so it is off: `requests` knows what may be repeated.
/// Watches end after 290 s by themselves; what is silent for longer is a dead connection.
fn bound(config: &mut Config) {
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(WATCH);
    config.reset_reader_on_write = true;
}

async fn kubeconfig(paths: &str, context: Option<String>) -> Result<Config, String> {
    let options = KubeConfigOptions {
        context,
        ..KubeConfigOptions::default()
    };
    let read = read_all(paths)?;
    let proxy_url = proxy_url(&read, options.context.as_deref());
    let config = Config::from_custom_kubeconfig(read, &options).await;
    let mut config = config.map_err(|error| format!("{paths}: {error}"))?;
    // The client reads the environment by itself, but for kubeconfigs alone.
    config.proxy_url = match proxy_url {
        Some(url) => Some(proxy::parse(&url).map_err(|why| format!("{paths}: `proxy-url`: {why}"))?),
        None => None,
    };
    Ok(config)
}

/// `proxy-url` of the context's cluster.
fn proxy_url(kubeconfig: &Kubeconfig, context: Option<&str>) -> Option<String> {
    let context = context.or(kubeconfig.current_context.as_deref())?;
    let context = kubeconfig.contexts.iter().find(|found| found.name == context)?;
    let cluster = &context.context.as_ref()?.cluster;
    let cluster = kubeconfig.clusters.iter().find(|found| found.name == *cluster)?;
    cluster
        .cluster
        .as_ref()?
        .proxy_url
        .clone()
        .filter(|url| !url.is_empty())
}

fn of_host(host: &Host) -> Result<Config, String> {
    let mut config = Config::new(checks::server_url(&host.url).map_err(|why| format!("`host`: {why}"))?);
    if let Some(pem) = &host.ca_pem {
        config.root_cert = Some(checks::certificates(pem)?);
    }
    config.auth_info.token = host.token.clone().map(Into::into);
    config.auth_info.client_certificate_data = host.client_certificate_pem.as_ref().map(encode);
    config.auth_info.client_key_data = host.client_key_pem.as_ref().map(|key| encode(key).into());
    config.auth_info.exec = host.exec.as_ref().map(exec);
    Ok(config)
}

/// Kubeconfigs joined by `:`, merged as kubectl does: the first that names something wins.
fn read_all(paths: &str) -> Result<Kubeconfig, String> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths.split(':').filter(|path| !path.is_empty()).map(expand) {
        let failed = |error| format!("{}: {error}", path.display());
        let read = Kubeconfig::read_from(&path).map_err(failed)?;
        merged = Some(match merged {
            Some(before) => before.merge(read).map_err(failed)?,
            None => read,
        });
    }
    merged.ok_or_else(|| "`path` does not name a kubeconfig file".to_owned())
}

fn exec(exec: &Exec) -> ExecConfig {
    let env = exec.env.iter().map(|(name, value)| {
        [("name", name), ("value", value)]
            .map(|(key, text)| (key.to_owned(), text.clone()))
            .into()
    });
    let version = exec.api_version.as_deref();
    ExecConfig {
        api_version: Some(version.unwrap_or("client.authentication.k8s.io/v1").to_owned()),
        command: Some(exec.command.clone()),
        args: Some(exec.args.clone()),
        env: Some(env.collect()),
        ..serde_json::from_value(serde_json::json!({})).unwrap_or_else(|_| unreachable!("every field has a default"))
    }
}

fn encode(pem: impl AsRef<[u8]>) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pem)
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_kubeconfigs_are_merged() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, current: &str| {
            let path = folder.path().join(name);
            let text = format!(
                "apiVersion: v1\nkind: Config\n{current}contexts:\n- name: {name}\n  context: {{cluster: {name}, user: {name}}}\n\
                 clusters:\n- name: {name}\n  cluster: {{server: \"https://{name}.example.com\"}}\nusers:\n- name: {name}\n  user: {{}}\n"
            );
            std::fs::write(&path, text).expect("it is written");
            path.display().to_string()
        };
        let (a, b) = (write("a", ""), write("b", "current-context: b\n"));
        let merged = read_all(&format!("{a}:{b}")).expect("kubeconfigs");
        assert_eq!(merged.current_context.as_deref(), Some("b"));
        assert_eq!(merged.clusters.len(), 2);
        assert!(read_all("").is_err() && read_all(&format!("{a}:/nowhere")).is_err());
    }

    #[tokio::test]
    async fn a_kubeconfig_says_where_the_server_is_and_whom_it_is_trusted_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config");
        let ca = pem::certificate(&[7; 100]);
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n- name: a\n  context: {{cluster: a, user: a}}\n\
             clusters:\n- name: a\n  cluster: {{server: \"https://a.example.com:6443/\", certificate-authority-data: {}}}\n\
             users:\n- name: a\n  user: {{}}\n",
            encode(&ca)
        );
        std::fs::write(&path, text).expect("it is written");
        let config = kubeconfig(&path.display().to_string(), None)
            .await
            .expect("a configuration");
        let server = Server::of(&config);
        assert_eq!(
            (server.url.as_str(), server.ca_pem),
            ("https://a.example.com:6443", Some(ca))
        );
    }
}
