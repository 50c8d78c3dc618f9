//! One recorded error per row.
