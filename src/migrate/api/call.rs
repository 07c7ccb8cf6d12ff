//! A function of the server that is called, named or imported.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::stanza::{self, Kind};
use super::tree::Tree;
use super::{judged, proposable};
use crate::catalog::ApiChange;
use crate::migrate::code::template::{Bound, Snippet, substitute, variables};
use crate::migrate::session::SESSION;
use crate::outline::Module;
use crate::project::registrations::{HandlerRef, Registration};
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::ast::{Expr, Name, NodeId};
use crate::syntax::uses::{FunctionUse, How};

/// What takes a function's place where it is used.
///
/// # Errors
/// Why no code can be proposed: a clause without a full stop.
pub fn fix(
    module: &Arc<Module>,
    registrations: &[Registration],
    used: &FunctionUse,
    entry: &ApiChange,
) -> Result<Fix, String> {
    let tree = Tree::around(module, used.whole)?;
    let narrowed = narrowed(entry, &tree, used);
    let entry = narrowed.as_ref().unwrap_or(entry);
    proposable(entry)?;
    let template = Template::of(entry)?;
    let title = format!("use `{}`", entry.instead);
    match used.how {
        How::Call => {
            let call =
                tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. })).ok_or("the call was not found")?;
            if let Some(other) = for_accumulator(entry, &template, &tree, call) {
                return fix(module, registrations, used, &other);
            }
            let edits = template.replace(entry, &tree, call)?;
            if let Some(held) = template.old_parameter(&tree, registrations, call) {
                return Err(format!("`{held}` is given to the handler: it changes with its handler, or not at all"));
            }
            Ok(judged(entry, &tree, call, title, edits)?.because(template.doubts(entry, &tree, call)))
        }
        How::Fun => {
            let fun =
                tree.find(used.whole, |expr| matches!(expr, Expr::FunRef { .. })).ok_or("the fun was not found")?;
            named(&template, entry, title, || template.fun(&tree, fun))
        }
        How::Applied => named(&template, entry, title, || template.applied(entry, &tree, used)),
        How::Import => named(&template, entry, title, || template.import(&tree, used)),
    }
}

/// An entry as if it were about the first of its forms that a call has.
fn narrowed(entry: &ApiChange, tree: &Tree<'_>, used: &FunctionUse) -> Option<ApiChange> {
    if entry.forms.is_empty() || used.how != How::Call {
        return None;
    }
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. }))?;
    let fits = |was: &str| Snippet::parse(was).is_some_and(|was| was.bind(tree.ast, call).is_some());
    let form = entry.forms.iter().find(|form| fits(&form.was))?;
    let mut narrowed = entry.clone();
    narrowed.was.clone_from(&form.was);
    narrowed.instead.clone_from(&form.instead);
    narrowed.rewrite = form.rewrite;
    narrowed.stuck.clear();
    narrowed.results.clear();
    narrowed.binaries.clear();
    Some(narrowed)
}

/// What an entry says about a call that is given an accumulator in place of a stanza.
fn for_accumulator(entry: &ApiChange, template: &Template, tree: &Tree<'_>, call: NodeId) -> Option<ApiChange> {
    if entry.instead_of_accumulator.is_empty() {
        return None;
    }
    let bound = template.was.bind(tree.ast, call)?;
    let is_acc = |(name, value): (&str, NodeId)| {
        entry.elements.iter().any(|it| it == name) && stanza::kind(tree, value) == Kind::Accumulator
    };
    let other = ApiChange {
        instead: entry.instead_of_accumulator.clone(),
        instead_of_accumulator: String::new(),
        elements: Vec::new(),
        rewrite: crate::catalog::RewriteClass::Suggestion,
        note: "From whom and to whom the stanza is sent stands in the accumulator as well now.".to_owned(),
        ..entry.clone()
    };
    bound.iter().any(is_acc).then_some(other)
}

/// Whether a call has the form of an entry's new code already, where that has more form than a mere call.
#[must_use]
pub fn is_new(module: &Arc<Module>, used: &FunctionUse, entry: &ApiChange) -> bool {
    let (Some(new), Ok(tree)) = (Snippet::parse(&entry.instead), Tree::around(module, used.whole)) else {
        return false;
    };
    let Some((_, _, args)) = new.call() else { return false };
    if args.iter().all(|&argument| new.ast().is_var(argument)) {
        return false;
    }
    let call = tree.find(used.whole, |expr| matches!(expr, Expr::Call { .. }));
    call.is_some_and(|call| new.bind(tree.ast, call).is_some())
}

