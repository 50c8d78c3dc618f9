//! cert-manager's controllers and webhook, and the Private CA connector.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Ground;
use super::aws::{Aws, credentials};
use super::control_plane::ControlPlane;
use crate::lab::apply::{apply, apply_folder, wait_served};
use crate::lab::cache::Cache;
use crate::lab::error::Result;
use crate::lab::options::{CertManager, Options, Webhook};
use crate::lab::process::{Spec, free_ports};

/// Installs the definitions and roles, and waits until they are served.
///
/// A controller that finds its kinds missing looks again only ten seconds later, and the garbage collector, which ends
/// foreground deletions, thirty.
pub(crate) async fn install(ground: &Ground, plane: &ControlPlane) -> Result<kube::Client> {
    let client = crate::lab::client(&plane.kubeconfig("admin")).await?;
    apply_folder(&client, &ground.cache.crds()).await?;
    for object in roles() {
        apply(&client, object).await?;
    }
    wait_served(&client).await?;
    Ok(client)
}

/// Starts what the options ask for.
pub(crate) async fn start(
    ground: &Ground,
    plane: &ControlPlane,
    client: &kube::Client,
    aws: &Aws,
    options: &Options,
) -> Result<()> {
    let Ground { parts, cache, .. } = ground;
    if options.cert_manager != CertManager::Off {
        let spec = Spec::new("cert-manager", cache.program("cert-manager"))
            .path("--kubeconfig", &plane.kubeconfig("cert-manager"))
            .arg(format!(
                "--enable-certificate-owner-ref={}",
                options.cert_manager == CertManager::OwnerRef
            ));
        parts.run(spec).await?;
    }
    parts.run(connector(cache, plane, aws)).await?;
    webhook(ground, plane, client, options.webhook).await
}

fn connector(cache: &Cache, plane: &ControlPlane, aws: &Aws) -> Spec {
    let spec = Spec::new("aws-privateca-issuer", cache.program("aws-privateca-issuer"))
        .path("--kubeconfig", &plane.kubeconfig("aws-privateca-issuer"))
        .args(["--metrics-bind-address=0", "--health-probe-bind-address=0"])
        .env("AWS_ENDPOINT_URL", &aws.moto);
    credentials(spec)
}

async fn webhook(ground: &Ground, plane: &ControlPlane, client: &kube::Client, mode: Webhook) -> Result<()> {
    if mode == Webhook::Off {
        return Ok(());
    }
    let Ground { parts, cache, pki, .. } = ground;
    let [port] = free_ports()?;
    let spec = Spec::new("cert-manager-webhook", cache.program("cert-manager-webhook"))
        .path("--kubeconfig", &plane.kubeconfig("admin"))
        .arg(format!("--secure-port={port}"))
        .path("--tls-cert-file", &pki.cert)
        .path("--tls-private-key-file", &pki.key);
    parts.add(spec).await;
    if mode != Webhook::Late {
        parts.start("cert-manager-webhook").await?;
        parts.wait_port("cert-manager-webhook", port).await?;
    }
    let bundle = if mode == Webhook::WrongCa {
        &pki.other_ca_pem
    } else {
        &pki.ca_pem
    };
    for object in registrations(port, bundle) {
        apply(client, object).await?;
    }
    Ok(())
}

/// What cert-manager's chart registers, with a URL in place of the Service.
fn registrations(port: u16, ca_pem: &str) -> [Value; 2] {
    let hook = |path: &str, groups: Value, operations: Value, resources: Value| {
        json!([{
            "name": "webhook.cert-manager.io",
            "rules": [{
                "apiGroups": groups, "apiVersions": ["v1"], "operations": operations, "resources": resources,
            }],
            "admissionReviewVersions": ["v1"], "matchPolicy": "Equivalent", "timeoutSeconds": 30,
            "failurePolicy": "Fail", "sideEffects": "None",
            "clientConfig": {
                "url": format!("https://127.0.0.1:{port}/{path}"), "caBundle": STANDARD.encode(ca_pem),
            },
        }])
    };
    let groups = json!(["cert-manager.io", "acme.cert-manager.io"]);
    let validate = hook("validate", groups, json!(["CREATE", "UPDATE"]), json!(["*/*"]));
    let mutate = hook(
        "mutate",
        json!(["cert-manager.io"]),
        json!(["CREATE"]),
        json!(["certificaterequests"]),
    );
    let configuration = |kind: &str, webhooks: Value| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": { "name": "cert-manager-webhook" }, "webhooks": webhooks,
        })
    };
    [
        configuration("ValidatingWebhookConfiguration", validate),
        configuration("MutatingWebhookConfiguration", mutate),
    ]
}

