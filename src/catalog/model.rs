//! The catalog's data as it stands in the TOML files under `releases/` and `changes/`.
//!
//! This file is compiled twice: as part of the library, and by the build script, which checks the TOML
//! files and packs them, so that a run of hookshift parses no TOML to know the hooks. It must therefore
//! use nothing of the crate. Packing does not name fields: no `skip_serializing_if`, no `flatten`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

/// Something to do for an upgrade that shows neither in code nor in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub phase: Phase,
    #[serde(default)]
    pub when: When,
    /// Whether it is a part of upgrading the nodes one after another in their cluster, which not every step allows.
    #[serde(default)]
    pub rolling: bool,
    /// In the imperative. In all texts and commands, `{from}` and `{to}` stand for the two ends of the upgrade, which may be
    /// more than this step.
    pub title: String,
    /// Sentences.
    #[serde(default)]
    pub text: String,
    /// For a shell, one after another.
    #[serde(default)]
    pub commands: Vec<String>,
    pub evidence: Vec<Evidence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Database,
    Before,
    /// The upgrade of the nodes itself.
    During,
    After,
}

/// In which case a task is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    #[default]
    Always,
    /// Mnesia keeps what users would miss.
    Mnesia,
    /// It keeps nothing of the kind.
    NoMnesia,
}

/// What happened to a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricChange {
    /// With dots between its parts, and `*` for any part; the last one that is written out is a word that no other metric has
    /// there, unless it is an added one. A `*` behind it stands for one or more parts. `{hook}` stands for the name of each
    /// hook that both releases have.
    pub name: String,
    pub kind: MetricKind,
    /// The part that has to stand right before the last one, where that is a word that others have there, too. Empty otherwise.
    #[serde(default)]
    pub under: String,
    /// The new name, in the same form, of one that was renamed; `*` stands for what it stands for in the old one, in order.
    #[serde(default)]
    pub after: String,
    /// What it means for who reads it, in one sentence.
    pub summary: String,
    /// What to do.
    pub advice: String,
    pub evidence: Vec<Evidence>,
}

/// Stands for a hook's name in the names of metrics.
pub const HOOK: &str = "{hook}";

impl ConfigChange {
    /// What makes the option necessary: a path, and the value that has to stand there, as TOML, when it is not any.
    #[must_use]
    pub fn condition(&self) -> (&str, Option<&str>) {
        match self.given.split_once('=') {
            Some((path, value)) => (path.trim(), Some(value.trim())),
            None => (&self.given, None),
        }
    }
}

impl MetricChange {
    /// Whether it is about the counters of all hooks.
    #[must_use]
    pub fn is_of_hooks(&self) -> bool {
        self.name.contains(HOOK)
    }

    /// The part of the name by which it is found in a text.
    #[must_use]
    pub fn word(&self) -> &str {
        self.name.rsplit('.').find(|part| *part != "*").unwrap_or_default()
    }