/// A function that is not called where it stands, so that it cannot be seen what becomes of its result.
fn named(
    template: &Template,
    entry: &ApiChange,
    title: String,
    edits: impl FnOnce() -> Result<Vec<Edit>, String>,
) -> Result<Fix, String> {
    if !template.free.is_empty() {
        return Err(format!("`{}` is not at hand where the function is named", template.free.join("` and `")));
    }
    if !entry.results.is_empty() {
        return Err("its result is written in another way now, and what becomes of it is not seen here".to_owned());
    }
    let fix = Fix::new(title, edits()?);
    let safe = entry.rewrite == crate::catalog::RewriteClass::Mechanical && entry.result.is_empty();
    Ok(if safe { fix } else { fix.because([super::reason(entry)]) })
}

/// A piece of code and what takes its place.
pub struct Template {
    was: Snippet,
    new: Snippet,
    /// Set when the arguments stay where they are.
    in_place: Option<InPlace>,
    /// Variables of the new code that the old one lacks.
    free: Vec<String>,
}

/// A call of another function with the same arguments and perhaps further ones among them.
struct InPlace {
    module: String,
    function: String,
    /// Each with the number of old ones before it.
    further: Vec<(usize, String)>,
}

impl Template {
    /// # Errors
    /// The entry has no code that could be read.
    pub fn of(entry: &ApiChange) -> Result<Self, String> {
        let parse = |code: &str| Snippet::parse(code).ok_or_else(|| format!("`{code}` is no expression"));
        let (was, new) = (parse(&entry.was)?, parse(&entry.instead)?);
        let known = variables(&entry.was);
        let free = variables(&entry.instead).into_iter().filter(|name| !known.contains(name)).map(str::to_owned);
        let free = free.collect();
        let in_place = in_place(&was, &new);
        Ok(Self { was, new, in_place, free })
    }

    /// The function that takes the place of one, when all else stays.
    #[must_use]
    pub fn renamed(&self) -> Option<(&str, &str)> {
        let same = self.in_place.as_ref().filter(|same| same.further.is_empty())?;
        Some((&same.module, &same.function))
    }

