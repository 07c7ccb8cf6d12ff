//! Rewriting handlers for another release: which rewrite fits, under which conditions it keeps the meaning, and its edits.

pub mod adapter;
pub mod api;
pub mod callback;
pub mod clause;
mod comprehension;
pub mod conditions;
pub mod exports;
pub mod fall_through;
#[cfg(test)]
mod fall_through_tests;
pub mod flow;
pub mod handler;
pub mod helpers;
pub mod host_type;
pub mod narrow;
pub mod order;
pub mod parameters;
#[cfg(test)]
mod parameters_tests;
pub mod registration;
#[cfg(test)]
mod registration_tests;
pub mod result_specs;
pub mod results;
#[cfg(test)]
mod results_tests;
pub mod serving;
pub mod session;
pub mod specs;
pub mod template;
#[cfg(test)]
mod tests;
pub mod text;
pub mod threading;
