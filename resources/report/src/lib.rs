//! What is encrypted on the way to an application, by whom it is verified, and who else gets there: a model of what the APIs
//! of Kubernetes and AWS list, and the verdicts that follow from it.
//!
//! Pure: it is given objects and answers, and asks nobody. No facet is `yes` without something that was read and shows it.

pub mod facet;
pub mod hop;
pub mod nginx;
pub mod objects;
