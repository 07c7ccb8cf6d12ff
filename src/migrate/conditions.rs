//! Whether the conditions hold under which a change can be rewritten mechanically.

use super::handler::{self, Target};
use super::registration::order;
use super::serving::Serving;
use crate::catalog::{Condition, HookChange, ParameterChange, ParameterFate, RewriteClass};
use crate::finding::Rewrite;
use crate::migrate::code::template::{Snippet, substitute, variables};
use crate::project::eval::Action;
use crate::project::handlers::{At, KeyRead, ReadBy, Return, Shape};
use crate::project::registrations::Priority;
use crate::syntax::ast::NodeId;

/// How far the rewrite of this handler could be left to a machine, and what stands against more.
pub struct Verdict {
    pub rewrite: Option<Rewrite>,
    /// The conditions that do not hold, each as a clause that goes on after "because".
    pub against: Vec<String>,
    /// Conditions that did not hold do after the rewrite.
    pub is_met: bool,
}

/// Two conditions that a rewrite can bring about.
pub const NO_FALL_THROUGH: &str = "the handler has no fall-through clause for other elements";
pub const NOT_PASSED_ON: &str = "the handler looks into its accumulator, or makes its own";

impl Verdict {
    /// Takes out conditions that a rewrite has brought about.
    pub fn meet(&mut self, met: &[&str]) {
        let before = self.against.len();
        self.against.retain(|it| !met.contains(&it.as_str()));
        self.is_met = self.against.len() < before;
        if self.is_met && self.against.is_empty() && self.rewrite == Some(Rewrite::Suggestion) {
            self.rewrite = Some(Rewrite::Mechanical);
        }
    }
}

/// Checks all conditions of a change on this very handler, and that it does not change places with another one of the
/// project.
pub fn judge(serving: &Serving<'_>, change: &HookChange) -> Verdict {
    let mut verdict = judge_alone(serving, change);
    if !matches!(verdict.rewrite, Some(Rewrite::Mechanical | Rewrite::Suggestion)) {
        return verdict;
    }
    let special = handler::successor(serving).filter(|it| !it.serves.is_empty());
    let overtaken = special.and_then(|special| order::overtaken(serving, special));
    let reordered = Target::of(serving).and_then(|target| target.reordered);
    let reasons: Vec<String> = overtaken.into_iter().chain(reordered).collect();
    if !reasons.is_empty() {
        verdict.rewrite = Some(Rewrite::Suggestion);
        verdict.against.extend(reasons);
    }
    verdict
}

/// Checks all conditions of a change on this very handler.
pub fn judge_alone(serving: &Serving<'_>, change: &HookChange) -> Verdict {
    let rewrite = match change.rewrite {
        RewriteClass::None => return Verdict { rewrite: None, against: Vec::new(), is_met: false },
        RewriteClass::Suggestion => Rewrite::Suggestion,
        RewriteClass::Advice => Rewrite::Advice,
        RewriteClass::Mechanical => {
            let mut against: Vec<String> =
                change.conditions.iter().filter_map(|&condition| unmet(serving, change, condition)).collect();
            let clauses = serving.handler.clauses();
            if clauses.is_empty() || clauses.iter().any(At::is_broken) {
                against.push("a clause of the handler could not be parsed".to_owned());
            }
            let edited = changed_reads(serving, change).next().is_some() || change.drop.is_some();
            let shared = shared_with(serving, change).filter(|_| edited);
            against.extend(shared.map(|other| format!("the function is the handler of `{other}` as well")));
            let rewrite = if against.is_empty() { Rewrite::Mechanical } else { Rewrite::Suggestion };
            return Verdict { rewrite: Some(rewrite), against, is_met: false };
        }
    };
    Verdict { rewrite: Some(rewrite), against: Vec::new(), is_met: false }
}

