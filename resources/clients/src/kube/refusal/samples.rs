//! One recorded answer per row.
