//! What a handler returns, tagged as the new contract wants it.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::value::{self, Meaning};
use super::{Old, spec};
use crate::migrate::code::text::on_one_line;
use crate::migrate::results::flow::{self, Called, Flow, Named};
use crate::migrate::results::{Done, never_returns};
use crate::project::handlers::At;
use crate::project::handlers::leaves::keeps_arguments_apart;
use crate::rewrite::Edit;
use crate::source::Span;
use crate::syntax::ast::{Expr, Name, NodeId, Nodes};
use crate::syntax::scan::{Token, Tokens};

/// The edits, and which tags come out.
pub(super) struct Results {
    pub edits: Vec<Edit>,
    pub tags: Tags,
}

/// Which results there can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    /// To go on with an accumulator.
    pub ok: bool,
    /// To stop with one.
    pub stop: bool,
    /// To stop, and nothing else: `stop`.
    pub just_stop: bool,
}

impl Tags {
    const ALL: Self = Self { ok: true, stop: true, just_stop: true };

    fn add(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::GoOn => self.ok = true,
            Meaning::Stop => self.stop = true,
            Meaning::JustStop => self.just_stop = true,
            Meaning::Unknown => *self = Self::ALL,
        }
    }

    fn or(self, other: Self) -> Self {
        Self { ok: self.ok || other.ok, stop: self.stop || other.stop, just_stop: self.just_stop || other.just_stop }
    }

    /// What all of it means, when that is one thing.
    fn meaning(self) -> Meaning {
        match self {
            Self { ok: true, stop: false, just_stop: false } => Meaning::GoOn,
            Self { ok: false, stop: true, just_stop: false } => Meaning::Stop,
            Self { ok: false, stop: false, just_stop: true } => Meaning::JustStop,
            _ => Meaning::Unknown,
        }
    }

    /// Whether the tag of a result can be `stop`.
    pub fn stops(self) -> bool {
        self.stop || self.just_stop
    }
}

/// The results that a function can have, as far as that is known.
pub(super) fn tags(old: &Old<'_>) -> Tags {
    let flows = flow::results(&old.handler);
    let walk = Walk::new(old, &flows);
    let mut tags = Tags::default();
    flows.iter().for_each(|flow| walk.tags(flow, None, &mut tags));
    tags
}

/// Tags every result where it is made.
///
/// # Errors
/// One of them is not known, or serves others as well; says which.
pub(super) fn rewrite(old: &Old<'_>) -> Result<Results, String> {
    let flows = flow::results(&old.handler);
    let mut walk = Walk::new(old, &flows);
    let mut tags = Tags::default();
    for flow in &flows {
        walk.result(flow, None)?;
        walk.tags(flow, None, &mut tags);
    }
    let mut edits = walk.done.finish().edits;
    for ((name, arity), tags) in &walk.retagged {
        edits.extend(spec::retagged(old.module(), name, *arity, *tags)?);
    }
    Ok(Results { edits, tags })
}

/// The call that led into the function in which a result is made.
type Way<'c> = Option<&'c (At, Nodes)>;

/// A clause as it is reached on a way.
fn on(at: &At, way: Way<'_>) -> At {
    way.map_or_else(|| at.clone(), |(caller, args)| at.called_from(caller, *args))
}

struct Walk<'a, 'b> {
    old: &'a Old<'a>,
    flows: &'b [Flow<'a>],
    done: Done,
    /// What was decided about an expression. On another way it may be something else.
    decided: FxHashMap<Span, Meaning>,
    /// Functions whose results are tagged inside of them.
    retagged: Vec<((Name, usize), Tags)>,
}