/// The namespace, service accounts and roles of the two charts, approval apart from the rest.
fn roles() -> Vec<Value> {
    let every = json!(["get", "list", "watch", "create", "update", "patch", "delete"]);
    let manager = json!([
        { "apiGroups": ["cert-manager.io", "acme.cert-manager.io"], "verbs": every, "resources": [
            "certificates", "certificates/status", "certificates/finalizers", "certificaterequests",
            "certificaterequests/status", "certificaterequests/finalizers", "issuers", "issuers/status",
            "clusterissuers", "clusterissuers/status", "orders", "orders/status", "challenges", "challenges/status",
        ] },
        { "apiGroups": [""], "resources": ["secrets", "events", "pods", "services"], "verbs": every },
        { "apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "ingresses/finalizers"], "verbs": every },
        { "apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": every },
    ]);
    let mut objects = vec![json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "cert-manager" } })];
    for account in ["cert-manager", "aws-privateca-issuer"] {
        objects.push(json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": { "name": account, "namespace": "cert-manager" },
        }));
    }
    objects.extend(role("cert-manager-controller", "cert-manager", &manager));
    objects.extend(role(
        "cert-manager-controller-approve:cert-manager-io",
        "cert-manager",
        &approval(&["issuers.cert-manager.io/*", "clusterissuers.cert-manager.io/*"]),
    ));
    objects.extend(role(
        "cert-manager-controller-approve:awspca-cert-manager-io",
        "cert-manager",
        &approval(&[
            "awspcaissuers.awspca.cert-manager.io/*",
            "awspcaclusterissuers.awspca.cert-manager.io/*",
        ]),
    ));
    objects.extend(role(
        "aws-privateca-issuer",
        "aws-privateca-issuer",
        &connector_rules(&every),
    ));
    objects
}

/// The right to approve requests to these issuers.
fn approval(signers: &[&str]) -> Value {
    json!([{
        "apiGroups": ["cert-manager.io"], "resources": ["signers"], "verbs": ["approve"], "resourceNames": signers,
    }])
}

fn connector_rules(every: &Value) -> Value {
    json!([
        { "apiGroups": ["", "coordination.k8s.io"], "resources": ["configmaps", "leases"], "verbs": every },
        { "apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"] },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"] },
        { "apiGroups": ["awspca.cert-manager.io"], "resources": ["awspcaissuers", "awspcaclusterissuers"], "verbs": every },
        { "apiGroups": ["awspca.cert-manager.io"], "verbs": ["update"],
          "resources": ["awspcaissuers/finalizers", "awspcaclusterissuers/finalizers"] },
        { "apiGroups": ["awspca.cert-manager.io"], "verbs": ["get", "patch", "update"],
          "resources": ["awspcaissuers/status", "awspcaclusterissuers/status"] },
        { "apiGroups": ["cert-manager.io"], "resources": ["certificaterequests"], "verbs": ["get", "list", "update", "watch"] },
        { "apiGroups": ["cert-manager.io"], "resources": ["certificaterequests/status"], "verbs": ["get", "patch", "update"] },
    ])
}

/// A cluster role and its binding to a service account of the namespace `cert-manager`.
fn role(name: &str, account: &str, rules: &Value) -> [Value; 2] {
    let api = "rbac.authorization.k8s.io";
    [
        json!({ "apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": { "name": name }, "rules": rules }),
        json!({
            "apiVersion": format!("{api}/v1"), "kind": "ClusterRoleBinding", "metadata": { "name": name },
            "roleRef": { "apiGroup": api, "kind": "ClusterRole", "name": name },
            "subjects": [{ "kind": "ServiceAccount", "name": account, "namespace": "cert-manager" }],
        }),
    ]
}