/// Why a condition does not hold; `None` when it does.
fn unmet(serving: &Serving<'_>, change: &HookChange, condition: Condition) -> Option<String> {
    let handler = serving.handler;
    let because = |unmet: bool, text: &str| unmet.then(|| text.to_owned());
    match condition {
        Condition::IgnoresParameters => because(!handler.params().ignored(), "the handler reads its parameters"),
        Condition::ReturnsOnlyOk => {
            let only_ok = handler.returns().iter().all(|path| matches!(path.what, Return::Ok(_)));
            because(!only_ok || handler.returns().is_empty(), "not every path is seen to return `{ok, _}`")
        }
        Condition::NeverStops => {
            let may_stop = |what: &Return| matches!(what, Return::Stop(_) | Return::Unknown(_));
            let stops = handler.returns().iter().any(|path| may_stop(&path.what));
            because(stops, "a path returns `{stop, _}`, or cannot be followed")
        }
        Condition::NoResultDrop => {
            because(handler.uses_hook_result(), "the handler uses `hook`/`result` in the accumulator")
        }
        Condition::ToleratesAnyElement => because(!handler.stanzas().tolerates_any_element(), NO_FALL_THROUGH),
        Condition::PassesAccumulator => because(!handler.accumulator().only_passed_on(), NOT_PASSED_ON),
        Condition::ParametersInHead => {
            let mut reads = changed_reads(serving, change);
            if let Some(escape) = handler.params().escapes.first() {
                return Some(format!("the parameters go {} as a whole", escape.to));
            }
            if reads.any(|read| read.head_of_clause.is_none()) {
                return Some("a changed parameter is read outside the function head".to_owned());
            }
            // What a function gives must be taken in the body.
            let by_call = |read: &&KeyRead| now_of(change, read).is_some_and(|now| now.ends_with(')'));
            let stuck = changed_reads(serving, change).filter(by_call).find(|read| !read.movable);
            stuck.map(|read| format!("the value of `{}` decides which clause is taken", read.key))
        }
        Condition::ReadsNoGoneParameter => because(
            gone_reads(serving, change).next().is_some() || !handler.params().escapes.is_empty(),
            "the handler reads a parameter that is gone",
        ),
        Condition::GoneParametersReplaceable => {
            let lost = gone_reads(serving, change)
                .find(|read| change.parameters.iter().any(|gone| gone.key == read.key.as_str() && gone.now.is_empty()));
            lost.map(|read| format!("the value of `{}` cannot be had any more", read.key))
        }
        Condition::RetypedParametersUntouched => {
            let touched = changed_reads(serving, change)
                .filter(|read| fate_of(change, read) == Some(ParameterFate::Retyped))
                .find(|read| touches(change, read));
            touched.map(|read| format!("the handler looks into `{}`, which has another type", read.key))
        }
        Condition::ChangedParametersUnread => {
            let looked_at = changed_reads(serving, change).find(|read| is_looked_at(read));
            looked_at.map(|read| format!("the handler looks at `{}`, which is not what it was", read.key))
        }
        Condition::DropIsLiteral => {
            let flows = |what: &Return| match what {
                Return::Ok(payload) => payload.drop && !payload.drop_is_literal,
                _ => false,
            };
            let flows = handler.returns().iter().any(|path| flows(&path.what));
            because(flows, "`drop` reaches the returned tuple through a variable or a call")
        }
        Condition::DoesNotUpdateStanza => {
            let updates = handler.calls_of("mongoose_acc", "update_stanza").next().is_some();
            because(updates, "the handler changes the stanza in the accumulator")
        }
        Condition::ServesOneKind => {
            because(handler.stanzas().only_kind().is_none(), "the handler does not serve one kind of stanza alone")
        }
        Condition::NoHandlerForReplacement => {
            let taken = replacement_in_use(serving, change);
            taken.map(|hook| format!("the module has a handler for `{hook}` already"))
        }
        Condition::PriorityAbovePrivacy => {
            let above = matches!(serving.registration.priority, Priority::Known(priority) if priority > 10);
            because(!above, "its priority is not seen to be above that of the privacy check (10)")
        }
    }
}

fn fate_of(change: &HookChange, read: &KeyRead) -> Option<ParameterFate> {
    change.parameters.iter().find(|parameter| parameter.key == read.key.as_str()).map(|parameter| parameter.change)
}

fn now_of<'a>(change: &'a HookChange, read: &KeyRead) -> Option<&'a str> {
    change.parameters.iter().find(|parameter| parameter.key == read.key.as_str()).map(|it| it.now.as_str())
}

/// Another hook whose handler the same function is, and for which it must stay as it is.
pub fn shared_with<'a>(serving: &Serving<'a>, change: &HookChange) -> Option<&'a str> {
    let own = &serving.registration.handler;
    let others = serving.siblings.iter().filter(|other| other.action == Action::Add && other.handler == *own);
    others.filter_map(|other| other.hook.as_deref()).filter(|other| *other != serving.hook).find(|other| {
        let fate = serving.context.upgrade.fate(other);
        fate.change().is_none_or(|other| !asks_the_same(other, change))
    })
}

/// Whether two changes ask the same of the function itself.
fn asks_the_same(one: &HookChange, other: &HookChange) -> bool {
    let parameters = one.parameters.iter().map(|it| (&it.key, it.change, &it.now));
    let drop = one.drop.as_ref().map(|drop| (&drop.before, &drop.after));
    parameters.eq(other.parameters.iter().map(|it| (&it.key, it.change, &it.now)))
        && drop == other.drop.as_ref().map(|drop| (&drop.before, &drop.after))
        && one.only == other.only
}

