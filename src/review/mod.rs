pub mod diff;
pub mod http;