impl<'a, 'b> Walk<'a, 'b> {
    fn new(old: &'a Old<'a>, flows: &'b [Flow<'a>]) -> Self {
        Self { old, flows, done: Done::default(), decided: FxHashMap::default(), retagged: Vec::new() }
    }

    fn result(&mut self, flow: &Flow<'a>, way: Way<'_>) -> Result<(), String> {
        match flow {
            Flow::Leaf(at, node) => self.leaf(at, *node, way),
            Flow::Branches(from) => from.iter().try_for_each(|it| self.result(it, way)),
            Flow::Named(named) => self.named(named, way),
            Flow::Called(called) => self.called(called, way),
            Flow::Opaque(why) => Err(format!("a result cannot be followed: {why}")),
        }
    }

    fn leaf(&mut self, at: &'a At, node: NodeId, way: Way<'_>) -> Result<(), String> {
        match self.meaning_of(at, node, way) {
            None => Ok(()),
            Some(Meaning::JustStop) if at.ast().atom(node).is_none() => Err(self.unknown(at, node)),
            Some(Meaning::Unknown) => Err(self.unknown(at, node)),
            Some(known) => self.decide(at, node, known),
        }
    }

    /// What an expression means; `None` when it has no value.
    fn meaning_of(&self, at: &At, node: NodeId, way: Way<'_>) -> Option<Meaning> {
        if never_returns(at, node) {
            return None;
        }
        Some(value::of(self.old.context.modules, &on(at, way), node))
    }

    fn unknown(&self, at: &At, node: NodeId) -> String {
        let code = on_one_line(at.module.source().slice(at.ast().span(node)));
        let shown: String = code.chars().take(SHOWN).collect();
        let dots = if shown.len() < code.len() { "..." } else { "" };
        format!("it is not known what `{shown}{dots}` may be")
    }

    /// Writes a result, once and in one way.
    fn decide(&mut self, at: &'a At, node: NodeId, meaning: Meaning) -> Result<(), String> {
        match self.decided.insert(at.ast().span(node), meaning) {
            Some(known) if known == meaning => return Ok(()),
            Some(_) => return Err(self.unknown(at, node)),
            None => {}
        }
        match meaning {
            Meaning::GoOn => {
                self.done.wrap(at, node, TAGGED, "}");
                self.align(at, node);
            }
            Meaning::JustStop => self.done.replace(at, node, "{stop, stopped}"),
            // That is written already, or somewhere else.
            Meaning::Stop | Meaning::Unknown => {}
        }
        Ok(())
    }

    /// Moves the further lines of an expression along with its start, when they are aligned with it.
    fn align(&mut self, at: &At, node: NodeId) {
        let (text, span) = (at.module.source().text(), at.ast().span(node));
        let (start, end) = (span.start as usize, span.end as usize);
        let code = &text[start..end];
        let literal = |(token, span): (Token, Span)| {
            matches!(token, Token::String | Token::Atom) && text[span.range()].contains('\n')
        };
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let below =
            || code.match_indices('\n').map(|(at, _)| start + at + 1).filter(|&at| !text[at..].starts_with('\n'));
        let is_inside = |at: usize| text[at..].len() - text[at..].trim_start_matches(' ').len() > start - line;
        if code.contains('\t') || !below().all(is_inside) || Tokens::new(code, start).any(literal) {
            return;
        }
        for at_line in below() {
            let offset = u32::try_from(at_line).unwrap_or(span.start);
            self.done.push(Edit::insert(&at.place(node), offset, " ".repeat(TAGGED.len())));
        }
    }

    /// A variable: tagged where it is returned when all of its values mean the same, else where they are made.
    fn named(&mut self, named: &Named<'a>, way: Way<'_>) -> Result<(), String> {
        match self.meaning(&named.from, way) {
            known @ (Meaning::GoOn | Meaning::Stop) => self.decide(named.at, named.node, known),
            _ if named.alone => {
                self.decide(named.at, named.node, Meaning::Unknown)?;
                named.from.iter().try_for_each(|it| self.result(it, way))
            }
            _ => Err("a result is used in other ways, too".to_owned()),
        }
    }

    /// The same for what a function of the module returns.
    fn called(&mut self, called: &Called<'a>, way: Way<'_>) -> Result<(), String> {
        if called.from.is_empty() {
            // A call on the way back into a function that is being rewritten.
            return Ok(());
        }
        let mut tags = Tags::default();
        self.tags_of_call(called, way, &mut tags);
        match tags.meaning() {
            known @ (Meaning::GoOn | Meaning::Stop) if !leads_back(called) => {
                self.decide(called.at, called.node, known)
            }
            _ if flow::is_owned(self.flows, called) => {
                self.decide(called.at, called.node, Meaning::Unknown)?;
                for call in ways(called, way) {
                    called.from.iter().try_for_each(|it| self.result(it, Some(&call)))?;
                }
                self.retag((called.name.clone(), called.arity), tags);
                Ok(())
            }
            _ => Err(format!("others need what `{}/{}` returns as it is", called.name, called.arity)),
        }
    }

    fn tags_of_call(&self, called: &Called<'a>, way: Way<'_>, tags: &mut Tags) {
        for call in ways(called, way) {
            called.from.iter().for_each(|it| self.tags(it, Some(&call), tags));
        }
    }

    fn retag(&mut self, function: (Name, usize), tags: Tags) {
        match self.retagged.iter_mut().find(|(known, _)| *known == function) {
            Some((_, known)) => *known = known.or(tags),
            None => self.retagged.push((function, tags)),
        }
    }

    fn meaning(&self, from: &[Flow<'a>], way: Way<'_>) -> Meaning {
        let mut tags = Tags::default();
        from.iter().for_each(|it| self.tags(it, way, &mut tags));
        tags.meaning()
    }

    fn tags(&self, flow: &Flow<'a>, way: Way<'_>, tags: &mut Tags) {
        match flow {
            Flow::Leaf(at, node) => {
                if let Some(meaning) = self.meaning_of(at, *node, way) {
                    tags.add(meaning);
                }
            }
            Flow::Branches(from) | Flow::Named(Named { from, .. }) => {
                from.iter().for_each(|it| self.tags(it, way, tags));
            }
            Flow::Called(called) => self.tags_of_call(called, way, tags),
            Flow::Opaque(_) => tags.add(Meaning::Unknown),
        }
    }
}

