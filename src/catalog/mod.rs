//! What the hooks of each release are, and how they changed.

mod model;

pub use model::*;
