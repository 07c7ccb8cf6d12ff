//! Reviews as they are made: the command runs in a real repository and talks to a server that holds every request against what
//! the platform has published, and its own answers as well.

mod changes;
mod command;
mod github;
mod gitlab;
mod on_github;
mod on_gitlab;
mod openapi;
mod project;
mod server;
