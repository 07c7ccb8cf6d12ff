//! One handler on one hook, rewritten for the target release.

use std::borrow::Cow;

use super::adapter;
use super::code::clause::ClauseEditor;
use super::code::elsewhere::Registered;
use super::conditions::{self, NO_FALL_THROUGH, Verdict};
use super::parameters::{self, host_type, narrow};
use super::registration::order;
use super::registration::{self, Change, Subject};
use super::results::{self, fall_through};
use super::serving::Serving;
use super::specs;
use super::threading::{self, Job};
use crate::catalog::{Hook, HookChange, HookStatus, Recipe, RewriteClass, Successor, Threading};
use crate::finding::{Mfa, Rewrite};
use crate::project::handlers::{At, Dispatch, Return, ReturnPath};
use crate::rewrite::{Edit, Fix};

/// Where a handler belongs in the target release.
pub struct Target<'a> {
    pub hook: &'a Hook,
    /// The priority that keeps the old order, when it must change.
    pub priority: Option<u32>,
    /// Why it is not the old order all the same, as a clause that goes on after "because".
    pub reordered: Option<String>,
}

impl<'a> Target<'a> {
    /// The hook that takes this one's place for this handler, else the hook itself when it is still run.
    #[must_use]
    pub fn of(serving: &Serving<'a>) -> Option<Self> {
        let Some(successor) = successor(serving) else {
            return serving.fate.after.map(|hook| Self { hook, priority: None, reordered: None });
        };
        let placed = successor.priority.map(|first| order::placed(serving, &successor.hook.name, first));
        let (priority, reordered) = placed.map_or((None, None), |it| (Some(it.priority), it.reordered));
        Some(Self { hook: successor.hook, priority, reordered })
    }
}

/// The hook for the stanzas that the handler serves, else the one for all. The one for all as well where the handler would
/// come behind others of the project on the special one.
#[must_use]
pub fn successor<'s, 'a>(serving: &'s Serving<'a>) -> Option<&'s Successor<'a>> {
    let replacements = &serving.fate.replacements;
    let general = replacements.iter().find(|successor| successor.serves.is_empty());
    let special = special(serving);
    match (special, general) {
        (Some(special), Some(_)) if order::overtaken(serving, special).is_some() => general,
        _ => special.or(general).or_else(|| replacements.first().filter(|_| serving.status() == HookStatus::Removed)),
    }
}

/// The hook for the one kind of stanzas that the handler serves.
fn special<'s, 'a>(serving: &'s Serving<'a>) -> Option<&'s Successor<'a>> {
    let replacements = &serving.fate.replacements;
    // To know the kind, much of the module has to be parsed.
    let by_kind = replacements.iter().any(|successor| !successor.serves.is_empty());
    let kind = by_kind.then(|| serving.handler.stanzas().only_kind()).flatten()?;
    replacements.iter().find(|successor| successor.serves == kind)
}

/// Rewrites the handler and all of its registrations for the hook.
///
/// # Errors
/// There is no rewrite that could be trusted; says why.
pub fn fix(serving: &Serving<'_>, change: &HookChange) -> Result<Fix, String> {
    let mut verdict = conditions::judge(serving, change);
    if !matches!(verdict.rewrite, Some(Rewrite::Mechanical | Rewrite::Suggestion)) {
        return Err("only a person can decide what to do".to_owned());
    }
    let target = Target::of(serving).ok_or("no hook of the target release takes its place")?;
    let moved = (target.hook.name != serving.hook).then_some(target.hook.name.as_str());
    let done = match &change.threading {
        Some(threading) => match threaded(serving, change, threading, &target) {
            Ok(fix) => return Ok(fix),
            // What is only passed on may as well be something else.
            Err(why) if passes_state_on(serving, threading) => {
                in_place(serving, change, &target, moved).map_err(|_| why)?
            }
            Err(why) => return Err(why),
        },
        None => match in_place(serving, change, &target, moved) {
            Ok(done) => done,
            Err(why) => adapted(serving, change, &target, moved)
                .map_err(|no| if no == why { why } else { format!("{why}; with an adapter between, {no}") })?,
        },
    };
    if done.edits.is_empty() {
        return Err("nothing has to be written".to_owned());
    }
    verdict.meet(&done.met);
    let title = title(serving, &target, moved, &done);
    let reasons = done.reasons.into_iter().chain(reasons(change, &verdict));
    let added = done.adapter.then(|| done.handler.clone());
    Ok(Fix::new(title, done.edits).because(reasons).defining(added).settling(target.hook.name.as_str(), done.handler))
}

