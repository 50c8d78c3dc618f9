//! Import by command and by block, generated configuration, moves, old state.

use std::fs;

use serde_json::{Value as Json, json};

use crate::workspace::Workspace;

const BODY: &str = "resource \"example_document\" \"a\" {\n  path  = \"a\"\n  title = \"Found\"\n}\n";

/// A workspace with a document that nobody manages.
fn with_document(body: &str) -> Workspace {
    let workspace = Workspace::simple(body);
    let document = json!({ "id": "document/a", "title": "Found", "content": "", "revision": 4 });
    fs::write(workspace.docs().join("a"), document.to_string()).unwrap();
    workspace
}

#[test]
fn an_imported_document_needs_no_change() {
    let workspace = with_document(BODY);
    workspace.terraform(&["import", "example_document.a", "a"]).code(0);
    workspace.plan().code(0);
}

#[test]
fn an_import_block_does_the_same() {
    let workspace = with_document(&format!(
        "{BODY}import {{\n  to = example_document.a\n  id = \"a\"\n}}\n"
    ));
    workspace.plan().code(2).says("1 to import, 0 to add, 0 to change");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn configuration_is_generated() {
    let workspace = with_document("import {\n  to = example_document.a\n  id = \"a\"\n}\n");
    workspace
        .terraform(&["plan", "-generate-config-out=generated.tf"])
        .code(0)
        .says("1 to import");
    let generated = fs::read_to_string(workspace.path("module/generated.tf")).unwrap();
    assert!(
        generated.contains("title") && !generated.contains("sha256"),
        "{generated}"
    );
}

#[test]
fn what_is_not_there_cannot_be_imported() {
    let workspace = with_document(BODY);
    workspace
        .terraform(&["import", "example_document.a", "b"])
        .code(1)
        .says("There is no document at `b`");
}

#[test]
fn a_move_from_another_type_adopts_the_document() {
    let old = "resource \"terraform_data\" \"a\" {\n  input = \"a\"\n}\n";
    let workspace = with_document(old);
    workspace.apply();
    workspace.rewrite(&format!(
        "{BODY}moved {{\n  from = terraform_data.a\n  to   = example_document.a\n}}\n"
    ));
    workspace
        .plan()
        .code(2)
        .says("has moved to")
        .says("0 to add, 0 to change, 0 to destroy");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn state_of_an_older_version_is_lifted() {
    let workspace = Workspace::simple(BODY);
    workspace.apply();
    edit_state(&workspace, |instance| {
        instance["schema_version"] = json!(0);
        let attributes = instance["attributes"].as_object_mut().unwrap();
        let content = attributes.remove("content").unwrap();
        attributes.insert("text".to_owned(), content);
        attributes.insert("long_gone".to_owned(), json!([{ "x": 1 }]));
    });
    workspace.plan().code(0);
}

#[test]
fn private_state_is_kept_by_refresh_failure_and_update() {
    let workspace = Workspace::simple(BODY);
    workspace.apply();
    let private = || {
        let mut found = None;
        edit_state(&workspace, |instance| {
            found = instance["private"].as_str().map(str::to_owned)
        });
        found.expect("private state")
    };
    let first = private();
    workspace
        .terraform(&["apply", "-refresh-only", "-auto-approve"])
        .code(0);
    assert_eq!(private(), first);

    workspace.write(
        "directory = \"{docs}\"\n delay_ms = 30000",
        &BODY.replace("\n}", "\n  content = \"x\"\n  timeouts = { update = \"100ms\" }\n}"),
    );
    workspace
        .terraform(&["apply", "-auto-approve"])
        .code(1)
        .says("it took longer than 100ms");
    assert_eq!(private(), first, "after a failed update");
}

/// Changes the only instance in the state file.
fn edit_state(workspace: &Workspace, edit: impl FnOnce(&mut Json)) {
    let mut state: Json = serde_json::from_slice(&fs::read(workspace.state()).unwrap()).unwrap();
    edit(&mut state["resources"][0]["instances"][0]);
    fs::write(workspace.state(), state.to_string()).unwrap();
}
