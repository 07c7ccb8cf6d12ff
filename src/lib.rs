//! hookshift upgrades custom `MongooseIM` modules across hook-API releases.
//!
//! Data flows one way, and each part knows only those above it in this list:
//!
//! * [`budget`]: how much a piece of work may cost;
//! * [`source`]: a file's bytes, its encoding, positions in every unit;
//! * [`syntax`]: top-level forms, parsed one by one when something needs them;
//! * [`outline`]: what one module declares, without judgement;
//! * [`catalog`]: what the hooks of each release are, and how they changed;
//! * [`project`]: files on disk, the module index, registrations resolved to handlers;
//! * [`extract`]: the catalog's data about a release, from a server's source tree;
//! * [`finding`]: the only thing that passes from rules to the outside;
//! * [`fingerprint`]: what makes a finding the same one in another run;
//! * [`baseline`]: findings that a project knows of;
//! * [`patch`]: which lines the hunks of a diff are about;
//! * [`rewrite`]: edits, fixes and how far a fix can be trusted;
//! * [`migrate`]: the code that a handler needs in the target release, as edits;
//! * [`prove`]: what the compiler says to a module before and after;
//! * [`rules`]: one file per rule;
//! * [`check`]: the order of a run, from a project's files to its findings;
//! * [`fixing`]: fixes applied to a whole project, in memory;
//! * [`examples`]: what change files show, held against what rules and fixes make of it;
//! * [`report`]: findings as text and JSON;
//! * [`plan`]: everything that an upgrade takes;
//! * [`live`]: the handlers of a running node, held against the source;
//! * [`lsp`]: findings and fixes inside an editor;
//! * [`review`]: findings and fixes as comments in a pull request;
//! * [`cli`]: one file per command.
//!
//! [`suggest`] finds what a misspelt name was meant to be, [`program`] what is run, and both serve all of them.

pub mod baseline;
pub mod budget;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod examples;
pub mod extract;
pub mod finding;
pub mod fingerprint;
pub mod fixing;
pub mod live;
pub mod lsp;
pub mod migrate;
pub mod outline;
pub mod patch;
pub mod plan;
pub mod program;
pub mod project;
pub mod prove;
pub mod report;
pub mod review;
pub mod rewrite;
pub mod rules;
#[cfg(test)]
mod scratch;
pub mod source;
pub mod suggest;
pub mod syntax;
