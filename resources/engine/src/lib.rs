//! The engine of parts. It knows no Kubernetes, no AWS and no wire.

pub mod refusal;
