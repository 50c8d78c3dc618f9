//! One step of the set-up: a program that is run to its end.

use std::process::{Command, Stdio};

use super::error::{Context as _, Error, Result};

/// Runs a step to its end and returns its standard output, or its complaint.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .context(format!("{:?}", command.get_program()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::new(format!(
        "{command:?} ended with {}:\n{}",
        output.status,
        complaint.trim_end()
    )))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::run;

    #[test]
    fn a_failed_step_shows_its_complaint() {
        let error = run(Command::new("sh").args(["-c", "echo broken >&2; exit 3"])).expect_err("must fail");
        assert!(error.to_string().contains("broken"), "{error}");
    }
}
