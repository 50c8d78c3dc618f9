//! The example provider under the real `terraform`, which must be on PATH.

mod import;
mod interruption;
mod lifecycle;
mod process;
mod reattach;
mod values;
mod workspace;
