//! Typed ports to the remotes. Inputs and answers are plain; the SDKs' names stay inside.

#![recursion_limit = "512"] // the SDK's futures nest deeply

pub mod aws;
pub mod kube;
