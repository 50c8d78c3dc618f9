//! AWS objects, and what their kinds share.

pub mod acm_certificate;
pub mod alias_record;
pub mod authority;
pub mod content;
pub mod eks;
pub mod given;
pub mod iam_role;
pub mod marks;
pub mod metric_alarm;
pub mod token;
#[cfg(test)]
mod tried;
pub mod validation_record;
pub mod wait;
