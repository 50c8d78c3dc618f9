//! What is rendered: frozen by golden files, and properties that hold for every input.

pub(super) mod cases;
mod golden;
mod hops;
mod metrics;
mod objects;
mod properties;
