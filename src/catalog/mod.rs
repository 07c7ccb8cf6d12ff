//! What the hooks of each release are, and how they changed.

#[cfg(test)]
mod changes_test;
mod model;

pub use model::*;
