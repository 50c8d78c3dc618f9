//! AWS objects, and what their kinds share.

pub mod authority;
pub mod content;
pub mod marks;
pub mod token;
pub mod wait;
