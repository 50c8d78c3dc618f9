//! The example provider under the real `terraform`, which must be on PATH.

#![expect(clippy::unwrap_used, reason = "what tests share are tests too")]

mod import;
mod interruption;
mod lifecycle;
mod process;
mod reattach;
mod values;
mod workspace;
