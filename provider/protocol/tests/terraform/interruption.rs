//! Ctrl-C during an apply.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::workspace::{Workspace, finished};

const BODY: &str = "resource \"example_document\" \"a\" {\n  path  = \"a\"\n  title = \"t\"\n}\n";

#[test]
fn an_interrupted_apply_keeps_what_was_made() {
    let workspace = Workspace::new("directory = \"{docs}\"\n delay_ms = 60000", BODY);
    // A terminal signals the whole group: terraform and the provider.
    let apply = workspace
        .command(&["apply", "-auto-approve"])
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("these tests drive the real `terraform`, which must be on PATH");
    let started = Instant::now();
    while !workspace.docs().join("a").exists() {
        assert!(started.elapsed() < Duration::from_secs(30), "the create never began");
        std::thread::sleep(Duration::from_millis(50));
    }
    let group = format!("-{}", apply.id());
    assert!(
        Command::new("kill")
            .args(["-s", "INT", "--", &group])
            .status()
            .unwrap()
            .success()
    );
    let run = finished(apply.wait_with_output().unwrap())
        .code(1)
        .says("the host asked to stop");
    assert!(
        !run.text.contains("crashed") && !run.text.contains("panic"),
        "{}",
        run.text
    );

    workspace.plan().code(2).says("is tainted, so must be replaced");
    workspace.rewrite(BODY);
    workspace.apply();
    workspace.plan().code(0);
}
