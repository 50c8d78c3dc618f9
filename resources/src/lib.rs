//! e2etls-resources
