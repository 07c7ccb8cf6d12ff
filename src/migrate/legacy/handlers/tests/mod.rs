//! Handlers before and after, as text. What comes out is compiled, where there is a compiler, and says nothing to it that
//! was not there before.

mod adapters;
mod behaviour;
mod earlier;
mod heads;
mod outcomes;
mod specs;

use std::path::Path;

use super::super::testing::Project;
use super::super::{NewHandlers, Rewritten, subjects};
use crate::catalog::{Upgrade, Version};
use crate::migrate::serving::Context;
use crate::project::options::Options;
use crate::project::registrations::{Index, Registration};
use crate::prove::{Proof, ProveOptions, Prover};
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rules::testing::files;

/// What came of all handlers of a fixture.
struct Outcome {
    /// The text of the first file.
    text: String,
    reasons: Vec<String>,
    /// Lines of `hook: function`.
    functions: Vec<String>,
}

/// Files that are told apart by lines of `//- path`, the first of which is `src/mod_a.erl`.
fn rewritten(fixture: &str) -> Result<Outcome, String> {
    let project = Project::new(&files(fixture));
    let found = project.registrations();
    let upgrade = Upgrade::between(Version::new(5, 1, 0), Version::new(6, 0, 0)).unwrap();
    let options = Options::default();
    let context = Context::new(&upgrade, &project.modules, &options, Index::new([&found[..]]));
    let all: Vec<&Registration> = found.iter().collect();
    let (mut done, mut functions, mut new) = (Rewritten::default(), Vec::new(), NewHandlers::default());
    for subject in subjects(&all) {
        let handlers = super::rewrite(&context, &subject, &all, &new)?;
        for (hook, function) in handlers.functions {
            functions.push(format!("{hook}: {function}"));
            new.insert(&subject, &hook, function);
        }
        done.join(handlers.rewritten);
    }
    assert!(all.iter().all(|it| it.hook.is_none() || new.of(it).is_some()), "a registration has no handler");
    let mut composition = Composition::default();
    composition.add(&Fix::new("rewrite", done.edits)).map_err(|_| "its edits overlap")?;
    let first = project.own[0].source();
    let text = composition.texts().find(|(source, _)| source.path() == first.path()).map(|(_, text)| text);
    Ok(Outcome { text: text.unwrap_or_default(), reasons: done.reasons, functions })
}

/// Asserts that the first file becomes another one, and compiles.
#[track_caller]
fn becomes(before: &str, after: &str) -> Outcome {
    let outcome = is_written(before, after);
    let files = files(before);
    compiles(&files[0].1, &outcome.text);
    outcome
}

/// Asserts that the first file becomes another one, which need not compile before its registrations are rewritten.
#[track_caller]
fn is_written(before: &str, after: &str) -> Outcome {
    let outcome = rewritten(before).unwrap_or_else(|why| panic!("not rewritten: {why}"));
    let expected = files(after).remove(0).1;
    assert!(outcome.text == expected, "expected:\n{expected}\nfound:\n{}", outcome.text);
    outcome
}

/// Asserts that nothing is changed, for a reason of which `why` is part.
#[track_caller]
fn refused(why: &str, before: &str) {
    match rewritten(before) {
        Ok(outcome) => panic!("it was rewritten:\n{}", outcome.text),
        Err(reason) => assert!(reason.contains(why), "`{why}` is not in: {reason}"),
    }
}

#[track_caller]
fn compiles(before: &str, after: &str) {
    let prover = Prover::new(ProveOptions::default());
    match prover.prove(Path::new("src/mod_a.erl"), before.as_bytes(), after.as_bytes()) {
        Proof::Compiles { new_warnings } => assert!(new_warnings.is_empty(), "{new_warnings:#?}\n{after}"),
        Proof::Fails { errors } => panic!("{errors:#?}\n{after}"),
        Proof::NotProvable { why } => assert!(why.contains("no Erlang compiler"), "{why}\n{before}"),
    }
}
