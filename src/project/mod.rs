//! Files on disk, the module index, and the resolution of registrations to handlers.

pub mod eval;
pub mod handlers;
pub mod modules;
pub mod registrations;
