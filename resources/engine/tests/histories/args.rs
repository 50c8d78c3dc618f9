//! The arguments of a resource, and the parts that they render to.

use std::sync::Arc;

use e2etls_engine::part::{Part, Role};
use e2etls_engine::value::link;
use serde_json::json;

use crate::kinds::{GIVEN, MADE, MAKER, NAMED, SPACE, UPSERT};
use crate::ready::Works;
use crate::world::Remote;

/// One part as the user's arguments describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub address: String,
    pub kind: &'static str,
    pub name: String,
    pub shape: String,
    pub value: String,
    /// Address of a part whose uid is linked to.
    pub link: Option<String>,
    /// Address of a part whose uid is linked to by content that can't change in place.
    pub root: Option<String>,
    pub after: Option<String>,
    pub ready: bool,
    pub keep: bool,
}

/// The arguments of the resource.
pub type Args = Vec<Spec>;

/// Renders arguments to parts.
pub fn render(args: &[Spec]) -> Vec<Part<Remote>> {
    args.iter().flat_map(render_one).collect()
}

fn render_one(spec: &Spec) -> Vec<Part<Remote>> {
    let mut content = json!({"shape": spec.shape, "value": spec.value});
    if let Some(target) = &spec.link {
        content["link"] = link(target, "uid").into();
    }
    if let Some(target) = &spec.root {
        content["root"] = link(target, "uid").into();
    }
    if spec.kind == "Wait" {
        return vec![Part::wait_only(&spec.address, &spec.name, content, Arc::new(Works))];
    }
    let kind = match spec.kind {
        "Space" => &SPACE,
        "Upsert" => &UPSERT,
        "Given" => &GIVEN,
        "Maker" => &MAKER,
        _ => &NAMED,
    };
    let secret = format!("{}-secret", spec.value);
    if spec.kind == "Maker" {
        content["secret"] = secret.clone().into();
    }
    let mut part = Part::new(&spec.address, kind, &spec.name, content);
    part.after.extend(spec.after.clone());
    if spec.ready {
        part = part.ready_when(Arc::new(Works));
    }
    if spec.keep {
        part = part.role(Role::Keep);
    }
    if spec.kind != "Maker" {
        return vec![part];
    }
    let follower = Part::new(format!("{}/secret", spec.address), &MADE, secret, json!({}));
    vec![part, follower.role(Role::Follow(spec.address.clone()))]
}
