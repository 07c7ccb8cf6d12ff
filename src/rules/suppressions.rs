//! Comments that suppress findings, with the rules that they name.

use std::sync::Arc;

use super::Rule;
use super::malformed_suppression::MalformedSuppression;
use super::unused_suppression::UnusedSuppression;
use crate::finding::Finding;
use crate::outline::Module;
use crate::outline::directives::{Directive, Language, Layout, Mistake, PLACEHOLDER, Reach};
use crate::project::server_config::ServerConfig;
use crate::source::{Place, Source, Span};
use crate::suggest::did_you_mean;

const VERBS: [&str; 2] = ["ignore", "ignore-file"];

/// A comment that suppresses what rules find.
pub struct Suppression<'m> {
    pub directive: &'m Directive,
    /// One for each of the directive's names.
    pub rules: Vec<&'static dyn Rule>,
}

/// A file in which comments can suppress something.
#[derive(Clone, Copy)]
pub enum Commented<'f> {
    Module(&'f Module),
    Config(&'f ServerConfig),
}

impl<'f> Commented<'f> {
    #[must_use]
    pub fn source(self) -> &'f Arc<Source> {
        match self {
            Commented::Module(module) => module.source(),
            Commented::Config(config) => &config.source,
        }
    }

    #[must_use]
    pub fn place(self, span: Span) -> Place {
        Place::new(self.source(), span)
    }

    #[must_use]
    pub fn language(self) -> Language {
        match self {
            Commented::Module(_) => Language::Erlang,
            Commented::Config(_) => Language::Toml,
        }
    }

    #[must_use]
    pub fn directives(self) -> &'f [Directive] {
        match self {
            Commented::Module(module) => module.directives(),
            Commented::Config(config) => config.directives(),
        }
    }

    #[must_use]
    pub fn layout(self) -> Box<dyn Layout + 'f> {
        match self {
            Commented::Module(module) => Box::new(module),
            Commented::Config(config) => Box::new(config.layout()),
        }
    }

    /// Whether all code that a comment is for can be parsed. A configuration can, or there is none.
    #[must_use]
    pub fn is_understood(self, reach: Reach) -> bool {
        let Commented::Module(module) = self else { return true };
        let concerns = |start: u32, end: u32| match reach {
            Reach::Within(span) => start < span.end && span.start < end,
            Reach::File => true,
            Reach::Nothing => false,
        };
        let mut forms = module.forms().filter(|(_, form)| concerns(form.span.start, form.span.end));
        forms.all(|(index, _)| module.ast(index).is_ok_and(|ast| ast.errors.is_empty()))
            && !module.broken().iter().any(|span| concerns(span.start, span.end))
    }
}

/// The comments of a file that suppress something. One with a mistake in it suppresses nothing.
pub fn of(file: Commented<'_>) -> impl Iterator<Item = Suppression<'_>> {
    let read = move |directive| Some(Suppression { directive, rules: rules(file, directive).ok()? });
    file.directives().iter().filter_map(read)
}

/// Whether a comment can suppress a finding: one that is not about such a comment.
#[must_use]
pub fn can_be_suppressed(finding: &Finding) -> bool {
    rule(finding.rule).is_ok()
}

/// Whether a finding is about a configuration as a whole, so that it is in none of its lines.
#[must_use]
pub fn is_about_whole_config(language: Language, finding: &Finding) -> bool {
    language == Language::Toml && finding.place.span == Span::default()
}

/// The rules that a directive names, or what is wrong with it.
pub(super) fn rules(file: Commented<'_>, directive: &Directive) -> Result<Vec<&'static dyn Rule>, String> {
    let names = directive.rules.iter().map(|&name| file.source().slice(name));
    let rules = names.map(rule).collect::<Result<_, _>>()?;
    match directive.mistake {
        Some(mistake) => Err(describe(file, directive, mistake)),
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

fn describe(file: Commented<'_>, directive: &Directive, mistake: Mistake) -> String {
    let source = file.source();
    match mistake {
        Mistake::NoColon => "a colon is missing behind `hookshift`".to_owned(),
        Mistake::Verb(verb) => {
            let verb = source.slice(verb);
            format!("`{verb}` means nothing here{}", did_you_mean(verb, VERBS))
        }
        Mistake::NoBracket => "the names of rules have to follow right away, in brackets".to_owned(),
        Mistake::NotClosed => "the bracket behind the names of rules is missing".to_owned(),
        Mistake::EmptyName => "the name of a rule is missing".to_owned(),
        Mistake::Within => {
            let whole = match file.language() {
                Language::Erlang => "a function or an attribute",
                Language::Toml => "an option",
            };
            format!("what is for the whole file cannot stand inside of {whole}")
        }
        Mistake::NoReason if source.slice(directive.span).ends_with(PLACEHOLDER) => {
            format!("`{PLACEHOLDER}` stands where the reason has to be")
        }
        Mistake::NoReason => "the reason is missing, which has to stand behind the bracket".to_owned(),
    }
}
