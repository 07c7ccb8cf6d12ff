//! What changed about hooks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evidence, Example};

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
