//! The code of an entry as later steps leave it: each call in it that they say something of is written as they say, so that one
//! rewrite leads to the target release.
//!
//! The whole is as safe as the least safe of its parts. `None` wherever it is not sure that what comes out is what one would get
//! by taking the steps one after another: a result that two of them write in other ways, a call that may have several forms, a
//! value that would be evaluated another number of times.

use super::Upgrade;
use super::compose::{harder, join};
use super::outlived::{Outlived, calls};
use crate::catalog::model::{ApiChange, ApiKind, RewriteClass};
use crate::catalog::template::{Snippet, substitute, variable_ranges, variables};
use crate::catalog::version::Version;
use crate::syntax::ast::{Expr, NodeId};

/// The steps behind one of an upgrade, whose entries are final already.
pub(super) struct Later<'u> {
    upgrade: &'u Upgrade,
    at: usize,
    settled: &'u Outlived,
}

impl<'u> Later<'u> {
    pub(super) fn new(upgrade: &'u Upgrade, at: usize, settled: &'u Outlived) -> Self {
        Self { upgrade, at, settled }
    }

    /// The release to which the step leads behind which these are.
    pub(super) fn then(&self) -> Version {
        self.upgrade.steps[self.at].to
    }

    /// The target release.
    pub(super) fn now(&self) -> Version {
        self.upgrade.to()
    }

    pub(super) fn says_something_of(&self, function: (&str, &str, usize)) -> bool {
        !self.entries(function).is_empty()
    }

    pub(super) fn is_gone(&self, function: (&str, &str, usize)) -> bool {
        self.entries(function).iter().any(|(_, entry)| entry.kind == ApiKind::RemovedFunction)
    }

    /// What becomes of a function that code of [`Later::then`] calls, at most one entry of each step, in their order.
    fn entries(&self, function: (&str, &str, usize)) -> Vec<(usize, &'u ApiChange)> {
        let Some(known) = self.upgrade.function_entries().get(function.0) else { return Vec::new() };
        let behind = known.iter().copied().filter(|(step, _)| *step > self.at);
        self.upgrade.best_entries(behind, function, |step, at| match &self.settled[step] {
            Some(settled) => &settled[at],
            None => &self.upgrade.steps[step].changes.get().api[at],
        })
    }
}

/// The entry with its code as the steps behind its own leave it.
pub(super) fn of(entry: &ApiChange, later: &Later<'_>) -> Option<ApiChange> {
    let is_code = matches!(
        entry.kind,
        ApiKind::RemovedFunction | ApiKind::ChangedFunction | ApiKind::RemovedRecordField | ApiKind::RemovedMessage
    );
    let others = [&entry.steps, &entry.instead_of_accumulator].into_iter().chain(entry.needs.values().flatten());
    if !is_code || others.flat_map(|code| calls(code)).any(|function| later.says_something_of(function)) {
        return None;
    }
    let mut composer = Composer { first: entry, later, whole: entry.clone(), parts: Vec::new() };
    let (instead, class) = composer.piece(&entry.instead, false)?;
    composer.whole.instead = instead;
    composer.whole.rewrite = harder(entry.rewrite, class);
    for (at, form) in entry.forms.iter().enumerate() {
        let (instead, class) = composer.piece(&form.instead, true)?;
        composer.whole.forms[at].instead = instead;
        composer.whole.forms[at].rewrite = harder(form.rewrite, class);
    }
    Some(composer.told())
}

struct Composer<'c> {
    first: &'c ApiChange,
    later: &'c Later<'c>,
    /// What comes out.
    whole: ApiChange,
    /// The entries that had a part in it, with their steps.
    parts: Vec<(usize, &'c ApiChange)>,
}

/// One call in a piece of code.
struct Called<'s> {
    piece: &'s Snippet,
    node: NodeId,
    /// The value of the piece is that of the call.
    is_whole: bool,
    /// It stands in one of several forms.
    in_form: bool,
}

/// What a later entry says of a call.
struct Said<'c> {
    entry: &'c ApiChange,
    was: &'c str,
    instead: &'c str,
    rewrite: RewriteClass,
    is_form: bool,
}

