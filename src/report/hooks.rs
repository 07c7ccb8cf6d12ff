//! The rows of `hookshift hooks`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{ChangeKind, Scope};

/// A hook of a release, or a hook that changed between two releases.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "hookshift hooks")]
pub struct HookRow {
    pub name: String,
    /// The server's module that runs it.
    pub module: String,
    /// `host-type` or `global`: under which tag a handler must be registered.
    #[schemars(with = "ScopeOut")]
    pub scope: Scope,
    /// The accumulator's type.
    pub accumulator: String,
    /// The keys of the parameter map.
    pub parameters: Vec<String>,
    /// The type of what running it yields.
    pub result: String,
    /// What happened to it; only in a list of changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ChangeOut>")]
    pub change: Option<ChangeKind>,
    /// Hooks that take its place; only in a list of changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacements: Option<Vec<String>>,
}

/// The schema of [`Scope`], which knows nothing of schemas because the build script compiles it too.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", rename = "Scope", inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum ScopeOut {
    HostType,
    Global,
}

/// The schema of [`ChangeKind`].
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", rename = "Change", inline)]
#[expect(dead_code, reason = "only its schema is used")]
enum ChangeOut {
    Added,
    Removed,
    Changed,
    Meaning,
}