    /// Whether parts follow that word.
    #[must_use]
    pub fn has_parts_behind(&self) -> bool {
        self.name.ends_with(".*")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    Removed,
    /// The same name, and something else is counted.
    Changed,
    Added,
    /// The same thing is counted under the name `after`.
    Renamed,
}

/// What happened to a part of the server's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigChange {
    /// The keys from the root, with dots between them, `[]` behind each that has a list of tables, and `*` for any key, as in
    /// `listen.c2s[].zlib` and `outgoing_pools.*.*.host`. For a module to enable: its table, as in `modules.mod_presence`.
    pub path: String,
    pub kind: ConfigKind,
    /// What it means for a configuration of the old release, in one sentence.
    pub summary: String,
    /// What to do, in one to three sentences.
    pub advice: String,
    /// Why a person has to look when it is done by machine; empty when nobody has to.
    #[serde(default)]
    pub look: String,
    /// For another type: the kind of value that is refused. For another default: the old one, as TOML.
    #[serde(default)]
    pub before: String,
    /// The kind of value that is expected; the new default, as TOML.
    #[serde(default)]
    pub after: String,
    /// For a module to enable: modules that bring it along.
    #[serde(default)]
    pub implied_by: Vec<String>,
    /// For a precondition: the hook, which is not run where the option is `before` or is not given.
    #[serde(default)]
    pub hook: String,
    /// For an option that has to be given: what makes it necessary; empty when it always is. A table or an option, as a path,
    /// or an option with its value, as in `listen.c2s[].tls.module = "just_tls"`. Where the path of what has to be given leads
    /// through that table, or through the one with that option, it has to be given there; elsewhere in each table of the
    /// last list that it leads through, or anywhere.
    #[serde(default)]
    pub given: String,
    /// For an option that has to be given: a line of TOML, as in `verify_mode = "none"`, that does instead of it when it
    /// stands in the same table. For a value that is gone: the path of what makes it one all the same, as in `shaper.*`, where
    /// `*` stands for the value.
    #[serde(default)]
    pub unless: String,
    pub evidence: Vec<Evidence>,
    /// Not shown to users of the catalog.
    #[serde(default)]
    pub examples: Vec<Example>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfigKind {
    /// The server does not start with it.
    RemovedOption,
    /// The server does not start with the value that it had.
    ChangedType,
    /// Where it is not given, something else holds.
    ChangedDefault,
    /// It can be given, and need not be.
    NewOption,
    /// A module without which the server no longer does what it did.
    RequiredModule,
    /// A hook is run only where it is set.
    Precondition,
    /// The same under another name or at another place: `after` is its new path, with the same number of `[]`.
    Renamed,
    /// The option stays, and the server does not start with the value `before` (TOML; in a list: with it among the items).
    RemovedValue,
    /// The server does not start without it, or does without it what nobody wants: `after` is the TOML to write, if a machine can
    /// know it.
    RequiredOption,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    Added,
    /// No longer run.
    Removed,
    /// Other parameters, accumulator or result.
    Changed,
    /// Same contract, other moment, process, values, effect of `stop`, or precondition.
    Meaning,
}

/// How far a rewrite could be left to a machine, as people write it down about a change. That there is nothing to
/// rewrite has to be said, so that it cannot be forgotten; a finding is classed by `finding::Rewrite`, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RewriteClass {
    /// Nothing to rewrite.
    None,
    /// Safe under the entry's `conditions`.
    Mechanical,
    /// Code can be proposed, a person must look.
    Suggestion,
    Advice,
}

