//! What is rendered: frozen by golden files, and properties that hold for every input.

mod cases;
mod golden;
mod objects;
mod properties;
