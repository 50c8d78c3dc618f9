//! What a command of Terraform left behind.

use std::path::PathBuf;

use serde_json::Value;

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line.
    pub command: String,
    /// The exit code; absent when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// The file of its trace log.
    pub log: PathBuf,
}

impl Output {
    /// This output, if the command succeeded.
    ///
    /// # Panics
    /// It didn't; the message is everything that it wrote.
    #[track_caller]
    #[must_use]
    pub fn success(self) -> Self {
        self.code_is(0)
    }

    /// This output, if the command failed and both its outputs together contain every one of these texts.
    ///
    /// # Panics
    /// It didn't, or they don't; the message is everything that it wrote.
    #[track_caller]
    #[must_use]
    pub fn failure(self, texts: &[&str]) -> Self {
        assert!(self.code.is_some_and(|code| code != 0), "should have failed: {self}");
        let said = self.words();
        for text in texts {
            assert!(said.contains(&squeeze(text)), "does not say {text:?}: {self}");
        }
        self
    }

    /// This output, if the command ended with this code.
    ///
    /// # Panics
    /// It didn't; the message is everything that it wrote.
    #[track_caller]
    #[must_use]
    pub fn code_is(self, code: i32) -> Self {
        assert!(self.code == Some(code), "should have ended with {code}: {self}");
        self
    }

    /// The standard output as one JSON value.
    ///
    /// # Panics
    /// It isn't; the message is everything that the command wrote.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// The standard output as JSON lines (`apply -json`); other lines are left out.
    #[must_use]
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Both outputs as words with single spaces, without the frames of diagnostics and the line breaks that the
    /// terminal's width puts anywhere.
    #[must_use]
    pub fn words(&self) -> String {
        squeeze(&format!("{}\n{}", self.stdout, self.stderr))
    }
}

fn squeeze(text: &str) -> String {
    text.replace(['│', '╷', '╵'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

impl std::fmt::Display for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            command,
            code,
            stdout,
            stderr,
            log,
        } = self;
        let log = log.display();
        write!(
            formatter,
            "`{command}` ended with {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n--- log: {log}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Output;

    fn output(code: i32, stderr: &str) -> Output {
        let (stdout, log) = (String::new(), "log".into());
        Output {
            command: "terraform plan".to_owned(),
            code: Some(code),
            stdout,
            stderr: stderr.to_owned(),
            log,
        }
    }

    #[test]
    fn finds_words_across_the_frame_of_a_diagnostic() {
        drop(output(1, "╷\n│ Error: no such\n│ cluster\n╵").failure(&["Error: no such cluster"]));
    }

    #[test]
    #[should_panic(expected = "should have ended with 0: `terraform plan` ended with Some(1)")]
    fn a_failure_shows_everything() {
        drop(output(1, "broken").success());
    }
}
