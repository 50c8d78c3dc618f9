//! Create, drift, update, replace, destroy: after each, a second plan is empty.

use std::fs;

use crate::workspace::Workspace;

const BODY: &str = r#"
resource "example_document" "a" {
  path       = "notes/a"
  title      = "Hello"
  content    = "text"
  tags       = ["b", "a"]
  labels     = { x = "y" }
  sections   = [{ heading = "one", lines = ["l"] }, { heading = "two", level = 2 }]
  weight     = 0.1
  extra      = { k = [1, "two", true] }
  passphrase = "hidden"
  stamp      = "once"
}
data "example_document" "a" {
  path = example_document.a.path
}
output "content" {
  value = data.example_document.a.content
}
"#;

#[test]
fn a_document_lives_and_dies() {
    let workspace = Workspace::simple(BODY);
    workspace.terraform(&["validate"]).code(0);
    workspace.plan().code(2).says("1 to add");
    workspace.apply().says("content = \"text\"");
    workspace.plan().code(0);

    workspace.rewrite(&BODY.replace("\"text\"", "\"other\""));
    workspace.plan().code(2).says("1 to change").says("~ content");
    workspace.apply();
    workspace.plan().code(0);

    workspace.rewrite(&BODY.replace("notes/a", "notes/b"));
    workspace.plan().code(2).says("forces replacement");
    workspace.apply();
    workspace.plan().code(0);
    assert!(!workspace.docs().join("notes/a").exists() && workspace.docs().join("notes/b").exists());

    workspace.terraform(&["destroy", "-auto-approve"]).code(0);
    assert!(!workspace.docs().join("notes/b").exists());
}

#[test]
fn a_change_by_hand_shows_and_is_healed() {
    let workspace = Workspace::simple(BODY);
    workspace.apply();
    let file = workspace.docs().join("notes/a");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("Hello", "Changed")).unwrap();
    workspace
        .terraform(&["plan", "-refresh-only", "-detailed-exitcode"])
        .code(2)
        .says("Changed");
    workspace
        .plan()
        .code(2)
        .says("\"Changed\" -> \"Hello\"")
        .says("1 to change");
    workspace.apply();
    workspace.plan().code(0);

    fs::remove_file(&file).unwrap();
    workspace.plan().code(2).says("1 to add");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn an_unreadable_document_is_an_error_and_not_gone() {
    let workspace = Workspace::simple(BODY);
    workspace.apply();
    let file = workspace.docs().join("notes/a");
    let text = fs::read(&file).unwrap();
    fs::write(&file, "no json").unwrap();
    workspace.plan().code(1).says("Can't read the document");
    fs::write(&file, text).unwrap();
    workspace.plan().code(0);
}

#[test]
fn replacements_work_in_both_orders() {
    for order in ["", "lifecycle {\n create_before_destroy = true\n }"] {
        let body = |path: &str| {
            format!("resource \"example_document\" \"a\" {{\n path = \"{path}\"\n title = \"t\"\n {order}\n}}\n")
        };
        let workspace = Workspace::simple(&body("one"));
        workspace.apply();
        workspace.rewrite(&body("two"));
        workspace.apply().says("1 added, 0 changed, 1 destroyed");
        workspace.plan().code(0);
        assert!(!workspace.docs().join("one").exists() && workspace.docs().join("two").exists());
    }
}

#[test]
fn taint_and_replace_make_it_anew() {
    let workspace = Workspace::simple(BODY);
    workspace.apply();
    workspace.terraform(&["taint", "example_document.a"]).code(0);
    workspace.plan().code(2).says("is tainted, so must be replaced");
    workspace.apply();
    workspace.plan().code(0);
    workspace
        .terraform(&["apply", "-auto-approve", "-replace=example_document.a"])
        .code(0)
        .says("1 destroyed");
    workspace.plan().code(0);
}

#[test]
fn a_failed_create_records_nothing_and_can_be_repeated() {
    let workspace = Workspace::simple(BODY);
    fs::remove_dir(workspace.docs()).unwrap();
    fs::write(workspace.docs(), "in the way").unwrap();
    workspace
        .terraform(&["apply", "-auto-approve"])
        .code(1)
        .says("Can't write the document");
    fs::remove_file(workspace.docs()).unwrap();
    workspace.plan().code(2).says("1 to add");
    workspace.apply();
    workspace.plan().code(0);
}

#[test]
fn protected_documents_are_not_destroyed() {
    let kept = BODY.replace("{ x = \"y\" }", "{ keep = \"yes\" }");
    let workspace = Workspace::simple(&kept);
    workspace.apply();
    workspace
        .terraform(&["destroy", "-auto-approve"])
        .code(1)
        .says("Document is protected")
        .says("Remove the label");
    workspace.rewrite(BODY);
    workspace.apply();
    workspace.terraform(&["destroy", "-auto-approve"]).code(0);
}

#[test]
fn mistakes_are_shown_where_they_were_made() {
    let body = BODY
        .replace("\"Hello\"", "\"\"")
        .replace("level = 2", "level = 9")
        .replace("notes/a", "../a");
    let run = Workspace::simple(&body).terraform(&["validate"]).code(1);
    run.says("Invalid `title`")
        .says("Invalid `path`")
        .says("leaves the directory")
        .says("At `sections[1].level`: `9` is not between 1 and 6")
        // The line of the attribute that holds the nested one.
        .says("sections = [{ heading = \"one\"");
}