/// What happened to one hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookChange {
    pub hook: String,
    pub kind: ChangeKind,
    /// What it means for an existing handler at run time, in one sentence.
    pub summary: String,
    /// What to do, in one to three sentences; shown as help.
    pub advice: String,
    pub rewrite: RewriteClass,
    /// Under which conditions on the handler the mechanical rewrite keeps the meaning.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Hooks that take its place, the first one first. For an added hook: empty.
    #[serde(default)]
    pub replacements: Vec<Replacement>,
    /// For an added hook: the hooks whose place it takes.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Every parameter of the old release that a handler can no longer read as before.
    #[serde(default)]
    pub parameters: Vec<ParameterChange>,
    /// For a hook that is still run: what its parameters become on the hook that takes its place.
    #[serde(default)]
    pub moved_parameters: Vec<ParameterChange>,
    /// Set when the accumulator's or the result's type differs (also: differs on the replacement).
    #[serde(default)]
    pub accumulator: Option<AccumulatorChange>,
    /// What `{stop, Acc}` does in the new release, when it does something else than in the old one
    /// (for a removed hook: on its replacement). Empty when nothing changed.
    #[serde(default)]
    pub stop: String,
    /// What `{stop, Acc}` did in the old release; given together with `stop`.
    #[serde(default)]
    pub stop_before: String,
    /// The result convention to drop a stanza, when it changed.
    #[serde(default)]
    pub drop: Option<DropChange>,
    /// What stands for values that a handler returned, where the result is another one now. With these the handler
    /// returns its accumulator in place of a decision.
    #[serde(default)]
    pub results: Vec<ResultChange>,
    /// Parameters of the new hook, each with a pattern, with which alone it is run as the old one was: a handler asks for
    /// them in its heads and passes everything else on.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
    /// What the hook is now additionally called with, when it is called for more: a handler without a
    /// fall-through clause fails on these. Empty otherwise.
    #[serde(default)]
    pub more_calls: String,
    /// Differences of meaning, each with its aspect.
    #[serde(default)]
    pub meanings: Vec<Meaning>,
    /// Server modules of the new release one of which must be enabled for the hook to run at all.
    #[serde(default)]
    pub requires: Vec<String>,
    /// A function, as Erlang code, that stands between the new contract and a handler with the old one: `new_handler`
    /// is called by the hook and calls `old_handler`. Empty when there is none, or where the parameters alone changed.
    #[serde(default)]
    pub adapter: String,
    /// Nothing but the adapter keeps the meaning: the handler itself must not be registered for the new hook.
    #[serde(default)]
    pub adapter_only: bool,
    /// How handlers keep what they kept in a session by way of their accumulator, when that is another one now.
    #[serde(default)]
    pub threading: Option<Threading>,
    /// A handler before and after, as Erlang code; shown by `explain`. Empty when there is nothing to show.
    #[serde(default)]
    pub before: String,
    #[serde(default)]
    pub after: String,
    pub evidence: Vec<Evidence>,
    /// Not shown to users of the catalog.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// What handlers keep in a session, before and after. Code is in terms of `Key` and `Value`, of `State` for the
/// session's state of the old release, and of `C2SData` and `Acc` for what a handler of the new release has at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threading {
    pub recipe: Recipe,
    /// The call that gives what is kept under a key, as `{ok, Value}`.
    pub read: String,
    /// What it gives when there is nothing.
    pub missing: String,
    /// The accumulator with which a value is kept.
    pub write: String,
    /// The calls that read and wrote a field of the old session's state, and what the first gave when there was nothing.
    #[serde(default)]
    pub read_before: String,
    #[serde(default)]
    pub missing_before: String,
    #[serde(default)]
    pub write_before: String,
    /// An expression that gives several of the old parameters at once: its pattern, with their keys as atoms.
    #[serde(default)]
    pub together: String,
    #[serde(default)]
    pub together_now: String,
    /// The parameter that says for whom an event is, when all handlers see all events.
    #[serde(default)]
    pub tag: String,
    /// What a state was before anything was kept.
    #[serde(default)]
    pub initial: String,
    /// A field that the new parameters have for such events besides those that take the place of old ones.
    #[serde(default)]
    pub event: String,
    /// How events are sent.
    #[serde(default)]
    pub senders: Vec<Sender>,
}

/// What a handler threaded through its accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// The state of the whole session, with fields of any key in it.
    SessionState,
    /// What the server kept for the handler by the tag of an event.
    HandlerState,
}

/// An expression that sends an event to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    pub before: String,
    /// With the same variables.
    pub after: String,
    /// The functions that took the result before: a timer, which is another one now. Empty when nothing is done with it.
    #[serde(default)]
    pub timer: Vec<String>,
}

/// How a handler that took positional arguments is given the same values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positional {
    pub hook: String,
    /// A variable for each argument behind the accumulator, in their order.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Arguments whose values are in the parameter map, each with its key.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// Arguments whose values are in the extra map, each with its key.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// The argument that is the parameter map itself. Empty when there is none.
    #[serde(default)]
    pub whole: String,
    /// Arguments whose values have to be computed. Every argument that is not named above is in one of these.
    #[serde(default)]
    pub computed: Vec<Computed>,
    /// What to know besides, for people: a sentence or two.
    #[serde(default)]
    pub note: String,
    /// Forms of the handler in still older releases, the newest first.
    #[serde(default)]
    pub earlier: Vec<EarlierForm>,
    /// The hook was run with a map alone in the old release already: a handler of the old interface failed on every call.
    #[serde(default)]
    pub map_only: bool,
}