impl<'c> Composer<'c> {
    /// A piece of the first entry's code as it is in the target release, and how far that could be left to a machine.
    fn piece(&mut self, code: &str, in_form: bool) -> Option<(String, RewriteClass)> {
        let mut text = code.to_owned();
        let mut class = RewriteClass::None;
        // What is final is kept out of the text until the end: later steps say nothing of it.
        let mut done: Vec<String> = Vec::new();
        loop {
            let piece = Snippet::parse(&text)?;
            let Some((node, function)) = self.innermost(&piece)? else { break };
            let called = Called { piece: &piece, node, is_whole: node == piece.root(), in_form };
            let (new, by) = self.call(&called, function)?;
            class = harder(class, by);
            let span = piece.place(node);
            let next = format!("{}{}{}", &text[..span.start], placeholder(done.len()), &text[span.end..]);
            done.push(new);
            text = next;
        }
        for (at, code) in done.iter().enumerate().rev() {
            text = substitute(&text, |name| (name == placeholder(at)).then(|| code.clone()));
        }
        Some((text, class))
    }

    /// A call that later steps say something of, without any other one in it.
    #[expect(clippy::type_complexity, reason = "no such call, one, or a name that cannot be followed")]
    fn innermost<'s>(&self, piece: &'s Snippet) -> Option<Option<(NodeId, (&'s str, &'s str, usize))>> {
        let ast = piece.ast();
        let mut found = None;
        // Parents come before their children.
        for (node, expr) in ast.descend([piece.root()]) {
            let (module, function, arity) = match expr {
                Expr::Call { module: Some(module), function, args } => (*module, *function, Some(args.len())),
                Expr::FunRef { module: Some(module), function, .. } => (*module, *function, None),
                _ => continue,
            };
            let (Some(module), Some(name)) = (ast.atom(module), ast.atom(function)) else { continue };
            match arity {
                Some(arity) if self.later.says_something_of((module, name, arity)) => {
                    found = Some((node, (module.as_str(), name.as_str(), arity)));
                }
                None if calls(piece.text_of(node)).into_iter().any(|named| self.later.says_something_of(named)) => {
                    return None;
                }
                _ => {}
            }
        }
        Some(found)
    }

    /// What takes a call's place, and how far that could be left to a machine.
    fn call(&mut self, called: &Called<'_>, function: (&str, &str, usize)) -> Option<(String, RewriteClass)> {
        let mut class = RewriteClass::None;
        for (step, entry) in self.later.entries(function) {
            self.has_part(step, entry);
            if is_mere_meaning(entry) {
                class = harder(class, RewriteClass::Suggestion);
                continue;
            }
            let said = self.said(called, entry)?;
            let new = self.written(called, &said)?;
            return Some((new, harder(class, said.rewrite)));
        }
        Some((called.piece.text_of(called.node).to_owned(), class))
    }

    fn has_part(&mut self, step: usize, entry: &'c ApiChange) {
        if !self.parts.contains(&(step, entry)) {
            self.parts.push((step, entry));
        }
    }

    /// Whether the first entry proposes code; otherwise what it says is read by people.
    fn writes(&self) -> bool {
        !self.first.was.is_empty()
    }

    /// The form of a later entry that a call has.
    fn said(&self, called: &Called<'_>, entry: &'c ApiChange) -> Option<Said<'c>> {
        let no_code = entry.was.is_empty() || entry.instead.is_empty() || !entry.steps.is_empty();
        let for_people = !entry.stuck.is_empty() || entry.rewrite == RewriteClass::Advice;
        if no_code || self.writes() && (for_people || !entry.instead_of_accumulator.is_empty()) {
            return None;
        }
        let ast = called.piece.ast();
        for form in &entry.forms {
            let was = Snippet::parse(&form.was)?;
            if was.bind(ast, called.node).is_some() {
                let (was, instead, rewrite) = (&form.was, &form.instead, form.rewrite);
                return Some(Said { entry, was, instead, rewrite, is_form: true });
            }
            if could_fit(&was, called) {
                return None;
            }
        }
        Some(Said { entry, was: &entry.was, instead: &entry.instead, rewrite: entry.rewrite, is_form: false })
    }

    /// A later entry's code with what stands in a call.
    fn written(&mut self, called: &Called<'_>, said: &Said<'c>) -> Option<String> {
        let (was, new) = (Snippet::parse(said.was)?, Snippet::parse(said.instead)?);
        let ast = called.piece.ast();
        let bound = was.bind(ast, called.node)?;
        let names = variables(said.was);
        let mut values: Vec<(&str, String)> = Vec::new();
        for (name, value) in bound.iter() {
            let is_again = values.iter().any(|(known, _)| *known == name);
            let uses = variable_ranges(said.instead).into_iter().filter(|range| said.instead[range.clone()] == *name);
            if is_again || uses.count() != 1 && !is_plain(ast.expr(value)) {
                return None;
            }
            let text = called.piece.text_of(value);
            let text = if stands_alone(ast.expr(value)) { text.to_owned() } else { format!("({text})") };
            values.push((name, text));
        }
        if self.writes() {
            let values: Vec<(&str, &Expr)> = bound.iter().map(|(name, value)| (name, ast.expr(value))).collect();
            self.values_fit(called, said, &values)?;
            self.result_fits(called, said)?;
            let further = variables(said.instead).into_iter().filter(|name| !names.contains(name));
            self.are_at_hand(said.entry, further)?;
        }
        let text = substitute(said.instead, |name| {
            values.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone())
        });
        Some(if called.is_whole || stands_alone(new.expr()) { text } else { format!("({text})") })
    }

    /// What the later entry asks of values is asked of those that the first one was given, or seen here.
    fn values_fit(&mut self, called: &Called<'_>, said: &Said<'_>, values: &[(&str, &Expr)]) -> Option<()> {
        let known = variables(&self.first.was);
        let binaries: &[String] = if said.is_form { &[] } else { &said.entry.binaries };
        let whole = &mut self.whole;
        let asked = [
            (binaries, &mut whole.binaries),
            (&said.entry.atoms, &mut whole.atoms),
            (&said.entry.elements, &mut whole.elements),
        ];
        for (kind, (names, asked)) in asked.into_iter().enumerate() {
            for (_, value) in values.iter().filter(|(name, _)| names.iter().any(|it| it == name)) {
                match value {
                    Expr::Var(name) if known.contains(&name.as_str()) && !called.in_form => {
                        asked.push(name.to_string());
                    }
                    Expr::Binary(_) if kind == 0 => {}
                    Expr::Atom(_) if kind == 1 => {}
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// Whether it is known what becomes of a result of which one of both says that it is another one.
    fn result_fits(&mut self, called: &Called<'_>, said: &Said<'_>) -> Option<()> {
        let results = if said.is_form { &[][..] } else { &said.entry.results };
        let is_other = !results.is_empty() || !said.entry.result.is_empty();
        let was_other = !self.first.results.is_empty() || !self.first.result.is_empty();
        match (was_other, is_other) {
            (false, false) => Some(()),
            // Those who say that a person has to look may mean the result.
            (true, false) => (!called.is_whole || said.rewrite == RewriteClass::Mechanical).then_some(()),
            (false, true) if called.is_whole && !called.in_form => {
                self.whole.results = results.to_vec();
                self.whole.result.clone_from(&said.entry.result);
                Some(())
            }
            (_, true) => None,
        }
    }

    /// What the later entry needs besides must not be mistaken for what the first one was given.
    fn are_at_hand<'n>(&mut self, entry: &ApiChange, names: impl Iterator<Item = &'n str>) -> Option<()> {
        let known = variables(&self.first.was);
        for name in names {
            if known.contains(&name) {
                return None;
            }
            if let Some(ways) = entry.needs.get(name) {
                self.whole.needs.entry(name.to_owned()).or_insert_with(|| ways.clone());
            }
        }
        Some(())
    }

    /// What all parts say, one after another.
    fn told(self) -> ApiChange {
        let Self { mut whole, mut parts, later, .. } = self;
        parts.sort_by_key(|(step, _)| *step);
        for (step, entry) in parts {
            if let Some(further) = entry.note_on_new() {
                let since = later.upgrade.steps[step].to;
                whole.note = join(&whole.note, &format!("Since {since}: {further}"));
            }
            whole.evidence.extend(entry.evidence.iter().cloned());
        }
        let used = variables(&whole.instead);
        let unused = |name: &String| !used.contains(&name.as_str());
        let dropped: Vec<String> = whole.needs.keys().filter(|name| unused(name)).cloned().collect();
        dropped.iter().for_each(|name| drop(whole.needs.remove(name)));
        whole
    }
}

/// Stands for code that is final.
fn placeholder(at: usize) -> String {
    format!("Final_{at}_")
}

/// The same function with the same arguments, that does something else.
fn is_mere_meaning(entry: &ApiChange) -> bool {
    entry.kind == ApiKind::ChangedFunction && entry.was.is_empty() && entry.instead.is_empty() && entry.stuck.is_empty()
}

/// Whether a call has a form where its variables stand for certain values.
fn could_fit(form: &Snippet, called: &Called<'_>) -> bool {
    let ast = called.piece.ast();
    let (Some((_, _, parts)), Expr::Call { args, .. }) = (form.call(), ast.expr(called.node)) else { return true };
    let nodes = ast.list(*args);
    let could = |part: &Expr, node: &Expr| match (part, node) {
        (Expr::Var(_), _) | (_, Expr::Var(_)) => true,
        (Expr::Atom(one), Expr::Atom(other)) => one == other,
        (Expr::Binary(one), Expr::Binary(other)) => one == other,
        _ => std::mem::discriminant(part) == std::mem::discriminant(node),
    };
    parts.len() == nodes.len()
        && parts.iter().zip(nodes).all(|(&part, &node)| could(form.ast().expr(part), ast.expr(node)))
}

/// Whether evaluating it once more, or not at all, makes no difference.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Var(name) => !name.starts_with("Final_"),
        Expr::Atom(_) | Expr::Integer(_) | Expr::Binary(_) => true,
        _ => false,
    }
}