/// The calls by which a function is reached: the one on the way, and those that it calls itself by. Where that is not
/// enough to know which values its arguments can have, a call without arguments.
fn ways(called: &Called<'_>, way: Way<'_>) -> Vec<(At, Nodes)> {
    let caller = on(called.at, way);
    let call = (caller, arguments(called));
    let mut ways = vec![call.clone()];
    let mut is_known = true;
    for flow in &called.from {
        flow.each(&mut |it| {
            let Flow::Called(back) = it else { return };
            if !back.from.is_empty() {
                return;
            }
            is_known &=
                back.at.function() == (called.name.clone(), called.arity) && keeps_arguments_apart(back.at, back.node);
            ways.push((on(back.at, Some(&call)), arguments(back)));
        });
    }
    if is_known { ways } else { vec![(call.0, Nodes::default())] }
}

fn arguments(called: &Called<'_>) -> Nodes {
    match called.at.ast().expr(called.node) {
        Expr::Call { args, .. } => *args,
        _ => Nodes::default(),
    }
}

/// What comes before a value that is tagged.
const TAGGED: &str = "{ok, ";

/// How much of an expression is shown.
const SHOWN: usize = 60;

/// Whether a function's results come from one that calls it on the way, so that they are tagged there already.
fn leads_back(called: &Called<'_>) -> bool {
    let mut inside = BTreeSet::from([(called.name.clone(), called.arity)]);
    let mut ends = BTreeSet::new();
    for flow in &called.from {
        flow.each(&mut |it| {
            if let Flow::Called(other) = it {
                let seen = if other.from.is_empty() { &mut ends } else { &mut inside };
                seen.insert((other.name.clone(), other.arity));
            }
        });
    }
    !ends.is_subset(&inside)
}
