use std::path::Path;

use super::{SHA256, all_of, broken, good, many, now};
use crate::page::page;

const HOSTILE: &str = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\" onclick=\"x' &amp; \u{202e}gpj.exe\u{7}\n\u{feff}e\u{301}\u{301}\u{301}";

/// The page of the reference set-up. `UPDATE_GOLDEN=1` writes it.
#[test]
fn the_page_of_the_reference_set_up() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/golden/whole.html");
    let page = page(&good(), SHA256, now());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &page).expect("a file");
    }
    let golden = std::fs::read_to_string(&file).expect("a golden file: UPDATE_GOLDEN=1 writes it");
    assert!(
        golden == page,
        "the page differs from {}: UPDATE_GOLDEN=1 writes it",
        file.display()
    );
}

/// Pages to look at, in the folder that `PAGES` names.
#[test]
fn samples_to_look_at() {
    let Some(folder) = std::env::var_os("PAGES") else {
        return;
    };
    let long = format!("{HOSTILE}{}", "W".repeat(1 << 20));
    for (name, document, now) in [
        ("good", good(), now()),
        ("broken", broken(), super::at("2026-11-05T12:00:00Z")),
        ("hostile", all_of(&long, HOSTILE), now()),
        ("many", many(500), now()),
    ] {
        let file = Path::new(&folder).join(name).with_extension("html");
        std::fs::write(file, page(&document, SHA256, now)).expect("a file");
    }
}
