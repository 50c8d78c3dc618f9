//! From the provider's arguments to the settings of the clients.

use std::sync::Arc;

use e2etls_clients::aws::Aws;
use e2etls_clients::aws::settings::{self, Settings};
use e2etls_clients::kube::settings::{ClusterSettings, Exec, Host, Way};

use super::model::{AssumeRole, ClusterConfig, Exec as ExecConfig, ProviderConfig, WebIdentity};

/// How AWS is reached.
pub(super) fn aws(config: &ProviderConfig) -> Settings {
    Settings {
        region: config.region.known().cloned(),
        profile: config.profile.known().cloned(),
        assume_role: config.assume_role.known().map(role),
        web_identity: config.assume_role_with_web_identity.known().map(web_identity),
        endpoints: config.endpoints.known().cloned().unwrap_or_default(),
        max_retries: config
            .max_retries
            .known()
            .and_then(|attempts| u32::try_from(*attempts).ok()),
        fips: config.use_fips_endpoint.known().copied(),
    }
}

fn role(role: &AssumeRole) -> settings::AssumeRole {
    settings::AssumeRole {
        role_arn: role.role_arn.known().cloned().unwrap_or_default(),
        external_id: role.external_id.known().cloned(),
        session_name: role.session_name.known().cloned(),
    }
}

fn web_identity(identity: &WebIdentity) -> settings::WebIdentity {
    settings::WebIdentity {
        role_arn: identity.role_arn.known().cloned().unwrap_or_default(),
        token_file: identity.web_identity_token_file.known().cloned().unwrap_or_default(),
        session_name: identity.session_name.known().cloned(),
    }
}

/// How a cluster that is not named as one of EKS is reached.
pub(super) fn cluster(config: &ClusterConfig) -> ClusterSettings {
    if let Some(file) = config.kubeconfig.known() {
        let way = Way::Kubeconfig {
            paths: file.path.known().cloned().unwrap_or_default(),
            context: file.context.known().cloned(),
        };
        return routed(way, config);
    }
    let way = Way::Host(Host {
        url: config.host.known().cloned().unwrap_or_default(),
        ca_pem: config.ca_pem.known().cloned(),
        token: config.token.known().map(|token| token.expose().clone()),
        client_certificate_pem: config.client_certificate_pem.known().cloned(),
        client_key_pem: config.client_key_pem.known().map(|key| key.expose().clone()),
        exec: config.exec.known().map(exec),
    });
    routed(way, config)
}

/// How the EKS cluster `name` is reached.
pub(super) fn eks(aws: Arc<Aws>, name: &str, config: &ClusterConfig) -> ClusterSettings {
    let way = Way::Eks {
        aws,
        name: name.to_owned(),
        host: config.host.known().cloned(),
    };
    routed(way, config)
}

fn routed(way: Way, config: &ClusterConfig) -> ClusterSettings {
    ClusterSettings {
        way,
        tls_server_name: config.tls_server_name.known().cloned(),
        proxy_url: config.proxy_url.known().cloned(),
    }
}

fn exec(exec: &ExecConfig) -> Exec {
    Exec {
        command: exec.command.known().cloned().unwrap_or_default(),
        args: exec.args.known().cloned().unwrap_or_default(),
        env: exec.env.known().cloned().unwrap_or_default(),
        api_version: exec.api_version.known().cloned(),
    }
}