/// Whether it is the same expression wherever it stands.
fn stands_alone(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Var(_)
            | Expr::Atom(_)
            | Expr::Integer(_)
            | Expr::String(_)
            | Expr::Binary(_)
            | Expr::Bits(_)
            | Expr::Tuple(_)
            | Expr::List { .. }
            | Expr::Map { base: None, .. }
            | Expr::Call { .. }
            | Expr::FunRef { .. }
            | Expr::Macro { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::testing::{V1_0, V1_2, catalog_with, parse};

    /// What becomes of the entry about `c2s:send/2` when the second step has these entries, in TOML.
    fn after(first: &str, later: &[&str]) -> ApiChange {
        let first = format!("kind = \"removed-function\"\nname = \"c2s:send/2\"\n{first}");
        let upgrade = catalog_with(|step, changes| match step {
            0 => changes.api.push(parse(&first)),
            _ => changes.api.extend(later.iter().map(|entry| parse(entry))),
        });
        let upgrade = upgrade.upgrade(V1_0, V1_2).unwrap();
        upgrade.function_fate("c2s", "send", 2).unwrap().entry().unwrap().clone()
    }

    const FIRST: &str = r#"
        was = "c2s:send(Pid, What)"
        instead = "hub:send(Pid, What)"
        note = "A call fails with `undef` at run time. It waits."
        rewrite = "mechanical"
        evidence = [{ release = "1.1.0", at = "src/hub.erl:1" }]
        "#;
    const LATER: &str = r#"
        kind = "removed-function"
        name = "hub:send/2"
        was = "hub:send(To, Event)"
        instead = "bus:post(Event, To)"
        note = "A call fails with `undef` at run time. It no longer waits."
        rewrite = "mechanical"
        evidence = [{ release = "1.2.0", at = "src/bus.erl:1" }]
        "#;

    fn with(entry: &str, old: &str, new: &str) -> String {
        assert!(entry.contains(old), "{old}");
        entry.replace(old, new)
    }

    #[test]
    fn a_call_of_what_came_is_written_as_what_came_then() {
        let whole = after(FIRST, &[LATER]);
        assert_eq!((whole.was.as_str(), whole.instead.as_str()), ("c2s:send(Pid, What)", "bus:post(What, Pid)"));
        assert_eq!(whole.rewrite, RewriteClass::Mechanical);
        assert_eq!(whole.note, "A call fails with `undef` at run time. It waits. Since 1.2.0: It no longer waits.");
        let evidence: Vec<&str> = whole.evidence.iter().map(|it| it.at.as_str()).collect();
        assert_eq!(evidence, ["src/hub.erl:1", "src/bus.erl:1"]);
    }

    #[test]
    fn the_whole_is_as_safe_as_its_parts() {
        let later = with(LATER, "\"mechanical\"", "\"suggestion\"");
        assert_eq!(after(FIRST, &[&later]).rewrite, RewriteClass::Suggestion);
        let first = with(FIRST, "\"mechanical\"", "\"suggestion\"");
        assert_eq!(after(&first, &[LATER]).rewrite, RewriteClass::Suggestion);
    }

    #[test]
    fn calls_in_calls_are_written_each_once() {
        let first = with(FIRST, "hub:send(Pid, What)", "log:sent(hub:send(hub:of(Pid), [What, hub:of(Pid)]))");
        let of = "kind = \"removed-function\"\nname = \"hub:of/1\"\nwas = \"hub:of(X)\"\ninstead = \"X ! of\"\nrewrite = \"mechanical\"";
        let whole = after(&first, &[LATER, of]);
        assert_eq!(whole.instead, "log:sent(bus:post([What, (Pid ! of)], (Pid ! of)))");
        // What a later step puts in is final, whatever its name was before.
        let again = with(LATER, "bus:post(Event, To)", "hub:send(hub:send(To), Event)");
        assert_eq!(after(FIRST, &[&again]).instead, "hub:send(hub:send(Pid), What)");
    }

    #[test]
    fn another_meaning_under_the_same_name_is_for_a_person_to_look_at() {
        let meaning =
            "kind = \"changed-function\"\nname = \"hub:send/2\"\nnote = \"It is late.\"\nrewrite = \"advice\"";
        let whole = after(FIRST, &[meaning]);
        assert_eq!((whole.instead.as_str(), whole.rewrite), ("hub:send(Pid, What)", RewriteClass::Suggestion));
        assert!(whole.note.ends_with("It waits. Since 1.2.0: It is late."), "{}", whole.note);
    }

    #[test]
    fn what_is_asked_of_values_and_needed_goes_along() {
        let later = with(
            LATER,
            "(Event, To)\"",
            "(Event, To, Acc)\"\nbinaries = [\"Event\"]\natoms = [\"To\"]\nneeds = { Acc = [\"acc:new()\"] }",
        );
        let whole = after(FIRST, &[&later]);
        assert_eq!((whole.binaries, whole.atoms), (vec!["What".to_owned()], vec!["Pid".to_owned()]));
        assert_eq!(whole.needs["Acc"], ["acc:new()"]);
        let seen = with(FIRST, "\"hub:send(Pid, What)\"", "'hub:send(all, <<\"x\">>)'");
        let whole = after(&seen, &[&later]);
        assert!(whole.binaries.is_empty() && whole.atoms.is_empty());
        assert_eq!(whole.instead, "bus:post(<<\"x\">>, all, Acc)");
    }

    #[test]
    fn a_result_that_one_step_writes_in_another_way() {
        let results = "\nresults = [{ before = \"ok\", after = \"{ok, _}\" }]";
        let later = format!("{LATER}{results}");
        assert_eq!(after(FIRST, &[&later]).results.len(), 1);
        let first = format!("{FIRST}{results}");
        assert_eq!(after(&first, &[LATER]).results.len(), 1);
        // Both, or one that is not sure, or inside another expression.
        for (first, later) in [
            (first.clone(), later.clone()),
            (first, with(LATER, "\"mechanical\"", "\"suggestion\"")),
            (with(FIRST, "hub:send(Pid, What)", "{hub:send(Pid, What)}"), later),
        ] {
            let told = after(&first, &[&later]);
            assert!(told.was.is_empty() && told.instead.is_empty(), "{told:?}");
        }
    }

    #[test]
    fn what_is_not_sure_is_told() {
        let form = "[[forms]]\nwas = \"hub:send(all, Event)\"\ninstead = \"bus:cast(Event)\"\nrewrite = \"mechanical\"";
        let with_form = format!("{LATER}{form}");
        let call = "hub:send(Pid, What)";
        let unsure = [
            // Evaluated twice, or not at all.
            (with(FIRST, call, "hub:send(pid:of(Pid), What)"), with(LATER, "(Event, To)", "(Event, To, To)")),
            (with(FIRST, call, "hub:send(pid:of(Pid), What)"), with(LATER, "(Event, To)", "(Event)")),
            // A form that the call may have, a name that means something else, more than one way to write it.
            (FIRST.to_owned(), with_form.clone()),
            (FIRST.to_owned(), with(LATER, "(Event, To)", "(Event, To, What)")),
            (FIRST.to_owned(), with(LATER, "(To, Event)", "(To, [Event])")),
            (FIRST.to_owned(), format!("{LATER}elements = [\"Event\"]\ninstead_of_accumulator = \"bus:post(Event)\"")),
            // Several expressions, none at all, a fun.
            (FIRST.to_owned(), format!("{LATER}steps = \"Result = bus:post(Event, To)\"")),
            (FIRST.to_owned(), with(LATER, "was = \"hub:send(To, Event)\"", "stuck = \"nobody knows\"")),
            (with(FIRST, call, "lists:map(fun hub:send/2, [Pid, What])"), LATER.to_owned()),
        ];
        for (first, later) in unsure {
            let told = after(&first, &[&later]);
            assert_eq!((told.was.as_str(), told.instead.as_str()), ("", ""), "{first}{later}");
            assert_eq!(told.stuck, "what takes its place in 1.1.0 needs `hub:send/2`, which is gone in 1.2.0 as well");
        }
        // A form that it is seen to have, or cannot have.
        assert_eq!(after(&with(FIRST, call, "hub:send(all, What)"), &[&with_form]).instead, "bus:cast(What)");
        assert_eq!(after(&with(FIRST, call, "hub:send(one, What)"), &[&with_form]).instead, "bus:post(What, one)");
    }

    #[test]
    fn what_people_read_names_what_is_there() {
        let first = with(FIRST, "was = \"c2s:send(Pid, What)\"", "stuck = \"it has to be asked first\"");
        let later = format!("{LATER}elements = [\"Event\"]\ninstead_of_accumulator = \"bus:post(Event)\"");
        let whole = after(&first, &[&later]);
        assert_eq!((whole.was.as_str(), whole.instead.as_str()), ("", "bus:post(What, Pid)"));
        assert_eq!((whole.stuck.as_str(), whole.elements.len()), ("it has to be asked first", 0));
    }

    #[test]
    fn what_no_later_step_speaks_of_stays() {
        let other = with(LATER, "name = \"hub:send/2\"", "name = \"hub:send/3\"");
        let whole = after(FIRST, &[&other]);
        assert_eq!((whole.instead.as_str(), whole.evidence.len()), ("hub:send(Pid, What)", 1));
        // A function of 1.2.0 that was gone in between.
        let back = with(&with(LATER, "hub:send/2", "lib:lost/2"), "hub:send(To, Event)", "lib:lost(To, Event)");
        let first = with(FIRST, "hub:send(Pid, What)", "lib:lost(Pid, What)");
        assert_eq!(after(&first, &[&back]).instead, "lib:lost(Pid, What)");
    }
}
