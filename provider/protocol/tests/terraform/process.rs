//! What a real host shows of the provider's process: log lines and the trace of a crash.

use std::fs;

use crate::workspace::Workspace;

const BODY: &str = "resource \"example_document\" \"a\" {\n  path  = \"a\"\n  title = \"t\"\n}\n";

#[test]
fn log_lines_keep_their_level_and_fields() {
    let mut workspace = Workspace::simple(BODY);
    let log = workspace.path("log");
    workspace.set("TF_LOG", "trace");
    workspace.set("TF_LOG_PATH", log.to_str().unwrap());
    workspace.apply();
    let text = fs::read_to_string(log).unwrap();
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.contains("provider.terraform-provider-example: call"))
        .collect();
    let of_apply = ours
        .iter()
        .find(|line| line.contains("tf_rpc=ApplyResourceChange"))
        .expect("a line of the apply");
    for part in [
        "[TRACE]",
        "tf_resource_type=example_document",
        "tf_req_id=",
        "@module=sdk.proto",
    ] {
        assert!(of_apply.contains(part), "`{part}` is not in {of_apply}");
    }
    let configured = text
        .lines()
        .find(|line| line.contains("provider.terraform-provider-example: configuring"));
    assert!(
        configured.is_some_and(|line| line.contains("[DEBUG]")),
        "{configured:?}"
    );
    assert!(text.contains("plugin process exited"), "the provider ended by itself");
    assert!(!text.contains("plugin failed to exit gracefully"));
}

#[test]
fn the_trace_of_a_crash_is_shown() {
    let mut workspace = Workspace::simple("");
    workspace.write_all(
        "terraform {\n  required_providers {\n    broken = { source = \"example/broken\" }\n  }\n}\n\
         resource \"broken_thing\" \"a\" {\n  name = \"x\"\n}\n",
    );
    workspace
        .terraform(&["apply", "-auto-approve"])
        .code(1)
        .says("no creation today")
        .says("bug in the provider");
    workspace.set("BROKEN_START", "1");
    workspace.plan().code(1).says("panic: no start today");
}
