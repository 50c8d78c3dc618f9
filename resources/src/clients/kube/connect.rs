//! From a configuration to a client of one cluster. Nothing falls back to a default host.

mod eks;
mod environment;
mod refusal;

use std::path::PathBuf;

use kube::Config;
use kube::config::{ExecConfig, KubeConfigOptions, Kubeconfig};
use tfplugin_framework::Diagnostics;

use crate::provider::Session;
use crate::provider::model::{ClusterConfig, Exec};

pub use environment::from_environment;
pub use refusal::{is_unreachable, refusal};

const USER_AGENT: &str = concat!("terraform-provider-e2etls/", env!("CARGO_PKG_VERSION"));

/// The first argument of a cluster that is not known yet.
#[must_use]
pub fn unknown_argument(config: &ClusterConfig) -> Option<&'static str> {
    let arguments = [
        ("name", config.name.is_unknown()),
        ("kubeconfig", config.kubeconfig.is_unknown()),
        ("host", config.host.is_unknown()),
        ("ca_pem", config.ca_pem.is_unknown()),
        ("token", config.token.is_unknown()),
        ("client_certificate_pem", config.client_certificate_pem.is_unknown()),
        ("client_key_pem", config.client_key_pem.is_unknown()),
        ("exec", config.exec.is_unknown()),
        ("role_arn", config.role_arn.is_unknown()),
    ];
    let inside = config
        .kubeconfig
        .known()
        .is_some_and(|file| file.path.is_unknown() || file.context.is_unknown());
    let argument = arguments
        .iter()
        .find(|(_, unknown)| *unknown)
        .map(|(argument, _)| *argument);
    argument.or_else(|| inside.then_some("kubeconfig"))
}

/// A client, and what was learned on the way to it.
pub struct Connected {
    /// The client.
    pub client: kube::Client,
    /// The ARN of a cluster that EKS described.
    pub eks_arn: Option<String>,
}

/// A client of the cluster. Only an EKS cluster by `name` needs a call before the first request: DescribeCluster.
///
/// # Errors
/// An unknown argument by name, an unreadable file, or certificates that can't be read.
pub async fn connect(session: &Session, config: &ClusterConfig) -> Result<Connected, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    if let Some(argument) = unknown_argument(config) {
        let detail = format!(
            "The provider argument `{argument}` of the cluster depends on something that is made in this run. Apply that \
             first, or give a value that is known."
        );
        diagnostics.remote("The cluster is not known yet", detail);
        return Err(diagnostics);
    }
    if let Some(name) = config.name.as_str() {
        return eks::connect(session, name, config.role_arn.as_str()).await;
    }
    match plain(config).await {
        Ok(plain) => match client(plain) {
            Ok(client) => Ok(Connected { client, eks_arn: None }),
            Err(error) => Err(failed(&error.to_string())),
        },
        Err(why) => Err(failed(&why)),
    }
}

/// The client of a finished configuration, with our user agent.
fn client(config: Config) -> Result<kube::Client, kube::Error> {
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

async fn plain(config: &ClusterConfig) -> Result<Config, String> {
    if let Some(file) = config.kubeconfig.known() {
        let paths = file.path.as_str().unwrap_or_default();
        let read = read_all(paths)?;
        let options = KubeConfigOptions {
            context: file.context.known().cloned(),
            ..KubeConfigOptions::default()
        };
        return Config::from_custom_kubeconfig(read, &options)
            .await
            .map_err(|error| format!("{paths}: {error}"));
    }
    let host = config.host.as_str().ok_or("there is no `host`")?;
    let mut plain = Config::new(host.parse().map_err(|error| format!("`{host}` is no URL: {error}"))?);
    if let Some(pem) = config.ca_pem.as_str() {
        plain.root_cert = Some(certificates(pem)?);
    }
    if let Some(token) = config.token.known() {
        plain.auth_info.token = Some(token.expose().clone().into());
    }
    plain.auth_info.client_certificate_data = config.client_certificate_pem.as_str().map(encode);
    plain.auth_info.client_key_data = config.client_key_pem.known().map(|key| encode(key.expose()).into());
    plain.auth_info.exec = config.exec.known().map(exec);
    Ok(plain)
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
    merged.ok_or_else(|| "`path` names no kubeconfig".to_owned())
}

fn exec(exec: &Exec) -> ExecConfig {
    let pairs = exec.env.known().into_iter().flatten();
    let env = pairs.map(|(name, value)| {
        [("name", name), ("value", value)]
            .map(|(key, text)| (key.to_owned(), text.clone()))
            .into()
    });
    ExecConfig {
        api_version: Some(
            exec.api_version
                .as_str()
                .unwrap_or("client.authentication.k8s.io/v1")
                .to_owned(),
        ),
        command: exec.command.known().cloned(),
        args: exec.args.known().cloned(),
        env: Some(env.collect()),
        ..serde_json::from_value(serde_json::json!({})).unwrap_or_else(|_| unreachable!("every field has a default"))
    }
}

fn encode(pem: impl AsRef<[u8]>) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pem)
}

/// The DER of each certificate.
fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found.into_iter().map(|der| der.to_vec()).collect()),
        Ok(_) => Err("`ca_pem` holds no certificate".to_owned()),
        Err(error) => Err(format!("`ca_pem` can't be read: {error}")),
    }
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn failed(why: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(
        "Can't use the configuration of the cluster",
        format!("{why}\n\nMend the provider argument `cluster` (or `clusters`)."),
    );
    diagnostics
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
}