/// An expression that gives one or several of the old arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computed {
    /// The arguments as a pattern, as in `{LUser, LServer}`.
    pub pattern: String,
    /// What is matched with it, in terms of the variables of `take` and of `Acc`.
    pub value: String,
    /// The keys of the parameter map that this needs, each with a pattern.
    #[serde(default)]
    pub take: BTreeMap<String, String>,
    /// For one argument alone: a shorter expression for it.
    #[serde(default)]
    pub alone: BTreeMap<String, String>,
    /// The keys of the parameter map with patterns that take the arguments in the head, for a module that knows the
    /// records in them, as in `#jid{luser = LUser, lserver = LServer}`.
    #[serde(default)]
    pub record: BTreeMap<String, String>,
}

/// What a handler took and returned in releases that the catalog does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierForm {
    /// The last release with this form, as in `2.0.1`.
    pub until: String,
    /// All arguments, in their order; those that a later form has under the same names.
    pub arguments: Vec<String>,
    /// Whether the first of them is an accumulator, which is named `Acc`. What a handler without one returned was of no
    /// matter, except for `stop`.
    #[serde(default)]
    pub accumulator: bool,
    #[serde(default)]
    pub note: String,
    /// Arguments that later forms lack and whose values are in the parameter map of the first release with maps.
    #[serde(default)]
    pub keys: BTreeMap<String, String>,
    /// Those whose values are in its extra map.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// Those whose values have to be computed there.
    #[serde(default)]
    pub computed: Vec<Computed>,
    /// Why the new arguments alone do not make a handler of this form right: a clause without a full stop. Empty when
    /// they do; then every argument is one of a later form, or in one of the tables above.
    #[serde(default)]
    pub stuck: String,
}

/// A condition on a handler that the tool can check. All are stated so that `true` permits the rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The handler reads no parameter.
    IgnoresParameters,
    /// Every return path is `{ok, _}`.
    ReturnsOnlyOk,
    /// `{stop, _}` is returned on no path.
    NeverStops,
    /// Neither reads nor sets `hook`/`result` in the accumulator (the old way to drop a stanza).
    NoResultDrop,
    /// Has a clause for any element, or serves all of them.
    ToleratesAnyElement,
    /// Passes its accumulator on and does not look into it.
    PassesAccumulator,
    /// Every parameter that changed is taken in the function head by a plain map pattern.
    ParametersInHead,
    /// Reads, of the parameters that are gone, none.
    ReadsNoGoneParameter,
    /// `drop` stands as a literal in the returned tuple.
    DropIsLiteral,
    /// The stanza is not changed in the accumulator (`mongoose_acc:update_stanza`).
    DoesNotUpdateStanza,
    /// Acts on one kind of stanza only, with a fall-through for the others.
    ServesOneKind,
    /// Of the parameters that are gone, reads only such whose `now` gives the same value.
    GoneParametersReplaceable,
    /// Reads no parameter whose value has another type now, except to compare it with an atom that both
    /// releases use.
    RetypedParametersUntouched,
    /// The module registers no handler for the hook that takes this one's place.
    NoHandlerForReplacement,
    /// Is registered with a priority above 10, so that it stays behind the privacy check.
    PriorityAbovePrivacy,
    /// Looks at no parameter that changed in any way.
    ChangedParametersUnread,
}

/// A hook that takes a removed or general hook's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    pub hook: String,
    /// For which handlers: the stanza kind they serve (`message`, `iq`, `presence`), or empty for any.
    #[serde(default)]
    pub serves: String,
    /// The priority that keeps the old order, when it must change.
    #[serde(default)]
    pub priority: Option<u32>,
    /// Why this priority, or when this replacement fits.
    #[serde(default)]
    pub note: String,
}