/// Whether a handler returns the session's state as it was given, and lets later handlers have it.
fn passes_state_on(serving: &Serving<'_>, kept: &Threading) -> bool {
    let goes_on = |path: &ReturnPath| matches!(path.what, Return::Ok(_));
    let in_macro = |at: &At| ClauseEditor::new(at).is_none_or(|editor| threading::has_state_in_macro(&editor));
    kept.recipe == Recipe::SessionState
        && !serving.handler.clauses().iter().any(in_macro)
        && serving.handler.accumulator().only_passed_on()
        && serving.handler.returns().iter().all(goes_on)
}

/// Rewrites a handler that kept something in the session by way of its accumulator.
fn threaded(
    serving: &Serving<'_>,
    change: &HookChange,
    threading: &Threading,
    target: &Target<'_>,
) -> Result<Fix, String> {
    let job = Job { serving, change, threading, hook: target.hook, priority: target.priority };
    let found = threading::thread(&job)?;
    let function = found.adapter.clone().unwrap_or_else(|| serving.handler.name.to_string());
    let handler = Mfa { function, ..serving.handler.mfa() };
    let adapter = found.adapter.is_some();
    let done = Done { edits: found.edits, reasons: found.reasons, handler, adapter, met: Vec::new() };
    let moved = (target.hook.name != serving.hook).then_some(target.hook.name.as_str());
    let title = title(serving, target, moved, &done);
    let reasons = done.reasons.into_iter().chain(target.reordered.clone());
    let added = done.adapter.then(|| done.handler.clone());
    Ok(Fix::new(title, done.edits).because(reasons).defining(added).settling(target.hook.name.as_str(), done.handler))
}

struct Done {
    edits: Vec<Edit>,
    reasons: Vec<String>,
    /// The function that is the handler afterwards.
    handler: Mfa,
    adapter: bool,
    /// Conditions that hold afterwards, as [`Verdict::against`] has them.
    met: Vec<&'static str>,
}

/// Rewrites the handler's own clauses.
fn in_place(
    serving: &Serving<'_>,
    change: &HookChange,
    target: &Target<'_>,
    moved: Option<&str>,
) -> Result<Done, String> {
    if change.adapter_only {
        return Err("its contract is another one now".to_owned());
    }
    let change = &*for_move(change, moved);
    let (mut edits, mut reasons, mut met) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(accumulator) = &change.accumulator
        && !serving.handler.accumulator().only_passed_on()
    {
        edits.extend(host_type::from_extra(serving).map_err(|_| "its accumulator is another one now")?);
        reasons.push(accumulator.note.clone());
        met.push(conditions::NOT_PASSED_ON);
    }
    let reread = parameters::reread(serving, change)?;
    edits.extend(reread.edits);
    reasons.extend(reread.reasons);
    let returned = results::convert(serving, change, target.hook)?;
    edits.extend(returned.edits);
    reasons.extend(returned.reasons);
    reasons.extend(still_stops(serving, change));
    if !change.only.is_empty() && (moved.is_some() || !conditions::tells_calls_apart(serving, change)) {
        edits.extend(narrow::narrow(serving, change)?);
    }
    if moved.is_some()
        && let Some(added) = fall_throughs(serving, change, target)
    {
        edits.extend(added.edits);
        reasons.extend(added.reasons);
        let certain = serving.handler.stanzas().dispatches.iter().all(|it| it.has_fall_through || it.met_by_all);
        met.extend(certain.then_some(NO_FALL_THROUGH));
    }
    if overlapping(&edits) {
        return Err("two parts of the rewrite touch the same code".to_owned());
    }
    if !edits.is_empty() {
        if let Some(other) = conditions::shared_with(serving, change) {
            return Err(format!("the function is the handler of `{other}` as well"));
        }
        if let Some(why) = used_elsewhere(serving) {
            return Err(why);
        }
    }
    if moved.is_some() || !edits.is_empty() {
        edits.extend(specs::parameters::respecify(serving, change, target.hook, &reread.helpers));
    }
    if moved.is_some() || target.priority.is_some() {
        let change = Change { hook: moved.map(str::to_owned), priority: target.priority, function: None };
        let registered = registration::retarget(&Subject::of(serving), &change)?;
        edits.extend(registered.edits);
        reasons.extend(registered.reasons);
    }
    Ok(Done { edits, reasons, handler: serving.handler.mfa(), adapter: false, met })
}