    /// The edits that put the new code in the old one's place.
    ///
    /// # Errors
    /// The code does not have the form, or something is not at hand.
    pub fn replace(&self, entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Edit>, String> {
        let bound = self.was.bind(tree.ast, node);
        let bound = bound.ok_or_else(|| format!("it does not have the form `{}`", entry.was))?;
        for name in &entry.binaries {
            if let Some(value) = bound.get(name).filter(|&value| is_other_term(tree.ast.expr(value))) {
                return Err(format!("`{}` is no binary, which `{name}` has to be now", tree.text(value)));
            }
        }
        for name in &entry.elements {
            if let Some(value) = bound.get(name).filter(|&value| stanza::kind(tree, value) == Kind::Other) {
                return Err(format!("`{}` is no stanza, which `{name}` has to be now", tree.text(value)));
            }
        }
        for name in &entry.atoms {
            if let Some(value) = bound.get(name).filter(|&value| is_no_atom(tree.ast.expr(value))) {
                return Err(format!("`{}` is no atom, which `{name}` has to be now", tree.text(value)));
            }
        }
        let mut values: FxHashMap<&str, String> = FxHashMap::default();
        for name in &self.free {
            values.insert(name, at_hand(entry, tree, node, name)?);
        }
        if let (Some(same), Expr::Call { module: Some(module), function, args }) = (&self.in_place, tree.ast.expr(node))
        {
            let inside = tree.inside(node, *function).ok_or("its arguments were not found")?;
            let mut edits = Vec::new();
            let name = Span { start: tree.ast.span(*module).start, end: tree.ast.span(*function).end };
            let new = format!("{}:{}", same.module, same.function);
            if tree.module.source().slice(name) != new {
                edits.push(Edit::replace(tree.module.place(name), new));
            }
            edits.extend(same.inserted(tree, inside, tree.ast.list(*args), &values));
            return Ok(edits);
        }
        self.replace_whole(tree, node, &bound, values)
    }

    /// Where the session's data is wanted, and something else is given that comes from the hook: its variable.
    fn old_parameter<'a>(&self, tree: &Tree<'a>, registrations: &[Registration], node: NodeId) -> Option<&'a str> {
        let held = tree.ast.var(self.was.bind(tree.ast, node)?.get(SESSION)?)?;
        if tree.session(node).is_some_and(|session| session == held.as_str()) {
            return None;
        }
        let clause = tree.clause(node)?;
        let function = tree.ast.atom(clause.name?)?;
        let is_handler = registrations.iter().any(|registration| match &registration.handler {
            HandlerRef::External { function: name, arity, .. } | HandlerRef::Local { function: name, arity } => {
                name == function && usize::try_from(*arity) == Ok(clause.patterns.len())
            }
            _ => false,
        });
        let is_held = |node: NodeId| tree.ast.var(node) == Some(held);
        let params: Vec<&Name> = match tree.ast.list(clause.patterns).get(1) {
            Some(&params) => tree.ast.descend([params]).filter_map(|(node, _)| tree.ast.var(node)).collect(),
            None => Vec::new(),
        };
        let in_params = |name: &Name| params.contains(&name);
        let taken = |expr: &Expr| match expr {
            Expr::Map { base: None, fields } => {
                tree.ast.fields(*fields).iter().any(|field| field.exact && field.value.is_some_and(is_held))
            }
            _ => false,
        };
        let mut head = tree.ast.descend(tree.ast.list(clause.patterns).iter().copied());
        let in_head = head.any(|(part, expr)| taken(expr) || (is_handler && is_held(part)));
        // `#{state := State} = Params` and `State = maps:get(state, Params)` in the body of a handler.
        let is_got = |node: NodeId| match tree.ast.expr(node) {
            Expr::Call { module: Some(module), args, .. } => {
                tree.ast.atom(*module).is_some_and(|it| it == "maps")
                    && tree.ast.list(*args).iter().any(|&arg| tree.ast.var(arg).is_some_and(in_params))
            }
            _ => false,
        };
        let mut body = tree.ast.descend_clause(clause);
        let mut in_body = || {
            is_handler
                && body.any(|(_, expr)| match expr {
                    Expr::Match { left, right } => {
                        taken(tree.ast.expr(*left)) && tree.ast.is_var(*right) || is_held(*left) && is_got(*right)
                    }
                    _ => false,
                })
        };
        (in_head || in_body()).then_some(held.as_str())
    }

    /// Values that have to be binaries or atoms, and are not seen to be.
    fn doubts(&self, entry: &ApiChange, tree: &Tree<'_>, node: NodeId) -> Vec<String> {
        let Some(bound) = self.was.bind(tree.ast, node) else { return Vec::new() };
        let doubtful = |(name, value): (&str, NodeId)| {
            let expr = tree.ast.expr(value);
            let wanted = |names: &[String]| names.iter().any(|it| it == name);
            if wanted(&entry.binaries) && !matches!(expr, Expr::Binary(_) | Expr::Bits(_)) {
                return Some(format!("`{}` has to be a binary now", tree.text(value)));
            }
            let doubtful = wanted(&entry.atoms) && !matches!(expr, Expr::Atom(_));
            doubtful.then(|| format!("`{}` has to be an atom now", tree.text(value)))
        };
        let uncertain = |(name, value): (&str, NodeId)| {
            let uncertain = entry.elements.iter().any(|it| it == name) && stanza::kind(tree, value) != Kind::Element;
            uncertain.then(|| format!("`{}` is not seen to be a stanza", tree.text(value)))
        };
        bound.iter().filter_map(doubtful).chain(bound.iter().filter_map(uncertain)).collect()
    }

    fn replace_whole<'v>(
        &self,
        tree: &Tree<'_>,
        node: NodeId,
        bound: &'v Bound,
        mut values: FxHashMap<&'v str, String>,
    ) -> Result<Vec<Edit>, String> {
        let wanted = variables(&self.new.text);
        if let Some((name, _)) = bound.iter().find(|&(name, value)| !wanted.contains(&name) && !tree.is_plain(value)) {
            return Err(format!("what stands for `{name}` would no longer be evaluated"));
        }
        let spans: Vec<Span> = bound.iter().map(|(_, value)| tree.ast.span(value)).collect();
        if tree.has_comment(tree.ast.span(node), &spans) {
            return Err("a comment stands inside it".to_owned());
        }
        for (name, value) in bound.iter() {
            let text = tree.text(value);
            // Beside an operator only what is one token is sure to stay together.
            let beside = matches!(self.new.expr(), Expr::Binop { .. } | Expr::RecordField { .. });
            let together = tree.is_simple(value) || matches!(tree.ast.expr(value), Expr::Call { .. });
            let text = if beside && !together { format!("({text})") } else { text.to_owned() };
            values.insert(name, text);
        }
        let new = substitute(&self.new.text, |name| values.get(name).cloned());
        let exposed = matches!(self.new.expr(), Expr::Binop { .. });
        let held = tree.parent(node).is_some_and(|parent| {
            matches!(
                tree.ast.expr(parent),
                Expr::Binop { .. }
                    | Expr::Unop { .. }
                    | Expr::RecordField { .. }
                    | Expr::Record { .. }
                    | Expr::Map { .. }
            )
        });
        let new = if exposed && held { format!("({new})") } else { new };
        Ok(vec![Edit::replace(tree.place(node), new)])
    }

    /// `fun module:function/arity`
    fn fun(&self, tree: &Tree<'_>, fun: NodeId) -> Result<Vec<Edit>, String> {
        let Expr::FunRef { module: Some(module), function, .. } = tree.ast.expr(fun) else {
            return Err("the fun was not found".to_owned());
        };
        let Some(same) = &self.in_place else {
            return Err("what takes its place has other arguments".to_owned());
        };
        if same.further.is_empty() {
            let name = Span { start: tree.ast.span(*module).start, end: tree.ast.span(*function).end };
            let new = format!("{}:{}", same.module, same.function);
            return Ok(vec![Edit::replace(tree.module.place(name), new)]);
        }
        let mut values = FxHashMap::default();
        let mut taken = Vec::new();
        let names = variables(&self.was.text);
        for name in &names {
            let fresh = tree.fresh(fun, name, &taken);
            taken.push(fresh.clone());
            values.insert(*name, fresh);
        }
        let call = substitute(&self.new.text, |name| values.get(name).cloned());
        Ok(vec![Edit::replace(tree.place(fun), format!("fun({}) -> {call} end", taken.join(", ")))])
    }

    /// `module, function, [...]` in a row.
    fn applied(&self, entry: &ApiChange, tree: &Tree<'_>, used: &FunctionUse) -> Result<Vec<Edit>, String> {
        let Some(same) = &self.in_place else {
            return Err("what takes its place has other arguments".to_owned());
        };
        let at = |node: &NodeId| tree.ast.span(*node);
        let row = tree.ast.nodes().find_map(|(around, node)| {
            let items = match &node.expr {
                Expr::Call { args, .. } => *args,
                Expr::Tuple(items) => *items,
                _ => return None,
            };
            let rows = tree.ast.list(items).windows(3);
            rows.map(<[NodeId]>::to_vec)
                .find(|row| at(&row[0]).start == used.whole.start && at(&row[2]).end == used.whole.end)
                .map(|row| (around, row))
        });
        let (around, row) = row.ok_or("its parts were not found")?;
        // What applies it gives its result, as far as is known.
        if !entry.result.is_empty() {
            super::result_fits(entry, tree, around)?;
        }
        let Expr::List { items, tail: None } = tree.ast.expr(row[2]) else {
            return Err("its arguments are not written out".to_owned());
        };
        let names = variables(&entry.was);
        let values = names.iter().zip(tree.ast.list(*items));
        let mut binaries = values.filter(|(name, _)| entry.binaries.iter().any(|it| it == *name));
        if let Some((name, &value)) = binaries.find(|(_, value)| is_other_term(tree.ast.expr(**value))) {
            return Err(format!("`{}` is no binary, which `{name}` has to be now", tree.text(value)));
        }
        let list = at(&row[2]);
        let inside = Span { start: list.start + 1, end: list.end - 1 };
        let mut edits = Vec::new();
        for (node, new) in [(row[0], &same.module), (row[1], &same.function)] {
            if tree.text(node) != new {
                edits.push(Edit::replace(tree.place(node), new));
            }
        }
        edits.extend(same.inserted(tree, inside, tree.ast.list(*items), &FxHashMap::default()));
        Ok(edits)
    }

    /// `-import(module, [function/arity]).`
    fn import(&self, tree: &Tree<'_>, used: &FunctionUse) -> Result<Vec<Edit>, String> {
        let (module, function) = self.renamed().ok_or("what takes its place has other arguments")?;
        if function != used.function {
            return Err(format!(
                "calls without a module would have to call `{function}`: write the module's name there"
            ));
        }
        let header = tree.module.header();
        if header.imports.iter().filter(|(_, _, from)| *from == used.module).count() != 1 {
            return Err(format!("other functions are imported from `{}` as well", used.module));
        }
        let form = tree.module.form(tree.form);
        let rest = Span { start: form.name.end, end: used.whole.start };
        let name = crate::syntax::scan::Tokens::new(tree.module.source().slice(rest), rest.start as usize)
            .map(|(_, span)| span)
            .find(|span| tree.module.source().slice(*span).trim_matches('\'') == used.module)
            .ok_or("the module's name was not found")?;
        Ok(vec![Edit::replace(tree.module.place(name), module)])
    }
}

