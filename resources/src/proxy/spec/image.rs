//! The image of the proxy's Pods.

use tfplugin_framework::Attr;

use super::super::model::Pod;
use super::super::render;
use super::template_version;
use crate::session::Session;

/// `pod.image`, or what the template version pins; unknown while anything is that decides it, as the provider's registry.
pub(crate) fn image(pod: &Attr<Pod>, version: &Attr<i64>, session: Option<&Session>) -> Attr<String> {
    let given = match pod {
        Attr::Known(pod) => &pod.image,
        Attr::Unknown => &Attr::Unknown,
        Attr::Null => &Attr::Null,
    };
    if !given.is_null() {
        return given.clone();
    }
    let registry = session.map_or(&Attr::Unknown, |session| &session.image_registry);
    match (template_version(version), registry) {
        (Some(version), Attr::Known(registry)) => Attr::Known(render::image(version, Some(registry))),
        (Some(version), Attr::Null) => Attr::Known(render::image(version, None)),
        _ => Attr::Unknown,
    }
}
