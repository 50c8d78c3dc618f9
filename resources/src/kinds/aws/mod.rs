//! AWS objects.

pub mod authority;
pub mod marks;
pub mod token;
