//! Comments that suppress findings, with the rules that they name.

use super::Rule;
use super::malformed_suppression::MalformedSuppression;
use super::unused_suppression::UnusedSuppression;
use crate::finding::Finding;
use crate::outline::Module;
use crate::outline::directives::{Directive, Mistake, PLACEHOLDER};
use crate::suggest::did_you_mean;

const VERBS: [&str; 2] = ["ignore", "ignore-file"];

/// A comment that suppresses what rules find.
pub struct Suppression<'m> {
    pub directive: &'m Directive,
    /// One for each of the directive's names.
    pub rules: Vec<&'static dyn Rule>,
}

/// The comments of a module that suppress something. One with a mistake in it suppresses nothing.
pub fn of(module: &Module) -> impl Iterator<Item = Suppression<'_>> {
    let read = |directive| Some(Suppression { directive, rules: rules(module, directive).ok()? });
    module.directives().iter().filter_map(read)
}

/// Whether a comment can suppress a finding: one that is about Erlang code, and not about such a comment.
#[must_use]
pub fn can_be_suppressed(finding: &Finding) -> bool {
    let is_config = finding.place.source.path().extension().is_some_and(|it| it == "toml");
    rule(finding.rule).is_ok() && !is_config
}

/// The rules that a directive names, or what is wrong with it.
pub(super) fn rules(module: &Module, directive: &Directive) -> Result<Vec<&'static dyn Rule>, String> {
    let names = directive.rules.iter().map(|&name| module.source().slice(name));
    let rules = names.map(rule).collect::<Result<_, _>>()?;
    match directive.mistake {
        Some(mistake) => Err(describe(module, directive, mistake)),
        None => Ok(rules),
    }
}

fn rule(name: &str) -> Result<&'static dyn Rule, String> {
    if name == "*" {
        return Err("each rule has to be named, and `*` is no rule".to_owned());
    }
    // Otherwise a mistake could hide itself.
    let of_comments = [MalformedSuppression::NAME, UnusedSuppression::NAME];
    if of_comments.contains(&name) {
        return Err(format!("what `{name}` finds cannot be suppressed"));
    }
    let known = super::all().iter().copied();
    known.clone().find(|rule| rule.name() == name).ok_or_else(|| {
        let others = known.map(Rule::name).filter(|it| !of_comments.contains(it));
        format!("there is no rule `{name}`{}", did_you_mean(name, others))
    })
}

fn describe(module: &Module, directive: &Directive, mistake: Mistake) -> String {
    let source = module.source();
    match mistake {
        Mistake::NoColon => "a colon is missing behind `hookshift`".to_owned(),
        Mistake::Verb(verb) => {
            let verb = source.slice(verb);
            format!("`{verb}` means nothing here{}", did_you_mean(verb, VERBS))
        }
        Mistake::NoBracket => "the names of rules have to follow right away, in brackets".to_owned(),
        Mistake::NotClosed => "the bracket behind the names of rules is missing".to_owned(),
        Mistake::EmptyName => "the name of a rule is missing".to_owned(),
        Mistake::InForm => "what is for the whole file cannot stand inside of a function or an attribute".to_owned(),
        Mistake::NoReason if source.slice(directive.span).ends_with(PLACEHOLDER) => {
            format!("`{PLACEHOLDER}` stands where the reason has to be")
        }
        Mistake::NoReason => "the reason is missing, which has to stand behind the bracket".to_owned(),
    }
}
