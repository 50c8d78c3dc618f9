//! The golden files: what each template version renders, for good.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{RenderedPart, render};
use super::cases;

fn document(parts: &[RenderedPart]) -> Value {
    let part = |part: &RenderedPart| json!({"address": part.address, "after": part.after, "object": part.object});
    parts.iter().map(part).collect()
}

/// A difference is a change of every proxy of that version at the next upgrade: make a new version instead, unless this
/// one was never released. `UPDATE_GOLDEN=1` writes the files.
#[test]
fn a_template_version_renders_what_it_always_did() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/proxy/render/golden");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (name, spec) in cases::golden() {
        let file = dir.join(format!("{name}.json"));
        let rendered = document(&render(&spec));
        if update {
            std::fs::write(&file, format!("{rendered:#}\n")).unwrap();
        }
        let frozen: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(rendered, frozen, "{name} differs from its golden file");
    }
}
