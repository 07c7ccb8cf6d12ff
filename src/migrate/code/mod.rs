//! Code as rewrites see it: one clause with its edits, pieces of Erlang from the catalog, and what stands where.

pub mod atoms;
pub mod bodies;
pub mod callers;
pub mod clause;
pub mod elsewhere;
pub mod form;
pub mod text;

pub use crate::catalog::template;
