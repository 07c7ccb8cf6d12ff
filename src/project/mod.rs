//! A project: its files, its configuration, its modules, and its registrations resolved to handlers.

pub mod bounds;
pub mod config;
pub mod ejabberd;
pub mod eval;
pub mod files;
pub mod handlers;
pub mod mentions;
pub mod metrics;
pub mod modules;
pub mod options;
pub mod prefilter;
pub mod registrations;
pub mod release;
pub mod runs;
pub mod server_config;
pub mod settings;
pub mod style;
pub mod trace;
pub mod words;

pub use options::Options;
