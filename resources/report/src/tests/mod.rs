//! Set-ups, good and broken on purpose, and what a report says of each.

mod broken;
mod certificates;
mod found;
mod probed;
pub(crate) mod set_up;
mod whole;
