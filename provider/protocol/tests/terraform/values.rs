//! Values through a real host: schemas, unknowns, size, numbers, Unicode.

use std::fs;

use serde_json::Value as Json;

use crate::workspace::Workspace;

#[test]
fn schemas_are_accepted_and_shown() {
    let workspace = Workspace::simple("");
    let output = workspace.command(&["providers", "schema", "-json"]).output().unwrap();
    let all: Json = serde_json::from_slice(&output.stdout).unwrap();
    let schemas = &all["provider_schemas"]["registry.terraform.io/example/example"];
    let document = &schemas["resource_schemas"]["example_document"];
    assert_eq!(document["version"], 1);
    let attributes = &document["block"]["attributes"];
    assert_eq!(attributes["tags"]["type"], serde_json::json!(["set", "string"]));
    assert_eq!(attributes["sections"]["nested_type"]["nesting_mode"], "list");
    assert_eq!(
        (
            &attributes["passphrase"]["sensitive"],
            &attributes["stamp"]["write_only"]
        ),
        (&true.into(), &true.into())
    );
    assert_eq!(attributes["title"]["description_kind"], "markdown");
    assert!(schemas["data_source_schemas"]["example_document"].is_object());
}

#[test]
fn an_unknown_provider_configuration_plans() {
    let body = r#"
resource "terraform_data" "folder" {
  input = "{docs}"
}
resource "example_document" "a" {
  path  = "a"
  title = terraform_data.folder.id
}
"#;
    let workspace = Workspace::new("directory = terraform_data.folder.output", body);
    workspace.plan().code(2).says("2 to add");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn unknown_values_inside_collections_plan_and_apply() {
    let body = r#"
resource "terraform_data" "a" {
  input = "x"
}
resource "example_document" "a" {
  path     = "a"
  title    = "t"
  tags     = ["known", terraform_data.a.output]
  labels   = { (terraform_data.a.output) = "v" }
  extra    = { k = terraform_data.a.output }
  sections = [for name in [terraform_data.a.output] : { heading = name, lines = [name, null] }]
}
"#;
    let workspace = Workspace::simple(body);
    workspace.plan().code(2).says("2 to add");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn numbers_and_text_stay_as_they_were_written() {
    let body = r#"
resource "example_document" "a" {
  path   = "a"
  title  = "e\u0301"
  weight = 123456789012345678901234567890.125
  labels = { "k.\u00e9" = "\u0065\u0301" }
  extra  = [18446744073709551615, 0.1, 1e400, -0.5, null, "e\u0301", { a = [] }]
}
"#;
    let workspace = Workspace::simple(body);
    workspace.apply();
    workspace.plan().code(0);
    workspace.rewrite(&body.replace("0.125", "0.126"));
    workspace.plan().code(2).says("1 to change");
}

#[test]
fn twenty_mebibytes_of_state_and_configuration_are_accepted() {
    let body = "resource \"example_document\" \"a\" {\n path = \"a\"\n title = \"t\"\n content = file(\"big\")\n}\n";
    let workspace = Workspace::simple(body);
    fs::write(workspace.path("module/big"), "x".repeat(20 * 1024 * 1024)).unwrap();
    // Its own plan would be printed whole.
    workspace.terraform(&["plan", "-out=plan"]).code(0);
    workspace.terraform(&["apply", "plan"]).code(0);
    assert!(fs::metadata(workspace.state()).unwrap().len() > 20 * 1024 * 1024);
    workspace.plan().code(0);
}

#[test]
fn sets_do_not_change_by_their_order() {
    let body = |tags: &str| {
        format!("resource \"example_document\" \"a\" {{\n path = \"a\"\n title = \"t\"\n tags = {tags}\n}}\n")
    };
    let workspace = Workspace::simple(&body(r#"["a", "b", "a"]"#));
    workspace.apply();
    workspace.rewrite(&body(r#"["b", "a"]"#));
    workspace.plan().code(0);
    workspace.rewrite(&body(r#"["b", "a", "c"]"#));
    workspace.plan().code(2).says("+ \"c\"");
}