/// How a parameter of the old release is had in the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterChange {
    pub key: String,
    pub change: ParameterFate,
    /// The expression that gives the same value in the new release, with `C2SData`, `Acc`, `Params` for what the
    /// handler has at hand; the new pattern for a key of another type; empty when the value cannot be had.
    #[serde(default)]
    pub now: String,
    /// Where the old value is part of the new one, or put together from several: the keys of the new map, each with a
    /// pattern for its value.
    #[serde(default)]
    pub take: BTreeMap<String, String>,
    /// The old value, in terms of the variables of `take`, and of `Acc`.
    #[serde(default)]
    pub value: String,
    #[serde(default)]
    pub note: String,
    /// For a key of another type: the atoms that are among its values in the new release, so that a pattern on one
    /// of them still works. For a key with other values: the same, or none when nothing is known of other atoms.
    #[serde(default)]
    pub atoms: Vec<String>,
    /// Values of the old release, as patterns, that never come any more: a clause for one of them is dead.
    #[serde(default)]
    pub never: Vec<String>,
    /// For a key with other values: those of the old release, as patterns, with the patterns that stand for the same now.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterFate {
    /// The key does not exist any more; a pattern that asks for it matches nothing.
    Gone,
    /// The key is still there and its value has another type or form.
    Retyped,
    /// The key is still there with values of the same kind, and takes other ones.
    Revalued,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccumulatorChange {
    /// Types of the accumulator in the old and in the new release.
    pub before: String,
    pub after: String,
    /// What that means for code that looks into it, or returns it.
    pub note: String,
}

/// A value in a handler's result, and the result that says the same now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultChange {
    /// An atom, as in `deny`: what stood behind the tag.
    pub before: String,
    /// The whole result, with `Acc` for the accumulator, as in `{stop, Acc}`.
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropChange {
    /// As in `{ok, drop}`.
    pub before: String,
    /// As in `{stop, drop}`.
    pub after: String,
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    pub aspect: Aspect,
    /// One or two sentences.
    pub text: String,
}

/// In what respect a hook means something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Where it stands among other hooks and the server's own handlers.
    Order,
    /// What stopping does.
    Stop,
    /// What its parameters or accumulator hold.
    Values,
    /// In which process it runs.
    Process,
    /// When it runs, and for what.
    Moment,
    /// What must be configured for it to run.
    Precondition,
}

/// What happened to a function, module, header, record field or message around the hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiChange {
    pub kind: ApiKind,
    /// `module:function/arity` for a function, `module:function` for all of its arities, `module` for a whole
    /// module, a file name for a header, `record.field` (or `record`) for a record, a pattern for a message.
    pub name: String,
    /// The old use as code, with the variables of `instead`; empty when no code can be proposed. Where the parts of a
    /// pair changed places, both are matches with a pair on the left.
    #[serde(default)]
    pub was: String,
    /// What to use instead, as code; empty when there is nothing.
    #[serde(default)]
    pub instead: String,
    /// Narrower forms of the old use, each with what takes its place; the first that fits is taken, and `was` where none does.
    #[serde(default)]
    pub forms: Vec<UseForm>,
    /// What stands for values that the old function gave, where code looks at them: the new one gives others. A value that is
    /// not among them stayed.
    #[serde(default)]
    pub results: Vec<ValueForm>,
    /// How variables of `instead` that `was` lacks are had from what a clause has at hand, the best way first.
    #[serde(default)]
    pub needs: BTreeMap<String, Vec<String>>,
    /// Where one expression does not do: several, one in a line, the last of which matches the `Result`.
    #[serde(default)]
    pub steps: String,
    /// What the result is now, where it is another one, in words of code as in `ok | no_session`: then a rewrite keeps
    /// the meaning only where nobody looks at the result.
    #[serde(default)]
    pub result: String,
    /// Variables of `was` whose values have to be binaries now.
    #[serde(default)]
    pub binaries: Vec<String>,
    /// Variables of `was` whose values have to be XML elements: with other values the new code is something else.
    #[serde(default)]
    pub elements: Vec<String>,
    /// What is written instead where such a value is an accumulator; empty when nothing can be.
    #[serde(default)]
    pub instead_of_accumulator: String,
    /// Variables of `was` whose values have to be atoms now.
    #[serde(default)]
    pub atoms: Vec<String>,
    /// Why no code can be proposed although there is something to use instead: a clause without a full stop.
    #[serde(default)]
    pub stuck: String,
    /// Of a header: the types that it declared, separated by single blanks.
    #[serde(default)]
    pub types: String,
    /// Of a message: what processes with sessions of their own get in its place.
    #[serde(default)]
    pub received: Option<Received>,
    /// Of a field of a record that was a list of pairs and is a map now: how it is told.
    #[serde(default)]
    pub field: Option<FieldForm>,
    /// What happens to code that still uses it, or what to watch; one or two sentences.
    #[serde(default)]
    pub note: String,
    pub rewrite: RewriteClass,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Not shown to users of the catalog.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// What stands for the first sentence of entries about functions that are gone; rules say it themselves.
