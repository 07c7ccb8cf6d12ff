//! Rewriting registrations and runs in tests, without their handlers.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{NewHandlers, Rewritten, registration, runs, subjects};
use crate::catalog::{Upgrade, Version};
use crate::migrate::serving::Context;
use crate::outline::Module;
use crate::project::eval::Style;
use crate::project::modules::Modules;
use crate::project::options::Options;
use crate::project::registrations::{self, Index, Registration};
use crate::prove::{Proof, ProveOptions, Prover};
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rules::testing::files;
use crate::source::Source;

/// Some files of a project.
pub(super) struct Project {
    pub(super) modules: Modules,
    pub(super) own: Vec<Arc<Module>>,
}

impl Project {
    pub(super) fn new(files: &[(String, String)]) -> Self {
        let modules = Modules::new(files.iter().map(|(path, _)| path.into()), &[], &[]);
        let module = |(path, text): &(String, String)| {
            let source = Source::from_bytes(path.into(), text.as_bytes().to_vec()).unwrap();
            let module = Arc::new(Module::new(Arc::new(source)));
            modules.insert(&module);
            module
        };
        let own = files.iter().map(module).collect();
        Self { modules, own }
    }

    pub(super) fn registrations(&self) -> Vec<Registration> {
        let (mut found, mut open) = (Vec::new(), FxHashSet::default());
        let modules = || self.own.iter().filter(|it| it.source().path().extension().is_some_and(|it| it == "erl"));
        for module in modules() {
            let one = registrations::find(&self.modules, module, &FxHashSet::default());
            found.extend(one.registrations);
            open.extend(one.open.into_iter().map(|(wrapper, _)| wrapper));
        }
        for module in modules() {
            let others = open.iter().filter(|(owner, ..)| owner != module.name()).cloned().collect();
            found.extend(registrations::find(&self.modules, module, &others).registrations);
        }
        registrations::deduplicate(found)
    }

    /// Rewrites everything. Functions whose names start with `old_` have new ones that start with `new_`, but in `mod_c`.
    fn rewrite(&self) -> Result<Rewritten, String> {
        let found = self.registrations();
        let upgrade = Upgrade::between(Version::new(6, 0, 0), Version::new(6, 1, 0)).unwrap();
        let options = Options::default();
        let context = Context::new(&upgrade, &self.modules, &options, Index::new([&found[..]]));
        let legacy: Vec<&Registration> = found.iter().filter(|it| it.style == Style::EjabberdHooks).collect();
        let mut new = NewHandlers::default();
        for subject in subjects(&legacy) {
            for hook in &subject.hooks {
                let prefix = if subject.module == "mod_c" { "old_" } else { "new_" };
                let name = subject.function.replace("old_", prefix);
                new.insert(&subject, hook, name.as_str().into());
            }
        }
        let mut all = registration::rewrite(&context, &legacy, &new)?;
        all.join(runs::rewrite(&context, &self.own)?);
        Ok(all)
    }
}

struct Done {
    files: Vec<(String, String)>,
    reasons: Vec<String>,
}

fn run(before: &str) -> Result<Done, String> {
    let mut texts = files(before);
    let done = Project::new(&texts).rewrite()?;
    let mut composition = Composition::default();
    composition.add(&Fix::new("register with `gen_hook`", done.edits)).expect("edits that contradict each other");
    for (source, new) in composition.texts() {
        let file = texts.iter_mut().find(|(path, _)| Path::new(path) == source.path()).unwrap();
        compiles(source.path(), &file.1, &new);
        file.1 = new;
    }
    let left = Project::new(&texts).registrations();
    let left: Vec<_> = left.iter().filter(|it| it.style == Style::EjabberdHooks).map(|it| it.place.clone()).collect();
    assert!(left.is_empty(), "still registered with ejabberd_hooks: {left:#?}\n{texts:#?}");
    Ok(Done { files: texts, reasons: done.reasons })
}

#[track_caller]
fn compiles(path: &Path, before: &str, after: &str) {
    let name = path.file_stem().unwrap().to_string_lossy();
    let whole = |text: &str| match text.contains("-module(") {
        true => text.to_owned(),
        false => format!("-module({name}).\n-compile([export_all, nowarn_export_all]).\n{text}"),
    };
    let proof = Prover::new(ProveOptions::default()).prove(path, whole(before).as_bytes(), whole(after).as_bytes());
    assert!(!matches!(proof, Proof::Fails { .. }), "{proof:?}\n{after}");
}

#[track_caller]
fn is(done: &Done, after: &str) {
    for (path, expected) in files(after) {
        let (_, found) = done.files.iter().find(|(known, _)| *known == path).expect("the file is not there");
        assert!(found.trim_end() == expected.trim_end(), "{path}: expected:\n{expected}\nfound:\n{found}");
    }
}

/// Asserts that nobody has to look at the rewrite.
#[track_caller]
pub(super) fn becomes(before: &str, after: &str) {
    let done = run(before).unwrap();
    is(&done, after);
    assert!(done.reasons.is_empty(), "{:?}", done.reasons);
}

/// Asserts that somebody has to look at the rewrite.
#[track_caller]
pub(super) fn becomes_unsafely(reason: &str, before: &str, after: &str) {
    let done = run(before).unwrap();
    is(&done, after);
    assert!(done.reasons.iter().any(|it| it.contains(reason)), "{:?}", done.reasons);
}

#[track_caller]
pub(super) fn refused(why: &str, before: &str) {
    match run(before) {
        Ok(done) => panic!("it was rewritten: {:#?}", done.files),
        Err(said) => assert!(said.contains(why), "`{why}` is not in `{said}`"),
    }
}