/// What it means now that the handler stops, where nothing says whether that is to drop.
fn still_stops(serving: &Serving<'_>, change: &HookChange) -> Option<String> {
    let converted = change.drop.is_some() || !change.results.is_empty() || change.stop.is_empty();
    let stops = || serving.handler.returns().iter().any(|path| matches!(path.what, Return::Stop(_)));
    (!converted && stops()).then(|| change.stop.clone())
}

/// The change as a handler sees it that moves to another hook.
fn for_move<'a>(change: &'a HookChange, moved: Option<&str>) -> Cow<'a, HookChange> {
    if moved.is_none() || change.moved_parameters.is_empty() {
        return Cow::Borrowed(change);
    }
    let mut change = change.clone();
    change.parameters.append(&mut change.moved_parameters);
    Cow::Owned(change)
}

/// The branches that a handler lacks when it moves to a hook which is run for more than its own. `None` when there are
/// none to add, or not all of them can be added.
fn fall_throughs(serving: &Serving<'_>, change: &HookChange, target: &Target<'_>) -> Option<fall_through::Added> {
    let of_one_kind =
        |successor: &&Successor<'_>| successor.hook.name == target.hook.name && !successor.serves.is_empty();
    if change.more_calls.is_empty() || serving.fate.replacements.iter().any(|it| of_one_kind(&it)) {
        return None;
    }
    let lacking = |it: &&Dispatch| !it.has_fall_through && it.met_by_all;
    let mut all = fall_through::Added::default();
    let mut found = false;
    for dispatch in serving.handler.stanzas().dispatches.iter().filter(lacking) {
        let added = fall_through::complete(serving, dispatch).ok()?;
        all.edits.extend(added.edits);
        all.reasons.extend(added.reasons);
        found = true;
    }
    found.then_some(all)
}

/// Whether edits of one fix change the same bytes in different ways.
fn overlapping(edits: &[Edit]) -> bool {
    let whole = Fix::new("", edits.to_vec());
    crate::rewrite::compose::Composition::default().add(&whole).is_err()
}

/// Puts an adapter between the hook and the handler.
fn adapted(
    serving: &Serving<'_>,
    change: &HookChange,
    target: &Target<'_>,
    moved: Option<&str>,
) -> Result<Done, String> {
    let adapted = adapter::adapt(serving, change, moved, target.priority)?;
    let handler = Mfa { function: adapted.function, ..serving.handler.mfa() };
    Ok(Done { edits: adapted.edits, reasons: adapted.reasons, handler, adapter: true, met: Vec::new() })
}

/// Why a handler has to stay what it is, when code uses it in other ways than for its hooks.
#[must_use]
pub fn used_elsewhere(serving: &Serving<'_>) -> Option<String> {
    let (handler, context) = (&serving.handler, serving.context);
    let (name, arity) = (&handler.name, handler.arity);
    let registrations = context.registered.of(handler.module.name(), name, i64::try_from(arity).ok()?);
    let registered =
        Registered { modules: context.modules, module: &handler.module, name, arity, registrations: &registrations };
    registered.elsewhere().map(|it| it.to_string())
}

fn title(serving: &Serving<'_>, target: &Target<'_>, moved: Option<&str>, done: &Done) -> String {
    let function = format!("{}/{}", serving.handler.name, serving.handler.arity);
    let place = match (moved, target.priority) {
        (Some(hook), Some(priority)) => format!("register `{function}` for `{hook}` with priority {priority}"),
        (Some(hook), None) => format!("register `{function}` for `{hook}`"),
        (None, _) => format!("let `{function}` take what `{}` gives in {}", serving.hook, serving.target()),
    };
    if done.adapter { format!("{place}, by way of `{}/3`", done.handler.function) } else { place }
}

/// Why a person has to look: conditions that do not hold, and, where the catalog knows of no mechanical rewrite, what is
/// different in any case.
fn reasons(change: &HookChange, verdict: &Verdict) -> Vec<String> {
    if verdict.rewrite == Some(Rewrite::Mechanical) {
        return Vec::new();
    }
    if verdict.is_met || (!verdict.against.is_empty() && change.rewrite == RewriteClass::Mechanical) {
        return verdict.against.clone();
    }
    let meanings: Vec<String> = change.meanings.iter().map(|meaning| meaning.text.clone()).collect();
    let different = if meanings.is_empty() { vec![change.summary.clone()] } else { meanings };
    different.into_iter().chain(verdict.against.iter().cloned()).collect()
}