const UNDEF: &str = "A call fails with `undef` at run time";

impl ApiChange {
    /// What the note of a function says beyond that calls of it fail.
    #[must_use]
    pub fn further_note(&self) -> Option<&str> {
        let note = match self.note.strip_prefix(UNDEF) {
            Some(rest) => rest.split_once(". ").map_or("", |(_, further)| further),
            None => self.note.as_str(),
        };
        (!note.is_empty()).then_some(note)
    }

    /// What the note says of the new use: where something is gone, its first sentence says what becomes of code that is left as
    /// it was.
    #[must_use]
    pub fn note_on_new(&self) -> Option<&str> {
        match self.kind {
            ApiKind::RemovedFunction | ApiKind::RemovedRecordField | ApiKind::RemovedMessage => {
                self.note.split_once(". ").map(|(_, further)| further)
            }
            _ => self.further_note(),
        }
    }
}

/// A field of a record whose value was a list of pairs and is a map now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldForm {
    /// The record as a tuple, with `Field` where the field is, as in `{xmlel, _, Field, _}`.
    pub tuple: String,
    /// Calls of functions that take such a value, and perhaps give one, in both releases, each in its own form, as in
    /// `Field = jlib:replace_from_to_attrs(_, _, Field)`.
    #[serde(default)]
    pub functions: Vec<String>,
    /// The new value's type, as in `exml:attrs()`.
    #[serde(default)]
    pub types: String,
}

/// A form of a use with less freedom than an entry's `was`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseForm {
    pub was: String,
    pub instead: String,
    pub rewrite: RewriteClass,
}

/// A value that a function gave, and the one that says the same now, as patterns with the same variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueForm {
    pub before: String,
    pub after: String,
    /// A literal that the new pattern takes, where it is a variable, and the old one did not.
    #[serde(default)]
    pub except: String,
}

/// What the processes of a project's own that have sessions get in place of a message of the old release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The new message, with the variables of the old one, as in `{route, Acc}`.
    pub pattern: String,
    /// An expression that gives the other variables of the old message.
    pub unpack: String,
    /// The functions that make a process one with a session, as in `ejabberd_sm:open_session`.
    pub opened_by: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKind {
    /// Not exported any more.
    RemovedFunction,
    /// Same name and arity, other behaviour.
    ChangedFunction,
    RemovedHeader,
    RemovedRecordField,
    /// `record.field`: the value has another form, described by `field`.
    ChangedRecordField,
    RemovedMacro,
    RemovedType,
    /// A message that C2S processes no longer understand.
    RemovedMessage,
    /// A function, `behaviour:name/arity`, that the server now calls in modules of a behaviour which export it.
    NewCallback,
    /// A function, `behaviour:name/arity`, that the server no longer calls in modules of a behaviour which export it.
    RemovedCallback,
    /// Same name and arity; what it does has no effect before the function `instead` is called.
    DeferredFunction,
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