impl InPlace {
    /// The further arguments, put among those that are there.
    fn inserted(&self, tree: &Tree<'_>, inside: Span, items: &[NodeId], values: &FxHashMap<&str, String>) -> Vec<Edit> {
        let regions = tree.regions(inside, items);
        let near = tree.module.place(inside);
        let insert = |(before, code): &(usize, String)| {
            let code = substitute(code, |name| values.get(name).cloned());
            match (before.checked_sub(1).and_then(|last| regions.get(last)), regions.get(*before)) {
                (Some(last), _) => Edit::insert(&near, last.end, format!(", {code}")),
                (None, Some(next)) => Edit::insert(&near, next.start, format!("{code}, ")),
                (None, None) => Edit::insert(&near, inside.start, code),
            }
        };
        // Several at one place would be several insertions there.
        let mut joined: Vec<(usize, String)> = Vec::new();
        for (before, code) in &self.further {
            match joined.last_mut().filter(|(known, _)| known == before) {
                Some((_, codes)) => *codes = format!("{codes}, {code}"),
                None => joined.push((*before, code.clone())),
            }
        }
        joined.iter().map(insert).collect()
    }
}

fn in_place(was: &Snippet, new: &Snippet) -> Option<InPlace> {
    let ((_, _, before), (module, function, after)) = (was.call()?, new.call()?);
    let var = |snippet: &Snippet, node: NodeId| snippet.ast().var(node).cloned();
    let old: Vec<Name> = before.iter().map(|&node| var(was, node)).collect::<Option<_>>()?;
    let mut seen = 0;
    let mut further = Vec::new();
    for &node in after {
        if var(new, node).is_some_and(|name| old.get(seen) == Some(&name)) {
            seen += 1;
        } else if variables(new.text_of(node)).iter().any(|name| old.iter().any(|it| it == name)) {
            return None;
        } else {
            further.push((seen, new.text_of(node).to_owned()));
        }
    }
    (seen == old.len()).then(|| InPlace { module: module.to_owned(), function: function.to_owned(), further })
}

