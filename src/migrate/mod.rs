//! Rewriting handlers for another release: which rewrite fits, under which conditions it keeps the meaning, and its edits.

pub mod adapter;
pub mod clause;
pub mod conditions;
pub mod handler;
pub mod parameters;
pub mod registration;
pub mod results;
pub mod serving;
pub mod session;
pub mod specs;
pub mod template;
#[cfg(test)]
mod tests;
