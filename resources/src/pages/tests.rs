//! There is a page for each resource, and no other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tfplugin_framework::schema::{Attribute, AttributeType};

use super::{Page, files, pages};

/// What belongs to the generator as a whole; the rest of `docs` is written by hand.
const FOLDERS: [&str; 5] = [
    "docs/data-sources",
    "docs/resources",
    "examples/provider",
    "examples/resources",
    "examples/data-sources",
];

#[test]
fn pages_and_examples_are_those_of_the_folders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = files();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        for (path, text) in &files {
            let file = root.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
        }
    }
    let mut wrong: Vec<String> = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| format!("{path} differs: UPDATE_GOLDEN=1 writes it"))
        .collect();
    let strangers = FOLDERS
        .iter()
        .flat_map(|folder| found(&root.join(folder)))
        .map(|file| file.strip_prefix(&root).unwrap().display().to_string())
        .filter(|path| !files.contains_key(path));
    wrong.extend(strangers.map(|path| format!("{path} belongs to no resource: remove it")));
    assert_eq!(wrong, Vec::<String>::new());
}

fn found(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(found(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn each_link_within_a_page_leads_somewhere() {
    for (path, text) in files() {
        let targets: BTreeSet<&str> = between(&text, "<a id=\"", "\"");
        for link in between(&text, "](#", ")") {
            assert!(targets.contains(link), "{path}: {link}");
        }
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> BTreeSet<&'a str> {
    let rests = text.split(start).skip(1);
    rests.filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn imports_are_of_what_the_example_makes() {
    for page in pages() {
        let Some(command) = page.import() else { continue };
        let address = command.split_whitespace().nth(2).unwrap_or_default();
        let (kind, name) = address.split_once('.').unwrap_or_default();
        let declared = format!("resource \"{kind}\" \"{name}\"");
        assert!(kind == page.name() && page.example().contains(&declared), "{address}");
    }
}

#[test]
fn every_description_is_made_of_sentences() {
    for Page { folder, schema, .. } in pages() {
        sentences(folder, &schema.attributes);
    }
}

fn sentences(at: &str, attributes: &[Attribute]) {
    for attribute in attributes {
        let at = format!("{at}.{}", attribute.name);
        assert!(attribute.description.ends_with('.'), "{at}");
        if let AttributeType::Nested { attributes, .. } = &attribute.shape {
            sentences(&at, attributes);
        }
    }
}

#[test]
fn a_page_shows_all_that_the_schema_knows() {
    let files = files();
    let ca = &files["docs/resources/private_ca.md"];
    for line in [
        "subcategory: \"Account\"",
        "# e2etls_private_ca (Resource)",
        "### Required",
        "### Nested Schema for `revocation.crl`",
        "(see [below for nested schema](#nestedatt--revocation--crl))",
        "`RSA_4096`, `EC_prime256v1`",
        "Default: `EC_prime256v1`. Changing this replaces the resource.",
        "Default: `5m`.",
        "to = e2etls_private_ca.dev",
    ] {
        assert!(ca.contains(line), "{line}");
    }
    let issuer = &files["docs/resources/issuer.md"];
    assert!(issuer.contains("Default: `[\"server auth\"]`."));
    let provider = &files["docs/index.md"];
    assert!(provider.contains("- `token` (String, Sensitive) "));
}
