//! The suite that every kind of object has to pass, on the real remotes: the fakes in memory are not kinder.

mod kube;
mod schemas;

#[path = "../../../../resources/src/kinds/kube/tests/samples.rs"]
mod samples;
