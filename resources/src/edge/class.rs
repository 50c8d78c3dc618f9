//! Whether an IngressClass fits: it exists, belongs to a load balancer controller of AWS, and its group is the edge's.

use e2etls_clients::kube::kinds;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::model::{Edge, INGRESS_CLASS, Kind};
use crate::kinds::Clients;
use crate::session::wording::refused;

/// Controllers that make Application Load Balancers.
const CONTROLLERS: [&str; 2] = ["ingress.k8s.aws/alb", AUTO_MODE];
/// The one of EKS Auto Mode: it takes a group from the class alone.
const AUTO_MODE: &str = "eks.amazonaws.com/alb";

/// Checks the class before anything is written. Where it may not be read, the controller has the last word.
///
/// # Errors
/// At the argument below `at` that does not fit.
pub(crate) async fn fits(edge: &Edge, op: &Operation<Clients>, at: &AttributePath) -> Result<(), Diagnostics> {
    if edge.settings.kind.known() != Some(&Kind::Alb) {
        return Ok(());
    }
    let name = edge.settings.ingress_class.as_str().unwrap_or(INGRESS_CLASS);
    let objects = &op.remotes.cluster().objects;
    let class = match readable(objects.get(kinds::INGRESS_CLASS, None, name).await) {
        Ok(Some(Some(class))) => class,
        Ok(Some(None)) => return Err(no_class(at, name).into()),
        Ok(None) => return Ok(()),
        Err(refusal) => return Err(refused(&format!("IngressClass {name}"), &refusal)),
    };
    let controller = class["spec"]["controller"].as_str().unwrap_or_default();
    if !CONTROLLERS.contains(&controller) {
        return Err(other_controller(at, name, controller).into());
    }
    let group = edge.settings.group.known().and_then(|group| group.name.as_str());
    match group_of(op, &class["spec"]["parameters"]).await {
        Some(of_class) if Some(of_class.as_str()) != group => Err(other_group(at, name, &of_class).into()),
        None if group.is_some() && controller == AUTO_MODE => Err(no_group(at, name).into()),
        _ => Ok(()),
    }
}

/// What was found; `None` if it may not be read.
fn readable<T>(found: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match found {
        Err(refusal) if matches!(refusal.answer, Answer::Forbidden(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// The group that the IngressClassParams of a class put its Ingresses into, so far as they may be read.
async fn group_of(op: &Operation<Clients>, parameters: &Value) -> Option<String> {
    let group = parameters["apiGroup"].as_str()?;
    let kind = [kinds::INGRESS_CLASS_PARAMS, kinds::AUTO_MODE_INGRESS_CLASS_PARAMS]
        .into_iter()
        .find(|kind| kind.group == group && parameters["kind"] == kind.kind)?;
    let objects = &op.remotes.cluster().objects;
    let params = objects.get(kind, None, parameters["name"].as_str()?).await;
    let group = params.ok().flatten()?["spec"]["group"]["name"].as_str()?.to_owned();
    Some(group)
}

fn at_class(at: &AttributePath, what: &str) -> Diagnostic {
    Diagnostic::error(what).at(at.clone().attribute("ingress_class"))
}

fn no_class(at: &AttributePath, name: &str) -> Diagnostic {
    at_class(at, "The IngressClass does not exist")
        .because(format!("The cluster has no IngressClass `{name}`."))
        .advice(
            "Install the AWS Load Balancer Controller, whose chart creates the class `alb`, or on EKS Auto Mode create an \
             IngressClass with `controller: eks.amazonaws.com/alb`, and name it here.",
        )
}

fn other_controller(at: &AttributePath, name: &str, controller: &str) -> Diagnostic {
    at_class(at, "The IngressClass belongs to another controller")
        .because(format!(
            "IngressClass `{name}` is for `{controller}`, which does not create Application Load Balancers."
        ))
        .advice(format!(
            "Name a class with one of the controllers `{}`.",
            CONTROLLERS.join("`, `")
        ))
}

fn other_group(at: &AttributePath, name: &str, group: &str) -> Diagnostic {
    Diagnostic::error("The IngressClass has a group of its own")
        .at(at.clone().attribute("group"))
        .because(format!(
            "The IngressClassParams of `{name}` put its Ingresses into the group `{group}`, so that they share one load \
             balancer."
        ))
        .advice(format!("Set `group = {{ name = \"{group}\" }}`, or use a class without a group."))
}

fn no_group(at: &AttributePath, name: &str) -> Diagnostic {
    Diagnostic::error("EKS Auto Mode takes the group from the IngressClass")
        .at(at.clone().attribute("group"))
        .because(format!(
            "IngressClass `{name}` belongs to EKS Auto Mode, and no group was found in its IngressClassParams."
        ))
        .advice("Set `spec.group.name` in the IngressClassParams, or remove `group`.")
}
