//! Kubernetes identities with exactly the rights that a test gives them.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::apply::{apply, documents};
use super::endpoints::{REGION, SessionEndpoints};
use super::error::{Context as _, Result};
use super::parts::control_plane::write_kubeconfig;
use super::sigv4::presign;
use super::{Error, Lab};

const RBAC: &str = "rbac.authorization.k8s.io";

impl Lab {
    /// Makes a service account and returns a bearer token for it.
    ///
    /// `rbac` is YAML with Roles and ClusterRoles (and anything else), as documented; every Role is bound to the
    /// account in the Role's namespace, every ClusterRole in the whole cluster. Namespaces are made where missing.
    ///
    /// # Errors
    /// The YAML is wrong, or the API server refuses an object.
    pub async fn service_account(&self, namespace: &str, name: &str, rbac: &str) -> Result<String> {
        let client = self.kube().await?;
        make_namespace(&client, namespace).await?;
        let account = json!({ "namespace": namespace, "name": name });
        apply(
            &client,
            json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": account }),
        )
        .await?;
        for object in documents(rbac)? {
            if let Some(other) = object["metadata"]["namespace"].as_str() {
                make_namespace(&client, other).await?;
            }
            let applied = apply(&client, object).await?;
            if let Some(binding) = binding(&applied, &account) {
                apply(&client, binding).await?;
            }
        }
        token(&client, namespace, name).await
    }

    /// Writes a kubeconfig for a token that goes through a session's recording proxy.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn kubeconfig(&self, session: &SessionEndpoints, token: &str) -> Result<PathBuf> {
        let folder = self.endpoints().dir.join("kubeconfigs");
        let (_, path) = tempfile::Builder::new()
            .prefix("session-")
            .tempfile_in(&folder)
            .context(folder.display())?
            .keep()
            .context(folder.display())?;
        write_kubeconfig(&path, &session.kube_server, &self.endpoints().kube_ca_pem, token)?;
        Ok(path)
    }

    /// A kubeconfig that may do everything, through a session's recording proxy.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn admin_kubeconfig(&self, session: &SessionEndpoints) -> Result<PathBuf> {
        self.kubeconfig(session, &self.endpoints().kube_admin_token)
    }
}

/// An EKS token of the lab's AWS identity for a cluster of this name, signed at this time (EKS honours 15 minutes).
///
/// # Errors
/// None in practice: the URL is the lab's own.
pub fn eks_token(cluster: &str, at: jiff::Timestamp) -> Result<String> {
    let url = format!("https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    let url = presign(&url, &[("x-k8s-aws-id", cluster)], at)?;
    Ok(format!("k8s-aws-v1.{}", URL_SAFE_NO_PAD.encode(url)))
}

async fn make_namespace(client: &kube::Client, name: &str) -> Result<()> {
    apply(
        client,
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } }),
    )
    .await
    .map(drop)
}

/// The binding of a role to an account.
fn binding(role: &DynamicObject, account: &Value) -> Option<Value> {
    let kind = role.types.as_ref()?.kind.as_str();
    if !matches!(kind, "Role" | "ClusterRole") {
        return None;
    }
    let mut metadata = json!({ "name": format!("{}-{}", role.metadata.name.as_ref()?, account["name"].as_str()?) });
    if let Some(namespace) = &role.metadata.namespace {
        metadata["namespace"] = json!(namespace);
    }
    Some(json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": format!("{kind}Binding"), "metadata": metadata,
        "roleRef": { "apiGroup": RBAC, "kind": kind, "name": role.metadata.name },
        "subjects": [{ "kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"] }],
    }))
}

async fn token(client: &kube::Client, namespace: &str, name: &str) -> Result<String> {
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": { "expirationSeconds": 86_400 },
    });
    let request = http::Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"))
        .header("content-type", "application/json")
        .body(request.to_string().into_bytes())
        .context("TokenRequest")?;
    let answer: Value = client.request(request).await.context("TokenRequest")?;
    answer["status"]["token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::new("TokenRequest gave no token"))
}

#[cfg(test)]
mod tests {
    use super::binding;
    use serde_json::json;

    #[test]
    fn binds_roles_where_they_are() {
        let account = json!({ "name": "provider", "namespace": "e2etls" });
        let role = serde_json::from_value(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": { "name": "r", "namespace": "shop" },
        }))
        .expect("role");
        let bound = binding(&role, &account).expect("binding");
        assert_eq!(bound["kind"], "RoleBinding");
        assert_eq!(bound["metadata"]["namespace"], "shop");
        assert_eq!(bound["subjects"][0]["namespace"], "e2etls");
        let other =
            serde_json::from_value(json!({ "apiVersion": "v1", "kind": "Secret", "metadata": {} })).expect("object");
        assert!(binding(&other, &account).is_none());
    }
}
