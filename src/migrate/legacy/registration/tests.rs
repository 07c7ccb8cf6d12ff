//! Registrations before and after.

mod indirect;
mod lists;
