//! A plan, as `show -json` tells it.

use std::path::PathBuf;

use serde_json::Value;

use super::output::Output;

/// A plan and the file that it is in.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What `plan` wrote.
    pub output: Output,
    /// The plan file, for [`super::Workspace::apply_plan`].
    pub file: PathBuf,
    /// `show -json` of it.
    pub json: Value,
}

/// What a plan wants with one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The resource's address.
    pub address: String,
    /// `["create"]`, `["update"]`, `["delete", "create"]`, …
    pub actions: Vec<String>,
    /// The whole entry: `before`, `after`, `after_unknown`, `replace_paths`, `importing`, …
    pub json: Value,
}

impl Plan {
    /// Every change of a managed resource or data source that isn't a no-op.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let entries = self.json["resource_changes"].as_array().into_iter().flatten();
        entries
            .map(change)
            .filter(|change| change.actions != ["no-op"])
            .collect()
    }

    /// What the plan wants with the resource of this address.
    ///
    /// # Panics
    /// The plan doesn't know it; the message is the whole plan.
    #[track_caller]
    #[must_use]
    pub fn change(&self, address: &str) -> Change {
        let mut entries = self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(change);
        let found = entries.find(|change| change.address == address);
        found.unwrap_or_else(|| panic!("the plan does not know {address}: {}", self.output))
    }

    /// The drift that the refresh saw.
    #[must_use]
    pub fn drift(&self) -> Vec<Change> {
        self.json["resource_drift"]
            .as_array()
            .into_iter()
            .flatten()
            .map(change)
            .collect()
    }

    /// Whether there is nothing to do (exit code 0), outputs included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.output.code == Some(0)
    }

    /// This plan, if there is nothing to do.
    ///
    /// # Panics
    /// There is; the message is the plan.
    #[track_caller]
    #[must_use]
    pub fn empty(self) -> Self {
        assert!(self.is_empty(), "the plan should be empty: {}", self.output);
        self
    }
}

fn change(entry: &Value) -> Change {
    let actions = entry["change"]["actions"].as_array().into_iter().flatten();
    Change {
        address: entry["address"].as_str().unwrap_or_default().to_owned(),
        actions: actions.filter_map(Value::as_str).map(str::to_owned).collect(),
        json: entry["change"].clone(),
    }
}
