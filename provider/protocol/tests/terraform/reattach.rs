//! One running provider, two aliases, two runs.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::workspace::{Workspace, example};

const TEXT: &str = r#"
terraform {
  required_providers {
    example = { source = "example/example" }
  }
}
provider "example" {
  directory = "{docs}/one"
}
provider "example" {
  alias     = "other"
  directory = "{docs}/other"
}
resource "example_document" "one" {
  path  = "a"
  title = "one"
}
resource "example_document" "other" {
  provider = example.other
  path     = "a"
  title    = "other"
}
"#;

#[test]
fn two_aliases_and_two_runs_are_served_by_one_process() {
    let mut provider = Command::new(example("terraform-provider-example"))
        .arg("--debug")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(provider.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut settings = lines.filter_map(|line| Some(line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.to_owned()));
    let settings = settings.next().expect("a line with TF_REATTACH_PROVIDERS");

    let mut workspace = Workspace::simple("");
    workspace.write_all(TEXT);
    workspace.set("TF_REATTACH_PROVIDERS", settings.trim_end_matches('\''));
    workspace.apply().says("2 added");
    workspace.plan().code(0);
    for name in ["one", "other"] {
        let text = std::fs::read_to_string(workspace.docs().join(name).join("a")).unwrap();
        assert!(text.contains(&format!("\"{name}\"")), "{text}");
    }
    workspace.terraform(&["destroy", "-auto-approve"]).code(0);
    assert!(provider.try_wait().unwrap().is_none(), "it outlives its hosts");
    provider.kill().unwrap();
    provider.wait().unwrap();
}
