//! The containers of a Pod: their names, images, variables, ports and mounts.

use serde_json::Value;

use super::super::image::app_image;
use super::super::kubernetes::{is_env_name, is_label};
use super::resources::all_amounts;
use super::shape::inside;
use super::text;

/// Nothing, or the first mistake at its place.
pub(super) type Found = Result<(), String>;

/// A mistake at its place.
pub(super) fn wrong(at: &str, why: &str) -> Found {
    Err(format!("`{at}`: {why}"))
}

pub(super) fn containers(spec: &Value) -> Found {
    const CONTAINERS: [&str; 2] = ["initContainers", "containers"];
    named_once(spec, &CONTAINERS)?;
    for (at, container) in CONTAINERS.iter().flat_map(|list| items(spec, "spec", list)) {
        match text(container, "image") {
            "" => wrong(&inside(&at, "image"), "this field is required")?,
            image => app_image(image).or_else(|invalid| wrong(&inside(&at, "image"), &invalid.message))?,
        }
        let pull = text(container, "imagePullPolicy");
        if !["", "Always", "IfNotPresent", "Never"].contains(&pull) {
            let why = format!("`{pull}` is not valid: use `Always`, `IfNotPresent` or `Never`");
            return wrong(&inside(&at, "imagePullPolicy"), &why);
        }
        all_amounts(&container["resources"], &inside(&at, "resources"))?;
        ports(container, &at)?;
        variables(container, &at)?;
        mounts(container, &at, spec)?;
    }
    Ok(())
}

fn variables(container: &Value, at: &str) -> Found {
    let mut seen = Vec::new();
    for (at, variable) in items(container, at, "env") {
        let name = text(variable, "name");
        if !is_env_name(name) {
            let why =
                "this is not a valid name for an environment variable: use printable ASCII characters without `=`";
            return wrong(&inside(&at, "name"), why);
        }
        if seen.contains(&name) {
            return wrong(&inside(&at, "name"), &format!("another variable has the name `{name}`"));
        }
        seen.push(name);
        if !text(variable, "value").is_empty() && !variable["valueFrom"].is_null() {
            return wrong(&at, "set only one of `value` and `valueFrom`");
        }
    }
    Ok(())
}

fn ports(container: &Value, at: &str) -> Found {
    let mut seen = Vec::new();
    for (at, port) in items(container, at, "ports") {
        let number = port["containerPort"].as_i64().unwrap_or_default();
        if !(1..=65535).contains(&number) {
            return wrong(
                &inside(&at, "containerPort"),
                &format!("`{number}` is not a valid port: use 1 to 65535"),
            );
        }
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        if seen.contains(&(number, protocol)) {
            return wrong(
                &at,
                &format!("another item has the port {number} and the protocol {protocol}"),
            );
        }
        seen.push((number, protocol));
    }
    Ok(())
}

fn mounts(container: &Value, at: &str, spec: &Value) -> Found {
    let mut seen = Vec::new();
    for (at, mount) in items(container, at, "volumeMounts") {
        let (name, path) = (text(mount, "name"), text(mount, "mountPath"));
        if path.is_empty() || path.contains(':') {
            return wrong(&inside(&at, "mountPath"), "this must be a path without `:`");
        }
        if seen.contains(&path) {
            return wrong(
                &inside(&at, "mountPath"),
                &format!("another volume is mounted at `{path}`"),
            );
        }
        seen.push(path);
        if !items(spec, "spec", "volumes").any(|(_, volume)| text(volume, "name") == name) {
            return wrong(
                &inside(&at, "name"),
                &format!("the Pod has no volume with the name `{name}`"),
            );
        }
    }
    Ok(())
}

/// Each item of these lists of a Pod has a name of its own: an RFC 1123 label.
pub(super) fn named_once(spec: &Value, lists: &[&str]) -> Found {
    let mut seen = Vec::new();
    for (at, item) in lists.iter().flat_map(|list| items(spec, "spec", list)) {
        let (at, name) = (inside(&at, "name"), text(item, "name"));
        if !is_label(name) {
            return wrong(
                &at,
                &format!(
                    "`{name}` is not a valid name: use lowercase letters, digits and hyphens, start and end with a letter \
                     or digit, at most 63 characters"
                ),
            );
        }
        if seen.contains(&name) {
            return wrong(&at, &format!("another item has the name `{name}`"));
        }
        seen.push(name);
    }
    Ok(())
}

/// The items of a list, each with its place.
pub(super) fn items<'a>(value: &'a Value, at: &str, list: &str) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let at = inside(at, list);
    let items = value[list].as_array().into_iter().flatten().enumerate();
    items.map(move |(position, item)| (format!("{at}[{position}]"), item))
}
