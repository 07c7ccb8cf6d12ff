//! Rewriting handlers for another release: which rewrite fits, under which conditions it keeps the meaning, and its edits.
//!
//! [`handler`] makes the rewrite of one handler on one hook out of the parts below; [`api`] rewrites what code uses of the
//! server around the hooks.

pub mod adapter;
pub mod api;
pub mod code;
pub mod conditions;
pub mod handler;
pub mod legacy;
pub mod pairs;
pub mod parameters;
pub mod registration;
pub mod results;
pub mod serving;
pub mod session;
pub mod specs;
#[cfg(test)]
mod tests;
pub mod threading;