/// Whether an expression is plainly something else than an atom.
fn is_no_atom(expr: &Expr) -> bool {
    match expr {
        Expr::Atom(_) => false,
        Expr::Binary(_) | Expr::Bits(_) => true,
        _ => is_other_term(expr),
    }
}

/// Whether an expression is plainly something else than a binary.
pub(super) fn is_other_term(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Atom(_)
            | Expr::Integer(_)
            | Expr::Float
            | Expr::Char
            | Expr::String(_)
            | Expr::Tuple(_)
            | Expr::List { .. }
            | Expr::Map { .. }
            | Expr::Record { .. }
            | Expr::FunRef { .. }
            | Expr::Fun { .. }
    )
}

/// The code that gives a variable of the new code where a node stands.
fn at_hand(entry: &ApiChange, tree: &Tree<'_>, node: NodeId, name: &str) -> Result<String, String> {
    let role = |name: &str| match name {
        SESSION => tree.session(node).map(str::to_owned),
        "Acc" => tree.accumulator(node).map(str::to_owned),
        _ => None,
    };
    let ways = entry.needs.get(name).into_iter().flatten();
    let had = ways.filter_map(|way| {
        let known: Option<Vec<(&str, String)>> =
            variables(way).into_iter().map(|name| Some((name, role(name)?))).collect();
        let known = known?;
        Some(substitute(way, |name| known.iter().find(|(it, _)| *it == name).map(|(_, text)| text.clone())))
    });
    let given = || tree.argument(node, name).filter(|_| name != SESSION).map(str::to_owned);
    had.into_iter()
        .next()
        .or_else(|| role(name))
        .or_else(given)
        .ok_or_else(|| format!("it needs `{name}`, which is not at hand here"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fixed, fixed_unsafely, unfixed, untouched};

    const RULE: &str = "removed-function";

    #[test]
    fn a_function_under_another_name() {
        fixed(
            RULE,
            r#"
            owner(State) -> jid:to_binary(ejabberd_c2s_state:jid(State)).

            shown(Pid) ->
                {_User, _Resource, Show, _Status} = ejabberd_c2s:get_presence( % asks the session
                                                        Pid),
                Show.
            "#,
            r#"
            owner(State) -> jid:to_binary(mongoose_c2s:get_jid(State)).

            shown(Pid) ->
                {_User, _Resource, Show, _Status} = mod_presence:get_presence( % asks the session
                                                        Pid),
                Show.
            "#,
        );
    }

    #[test]
    fn a_further_argument() {
        fixed(
            RULE,
            r#"
            -define(KICK(Pid), ejabberd_c2s:stop(Pid)).

            kick(Sessions) ->
                [ejabberd_c2s:stop((Pid)) || {_, Pid} <- Sessions],
                ejabberd_c2s:stop(find(
                    first, % not the others
                    Sessions)).
            "#,
            r#"
            -define(KICK(Pid), mongoose_c2s:stop(Pid, normal)).

            kick(Sessions) ->
                [mongoose_c2s:stop((Pid), normal) || {_, Pid} <- Sessions],
                mongoose_c2s:stop(find(
                    first, % not the others
                    Sessions), normal).
            "#,
        );
    }

    #[test]
    fn a_result_that_nobody_looks_at() {
        fixed(
            RULE,
            r#"
            close(Pids, Jid) ->
                lists:foreach(fun(Pid) -> ejabberd_c2s:terminate_session(Pid, <<"Too many">>) end, Pids),
                _ = ejabberd_c2s:terminate_session(Jid, <<"Too many">>),
                case Pids of
                    [] -> catch ejabberd_c2s:terminate_session(Jid, <<"None">>);
                    _ -> ok
                end,
                ok.
            "#,
            r#"
            close(Pids, Jid) ->
                lists:foreach(fun(Pid) -> ejabberd_sm:terminate_session(Pid, <<"Too many">>) end, Pids),
                _ = ejabberd_sm:terminate_session(Jid, <<"Too many">>),
                case Pids of
                    [] -> catch ejabberd_sm:terminate_session(Jid, <<"None">>);
                    _ -> ok
                end,
                ok.
            "#,
        );
    }

    #[test]
    fn a_result_that_is_handed_on() {
        fixed_unsafely(
            RULE,
            "The result is `ok` or `no_session`",
            r#"
            close(Pid) -> ejabberd_c2s:terminate_session(Pid, <<"Too many">>).
            "#,
            r#"
            close(Pid) -> ejabberd_sm:terminate_session(Pid, <<"Too many">>).
            "#,
        );
    }

    #[test]
    fn a_result_that_never_comes_again() {
        unfixed(
            RULE,
            "its result, which is matched with `{exit, _}`, is `ok | no_session` now",
            r#"
            close(Pid) ->
                case ejabberd_c2s:terminate_session(Pid, <<"Too many">>) of
                    {exit, _} -> ok;
                    no_session -> error
                end.
            "#,
        );
    }

    #[test]
    fn a_reason_that_need_not_be_a_binary() {
        fixed_unsafely(
            RULE,
            "`Reason` has to be a binary now",
            r#"
            close(Pid, Reason) ->
                ejabberd_c2s:terminate_session(Pid, Reason),
                ok.
            "#,
            r#"
            close(Pid, Reason) ->
                ejabberd_sm:terminate_session(Pid, Reason),
                ok.
            "#,
        );
        let before = r#"
            close(Pid) ->
                ejabberd_c2s:terminate_session(Pid, normal),
                ok.
            "#;
        unfixed(RULE, "`normal` is no binary", before);
    }

    #[test]
    fn what_the_clause_has_at_hand() {
        fixed_unsafely(
            RULE,
            "The session's SID is needed",
            r#"
            seen(Acc, #{from := From}, _Extra) ->
                ejabberd_sm:store_info(From, last_seen, erlang:system_time(second)),
                {ok, Acc}.

            marked(Acc0, #{c2s_data := Session}, _Extra) ->
                ejabberd_sm:remove_info(mongoose_c2s:get_jid(Session), last_seen),
                {ok, Acc0}.

            forget(#{sid := Sid}, Jid) -> ejabberd_sm:remove_info(Jid, last_seen), ok.
            "#,
            r#"
            seen(Acc, #{from := From}, _Extra) ->
                ejabberd_sm:store_info(From, mongoose_acc:get(c2s, origin_sid, undefined, Acc), last_seen, erlang:system_time(second)),
                {ok, Acc}.

            marked(Acc0, #{c2s_data := Session}, _Extra) ->
                ejabberd_sm:remove_info(mongoose_c2s:get_jid(Session), mongoose_c2s:get_sid(Session), last_seen),
                {ok, Acc0}.

            forget(#{sid := Sid}, Jid) -> ejabberd_sm:remove_info(Jid, Sid, last_seen), ok.
            "#,
        );
    }

    #[test]
    fn what_is_not_at_hand() {
        unfixed(
            RULE,
            "it needs `SID`, which is not at hand here",
            "seen(From) -> ejabberd_sm:store_info(From, last_seen, now), ok.\n",
        );
        unfixed(
            RULE,
            "it needs `SID`, which is not at hand here",
            r#"
            seen(Jids, Acc) ->
                lists:foldl(fun(Jid, Acc) -> ejabberd_sm:remove_info(Jid, seen), Acc end, Acc, Jids).
            "#,
        );
    }

    #[test]
    fn a_result_that_was_looked_into() {
        unfixed(
            RULE,
            "is matched with `{ok, _}`, is `ok` now",
            r#"
            seen(Acc, From) ->
                {ok, _} = ejabberd_sm:store_info(From, last_seen, 1),
                Acc.
            "#,
        );
    }

    #[test]
    fn an_event_becomes_a_message() {
        fixed_unsafely(
            RULE,
            "handled like a stanza of the client",
            r#"
            fake(Pid, El) ->
                p1_fsm_old:send_event(Pid, {xmlstreamelement, El}).
            "#,
            r#"
            fake(Pid, El) ->
                Pid ! El.
            "#,
        );
        unfixed(
            RULE,
            "it does not have the form `p1_fsm_old:send_event(Pid, {xmlstreamelement, Element})`",
            "wake(Pid) -> p1_fsm_old:send_event(Pid, closed).\n",
        );
    }

    #[test]
    fn nothing_is_left_out_that_was_evaluated() {
        unfixed(
            RULE,
            "what stands for `Pid` would no longer be evaluated",
            r#"
            keep(Acc, Jid) ->
                ejabberd_c2s:store_session_info(self_of(Jid), Jid, seen, true),
                Acc.
            "#,
        );
        unfixed(
            RULE,
            "a comment stands inside it",
            r#"
            keep(Acc, Pid, Jid) ->
                ejabberd_c2s:store_session_info(Pid, % the user's own
                                                Jid, seen, true),
                Acc.
            "#,
        );
    }

    #[test]
    fn functions_that_are_named() {
        fixed(
            RULE,
            r#"
            -import(ejabberd_c2s, [get_presence/1]).

            kick(Pids) ->
                timer:apply_after(1000, ejabberd_c2s, stop, [hd(Pids)]),
                rpc:call(node(), ejabberd_c2s_state, jid, [state()]),
                lists:foreach(fun ejabberd_c2s:stop/1, Pids),
                lists:map(fun ejabberd_c2s_state:server/1, Pids).
            "#,
            r#"
            -import(mod_presence, [get_presence/1]).

            kick(Pids) ->
                timer:apply_after(1000, mongoose_c2s, stop, [hd(Pids), normal]),
                rpc:call(node(), mongoose_c2s, get_jid, [state()]),
                lists:foreach(fun(Pid) -> mongoose_c2s:stop(Pid, normal) end, Pids),
                lists:map(fun mongoose_c2s:get_lserver/1, Pids).
            "#,
        );
    }

    #[test]
    fn a_fun_needs_names_of_its_own() {
        fixed(
            RULE,
            "kick(Pid, Pids) -> log(Pid), lists:foreach(fun ejabberd_c2s:stop/1, Pids).\n",
            "kick(Pid, Pids) -> log(Pid), lists:foreach(fun(Pid1) -> mongoose_c2s:stop(Pid1, normal) end, Pids).\n",
        );
    }

    #[test]
    fn functions_whose_names_do_not_do() {
        unfixed(RULE, "`SID` is not at hand where the function is named", "f() -> fun ejabberd_sm:store_info/3.\n");
        unfixed(
            RULE,
            "what takes its place has other arguments",
            r#"
            -import(ejabberd_c2s, [stop/1]).
            f(Pid) -> stop(Pid).
            "#,
        );
        unfixed(
            RULE,
            "other functions are imported from `ejabberd_c2s` as well",
            r#"
            -import(ejabberd_c2s, [get_presence/1, run_remote_hook/3]).
            f(Pid) -> get_presence(Pid), run_remote_hook(Pid, a, b).
            "#,
        );
        unfixed(
            RULE,
            "calls without a module would have to call `get_jid`",
            r#"
            -import(ejabberd_c2s_state, [jid/1]).
            f(State) -> jid(State).
            "#,
        );
    }

    #[test]
    fn functions_that_others_apply_and_look_at() {
        unfixed(
            RULE,
            "is matched with `{exit, _}`",
            r#"f(Jid) -> {exit, _} = rpc:call(node(), ejabberd_c2s, terminate_session, [Jid, <<"Kicked">>]), ok."#,
        );
        unfixed(
            RULE,
            "`normal` is no binary",
            "f(Jid) -> spawn(ejabberd_c2s, terminate_session, [Jid, normal]), ok.\n",
        );
        fixed_unsafely(
            RULE,
            "The result is `ok` or `no_session`",
            "f(Jid) -> spawn(ejabberd_c2s, terminate_session, [Jid, <<\"Bye\">>]), ok.\n",
            "f(Jid) -> spawn(ejabberd_sm, terminate_session, [Jid, <<\"Bye\">>]), ok.\n",
        );
    }

    #[test]
    fn a_parameter_changes_with_its_handler() {
        unfixed(
            RULE,
            "`State` is given to the handler",
            r#"
            sent(Acc, #{state := State}, _Extra) -> {ok, mark(ejabberd_c2s_state:jid(State), Acc)}.
            "#,
        );
        unfixed(
            RULE,
            "`State` is given to the handler",
            r#"
            start(HT, _) -> gen_hook:add_handler(c2s_presence_in, HT, fun ?MODULE:seen/3, #{}, 50).
            seen(State, _Params, _Extra) -> log(ejabberd_c2s_state:jid(State)), {ok, State}.
            "#,
        );
        unfixed(
            RULE,
            "`State` is given to the handler",
            r#"
            start(HT, _) -> ejabberd_hooks:add(c2s_preprocessing_hook, HT, ?MODULE, checked, 50).
            checked(Acc, State) -> log(ejabberd_c2s_state:jid(State)), Acc.
            "#,
        );
        fixed(
            RULE,
            r#"
            sent(Acc, #{c2s_data := State}, _Extra) -> {ok, mark(ejabberd_c2s_state:jid(State), Acc)}.
            "#,
            r#"
            sent(Acc, #{c2s_data := State}, _Extra) -> {ok, mark(mongoose_c2s:get_jid(State), Acc)}.
            "#,
        );
    }

    #[test]
    fn a_parameter_that_the_body_takes_changes_with_its_handler() {
        let handler = |take: &str| {
            format!(
                "start(HT, _) -> gen_hook:add_handler(c2s_filter_packet, HT, fun ?MODULE:seen/3, #{{}}, 50).\n\
                 seen(Acc, #{{feature := _}} = Params, _Extra) ->\n    {take},\n    \
                 log(ejabberd_c2s_state:jid(State)),\n    {{ok, Acc}}.\n"
            )
        };
        unfixed(RULE, "`State` is given to the handler", &handler("#{state := State} = Params"));
        unfixed(RULE, "`State` is given to the handler", &handler("State = maps:get(state, Params)"));
    }

    #[test]
    fn what_has_to_be_decided_by_a_person() {
        unfixed(
            RULE,
            "no handler in the checked code receives what is sent with the tag `acme`",
            "ask(Pid) -> ejabberd_c2s:run_remote_hook(Pid, acme, ping).\n",
        );
        unfixed(RULE, "nothing takes its place", "f(Jid) -> ejabberd_sm:force_update_presence(a, Jid).\n");
        unfixed(RULE, "has to be written in another way", "f(S) -> ejabberd_c2s:send_text(S, <<>>).\n");
        unfixed(RULE, "become one state of the module", "f(S) -> ejabberd_c2s:get_aux_field(acme, S).\n");
    }

    #[test]
    fn code_for_the_new_release_stays() {
        untouched(
            RULE,
            r#"
            kick(Pid, Acc, Jid) ->
                mongoose_c2s:stop(Pid, normal),
                ejabberd_sm:store_info(Jid, mongoose_acc:get(c2s, origin_sid, undefined, Acc), seen, true),
                ejabberd_sm:terminate_session(Pid, <<"Bye">>).
            "#,
        );
    }
}
