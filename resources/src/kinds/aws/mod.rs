//! AWS objects.
