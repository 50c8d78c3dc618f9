//! The image of the proxy's Pods.

use tfplugin_framework::Attr;

use super::super::model::{ImageUpdates, Pod};
use super::super::render::{self, Updates};
use super::template_version;
use crate::session::Session;

/// `pod.image`, or what the provider chooses; unknown while anything is that decides it, such as the provider's registry.
pub(crate) fn image(pod: &Attr<Pod>, version: &Attr<i64>, session: Option<&Session>) -> Attr<String> {
    let (given, updates) = match pod {
        Attr::Known(pod) => (&pod.image, &pod.image_updates),
        Attr::Unknown => return Attr::Unknown,
        Attr::Null => (&Attr::Null, &Attr::Null),
    };
    if !given.is_null() {
        return given.clone();
    }
    let updates = match updates {
        Attr::Known(ImageUpdates::Patch) => Updates::Patch,
        Attr::Known(ImageUpdates::Pinned) | Attr::Null => Updates::Pinned,
        Attr::Unknown => return Attr::Unknown,
    };
    let registry = session.map_or(&Attr::Unknown, |session| &session.image_registry);
    match (template_version(version), registry) {
        (Some(version), Attr::Known(registry)) => Attr::Known(render::image(version, updates, Some(registry))),
        (Some(version), Attr::Null) => Attr::Known(render::image(version, updates, None)),
        _ => Attr::Unknown,
    }
}