/// Whether a handler asks for one of the parameters that tell the new calls of its hook from those that it had before.
#[must_use]
pub fn tells_calls_apart(serving: &Serving<'_>, change: &HookChange) -> bool {
    serving.handler.params().reads.iter().any(|read| change.only.contains_key(read.key.as_str()))
}

/// What the handler reads of parameters that changed in any way.
pub fn changed_reads<'a>(serving: &'a Serving<'_>, change: &'a HookChange) -> impl Iterator<Item = &'a KeyRead> {
    serving.handler.params().reads.iter().filter(move |read| fate_of(change, read).is_some())
}

fn gone_reads<'a>(serving: &'a Serving<'_>, change: &'a HookChange) -> impl Iterator<Item = &'a KeyRead> {
    changed_reads(serving, change).filter(move |read| fate_of(change, read) == Some(ParameterFate::Gone))
}

/// Whether a read of a key of another type depends on the type.
pub fn touches(change: &HookChange, read: &KeyRead) -> bool {
    let Some(parameter) = change.parameters.iter().find(|parameter| parameter.key == read.key.as_str()) else {
        return false;
    };
    is_looked_at(read)
        && match &read.shape {
            Shape::Ignored | Shape::Var(_) | Shape::Other => true,
            Shape::Atom(atom) => is_lost_atom(parameter, atom),
            shape => !fits_new_pattern(&parameter.now, shape),
        }
}

/// Whether the value of a key that is read matters to anybody. Who gives it another one wants it to be there, and no more.
fn is_looked_at(read: &KeyRead) -> bool {
    match &read.shape {
        _ if read.by == ReadBy::Update => false,
        Shape::Ignored => false,
        Shape::Var(_) | Shape::Other => read.used,
        Shape::Atom(_) | Shape::Tuple(_) | Shape::Record(_) | Shape::Map(_) => true,
    }
}

/// Whether a key of another type, or with other values, no longer has an atom as its value. Of other values the catalog need
/// not name all that are atoms.
#[must_use]
pub fn is_lost_atom(parameter: &ParameterChange, atom: &str) -> bool {
    let tells = parameter.change != ParameterFate::Revalued || !parameter.atoms.is_empty();
    let is_named = parameter.values.contains_key(atom) || parameter.never.iter().any(|never| never == atom);
    is_named || tells && !parameter.atoms.iter().any(|known| known == atom)
}

/// What became of a value that a pattern is for.
pub enum OldValue {
    /// Never given any more.
    Never,
    /// The pattern that stands for the same now.
    Now(String),
}

/// What became of the only values that a pattern takes, where it is written out in the catalog: by its text.
#[must_use]
pub fn old_value(parameter: &ParameterChange, pattern: &str) -> Option<OldValue> {
    let pattern = Snippet::parse(pattern)?;
    let binds = |old: &str| Snippet::parse(old)?.bind(pattern.ast(), pattern.root());
    let now = parameter.values.iter().find_map(|(old, new)| {
        let bound = binds(old)?;
        let kept = variables(new);
        // What the new value lacks can be left out only where nobody asks for it.
        let is_lost = |(name, node): (&str, NodeId)| {
            !kept.contains(&name) && !pattern.ast().var(node).is_some_and(|var| var.starts_with('_'))
        };
        if bound.iter().any(is_lost) {
            return Some(OldValue::Never);
        }
        Some(OldValue::Now(substitute(new, |name| bound.get(name).map(|node| pattern.text_of(node).to_owned()))))
    });
    let never = || parameter.never.iter().find_map(|never| binds(never)).map(|_| OldValue::Never);
    now.or_else(never)
}

/// Whether a pattern has the form of the new release's values already: `{IP, _}` where `now` is `{IP, _Port}`.
fn fits_new_pattern(now: &str, shape: &Shape) -> bool {
    match shape {
        Shape::Record(name) => now.starts_with(&format!("#{name}{{")),
        Shape::Tuple(size) => {
            now.starts_with('{') && crate::syntax::scan::arity_at(now, 0).is_some_and(|arity| arity == *size)
        }
        _ => false,
    }
}

fn replacement_in_use<'a>(serving: &Serving<'_>, change: &'a HookChange) -> Option<&'a str> {
    let added = |hook: &str| {
        let adds = serving.siblings.iter().filter(|sibling| sibling.action == Action::Add);
        adds.filter_map(|sibling| sibling.hook.as_deref()).any(|other| other == hook)
    };
    let hooks = change.replacements.iter().map(|replacement| replacement.hook.as_str());
    hooks.into_iter().find(|hook| *hook != serving.hook && added(hook))
}
