//! The catalog's data as it stands in the TOML files under `releases/` and `changes/`.
//!
//! This file, with those under `model/`, is compiled twice: as part of the library, and by the build script, which checks the TOML
//! files and packs them, so that a run of hookshift parses no TOML to know the hooks. It must therefore
//! use nothing of the crate. Packing does not name fields: no `skip_serializing_if`, no `flatten`.

use serde::{Deserialize, Serialize};

mod api;
mod hooks;
mod operation;

pub use api::*;
pub use hooks::*;
pub use operation::*;

/// What one release's hooks are: the content of `releases/<release>.toml`, made by `catalog extract`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// As in `6.1.0`.
    pub release: String,
    /// Sorted by name.
    pub hooks: Vec<Hook>,
    /// The server's own handlers, sorted by hook, priority, module and function.
    #[serde(default)]
    pub handlers: Vec<ServerHandler>,
}

/// For whom a hook is run, which decides under which tag a handler must be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    HostType,
    Global,
}

/// One hook of one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    pub name: String,
    /// The function that runs it, as in `mongoose_hooks:user_send_packet/4`.
    pub run: String,
    pub scope: Scope,
    /// The accumulator's type as the function's spec gives it; of the initial value when no argument is meant.
    pub accumulator: String,
    /// The expression that is handed to `gen_hook` as the initial accumulator, as in `Acc`, `[]` or `ok`.
    pub initial: String,
    /// The keys of the parameter map, in source order. Empty before 6.0.0, where `arguments` has them.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Where the keys come from when the caller hands over a whole map: its type, as in
    /// `mod_mam:archive_message_params()`. Empty when the map is a literal. When this is given and `parameters`
    /// are empty, the server's source does not say which keys there are.
    #[serde(default)]
    pub parameters_type: String,
    /// Positional arguments after the accumulator, as in 5.1.0's `[From, To, Packet]`, in order.
    #[serde(default)]
    pub arguments: Vec<Parameter>,
    /// The result type of the function that runs it.
    pub result: String,
    /// Whether that function takes the result out of `{ok | stop, Result}`.
    pub unwrapped: bool,
    /// Path and 1-based line in the server's source tree, as in `src/hooks/mongoose_hooks.erl:257`.
    pub at: String,
}

/// A key of a parameter map, or a positional argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The key (or, for an argument, the variable's name).
    pub key: String,
    /// Its type from the spec; empty when the spec does not say.
    #[serde(rename = "type", default)]
    pub ty: String,
    /// Whether the key may be missing (`=>` in the map's type).
    #[serde(default)]
    pub optional: bool,
}

/// A handler that the server itself registers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerHandler {
    pub hook: String,
    pub priority: u32,
    pub module: String,
    pub function: String,
    /// Path and 1-based line of the registration.
    pub at: String,
}

/// What a release's modules export and its headers declare: `releases/<release>.api.toml`, made by
/// `catalog extract` as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    pub release: String,
    /// Sorted by module.
    pub modules: Vec<ApiModule>,
    /// Sorted by header name.
    pub headers: Vec<ApiHeader>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiModule {
    pub name: String,
    /// `function/arity`, separated by single blanks, sorted: one string, because there are some ten thousand.
    pub exports: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiHeader {
    /// File name below `include/`, as in `jlib.hrl`.
    pub name: String,
    /// `NAME` or `NAME/arity`, separated by single blanks, sorted.
    #[serde(default)]
    pub macros: String,
    #[serde(default)]
    pub records: Vec<ApiRecord>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiRecord {
    pub name: String,
    /// Field names in order, separated by single blanks.
    #[serde(default)]
    pub fields: String,
}

/// What changed between two neighbouring releases: the content of `changes/<from>-to-<to>.toml`, written by
/// people and checked against both releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    pub from: String,
    pub to: String,
    /// Functions of the old release, as in `ejabberd_sm:get_session_pid`, whose results hold the processes of sessions.
    #[serde(default)]
    pub session_pids: Vec<String>,
    #[serde(default)]
    pub hooks: Vec<HookChange>,
    /// Where handlers took positional arguments in the old release and take a map in the new one: what became of the
    /// arguments, one entry for each hook.
    #[serde(default)]
    pub positional: Vec<Positional>,
    /// Functions, as in `jid:to_bare`, whose results never meant to stop in the old release: neither `stop`
    /// nor a pair that starts with it, whatever they are given.
    #[serde(default)]
    pub never_stop: Vec<String>,
    /// Functions, records and headers around the hooks. What is merely gone is found by comparing the two
    /// releases' APIs; an entry here says what to use instead, or that something changed under its old name.
    #[serde(default)]
    pub api: Vec<ApiChange>,
    /// Options of the server's own configuration, `mongooseim.toml`.
    #[serde(default)]
    pub config: Vec<ConfigChange>,
    #[serde(default)]
    pub metrics: Vec<MetricChange>,
    /// Modules of the old release that keep what users would miss in Mnesia, unless another `backend` is chosen.
    #[serde(default)]
    pub kept_in_mnesia: Vec<String>,
    /// What else has to be done, in the order in which it is done.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// Why nodes of both releases cannot serve in one cluster for the time of an upgrade, as sentences; empty when they can.
    #[serde(default)]
    pub no_rolling: String,
    /// Why it is wise to run the old release for a while before this step is taken, as sentences; empty when it is not.
    #[serde(default)]
    pub pause: String,
}

/// Code that shows what an entry is about, and proves that the entry says it: run by `hookshift catalog test`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// A module of the old release; for an entry about the configuration, a `mongooseim.toml`.
    pub code: String,
    /// The rules that find something in it; none for code that has to stay as it is.
    #[serde(default)]
    pub expect: Vec<String>,
    /// The code with all fixes applied, those that a person has to look at included; not compared when it is not given, unless
    /// nothing is expected.
    #[serde(default)]
    pub fixed: Option<String>,
}

/// Where a stated fact can be read in a server's source tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The release whose source tree is meant.
    pub release: String,
    /// Path and 1-based line in that tree, as in `src/c2s/mongoose_c2s.erl:702`.
    pub at: String,
    /// What stands there, in a few words; may be empty.
    #[serde(default)]
    pub what: String,
    /// It stands in a team's own source, and not in that of MongooseIM.
    #[serde(skip)]
    pub own: bool,
}
