//! The proxy in the Pods of the app: what is sent in plain text never leaves a Pod.
//!
//! ```text
//!  clients ──TLS──▶ Service <name>-proxy :443 ──▶ Pod :8443 nginx ──loopback──▶ app :port
//! ```

use e2etls_engine::value::UNKNOWN;
use serde_json::Value;

use super::deployment::{isolation, strategy};
use super::names::{CONFIG_ANNOTATION, ISOLATION_ANNOTATION, Names, PROXY_LABEL};
use super::nginx::config_sha256;
use super::pod::{PRE_STOP_SECONDS, USER, check_container, grace, main_container, outlive, pre_stop, spread, volumes};
use super::spec::ProxySpec;

/// Adds the proxy to the Deployment of an app.
///
/// # Guarantees
/// The app's containers get neither the key nor any other file of the proxy. When a Pod stops, they go on for longer than NGINX
/// takes for its last requests, unless they have a `preStop` of their own.
///
/// # Assumptions
/// Nothing of the template has a name that starts with [`super::RESERVED`].
pub fn add_to(spec: &ProxySpec, deployment: &mut Value) {
    let names = Names::of(spec);
    deployment["metadata"]["annotations"][ISOLATION_ANNOTATION] = Value::from(isolation(spec));
    let content = &mut deployment["spec"];
    content["strategy"] = strategy();
    let template = &mut content["template"];
    template["metadata"]["labels"][PROXY_LABEL] = Value::from(spec.name.as_str());
    template["metadata"]["annotations"][CONFIG_ANNOTATION] = Value::from(config_sha256(spec));
    let pod = &mut template["spec"];
    // All containers are told to stop at the same time.
    outlive(pod, &app_seconds(spec));
    append(&mut pod["containers"], vec![main_container(spec)]);
    append(&mut pod["initContainers"], vec![check_container(spec)]);
    append(&mut pod["volumes"], volumes(spec, &names));
    // The key is readable for this group alone, which the proxy's user is given.
    if pod["securityContext"]["fsGroup"].is_null() {
        pod["securityContext"]["fsGroup"] = USER.into();
    }
    pod["terminationGracePeriodSeconds"] = grace(spec);
    if pod.get("topologySpreadConstraints").is_none() {
        pod["topologySpreadConstraints"] = spread(&names);
    }
}

/// How long the app of a stopping Pod goes on: to shortly before the Pod is killed, and longer than NGINX serves as before.
fn app_seconds(spec: &ProxySpec) -> Value {
    let (Some(all), Some(serves)) = (grace(spec).as_u64(), pre_stop(spec)) else {
        return UNKNOWN.into();
    };
    let rest = all.saturating_sub(serves).div_ceil(2);
    Value::from(all.saturating_sub(rest.min(PRE_STOP_SECONDS)).max(1))
}

fn append(list: &mut Value, more: Vec<Value>) {
    let mut all = list.as_array().cloned().unwrap_or_default();
    all.extend(more);
    *list = Value::from(all);
}
