//! What a module uses of the server, found in the few forms in which something that changed can be.

use std::collections::BTreeSet;

use super::ModuleView;
use crate::catalog::{FunctionFate, LostRecord};
use crate::migrate::serving::EJABBERD_HOOKS;
use crate::outline::{FormIndex, Module};
use crate::project::eval::is_registering;
use crate::project::registrations::HandlerRef;
use crate::project::runs::is_legacy_run;
use crate::syntax::ast::Name;
use crate::syntax::scan::{Form, FormKind};
use crate::syntax::uses::{FunctionUse, How, Use};

/// What runs a hook by its name.
const RUN_WORD: &str = "run_fold";

/// What stands before it; ejabberd has a function of the same name elsewhere.
const RUNNER: &[u8] = b"gen_hook:";

/// Everything of interest that a module uses, in source order.
pub(super) fn of(view: &ModuleView<'_>) -> Vec<Use> {
    let mut found = Vec::new();
    for form in forms(view) {
        let used = view.module.uses_in(form);
        // What was refused is told as not analysed.
        found.extend(used.unwrap_or_default());
    }
    found
}

fn forms(view: &ModuleView<'_>) -> BTreeSet<FormIndex> {
    // A server uses its own interfaces, whatever they were in another release, and ejabberd's modules use ejabberd's.
    if view.context.modules.has("gen_hook") {
        return BTreeSet::new();
    }
    let module = view.module;
    let text = module.source().text().as_bytes();
    // A module that is part of the checked code is not the server's.
    let is_servers = |at: &usize| !view.context.modules.has(name_at(module, *at));
    // Records of which a field has another form are looked at by a rule of their own.
    let records = view.context.upgrade.record_needles();
    let is_record = |at: &usize| records.iter().any(|name| name_at(module, *at) == name);
    let words = view.api_words.iter().map(|&at| at as usize);
    let mut places: Vec<usize> = words.filter(|at| is_servers(at) && !is_record(at)).collect();
    places.extend(memchr::memmem::find_iter(text, RUN_WORD).filter(|&at| text[..at].ends_with(RUNNER)));
    for record in lost_records(view) {
        let behind_hash = |at: &usize| text[..*at].trim_ascii_end().ends_with(b"#");
        places.extend(memchr::memmem::find_iter(text, record.name.as_bytes()).filter(behind_hash));
    }
    let form = |at: usize| module.form_at(u32::try_from(at).unwrap_or(u32::MAX));
    let places = places.into_iter().filter_map(form).chain(imports(view));
    let found: BTreeSet<FormIndex> = places.filter(|&form| is_code(module, form)).collect();
    // Asked last, as it costs most.
    if !found.is_empty() && view.is_for_ejabberd() { BTreeSet::new() } else { found }
}

/// The imports, when one of them imports what changed.
fn imports<'a>(view: &ModuleView<'a>) -> impl Iterator<Item = FormIndex> + use<'a> {
    let (module, upgrade) = (view.module, view.context.upgrade);
    let changed =
        |(function, arity, from): &(Name, usize, Name)| upgrade.function_fate(from, function, *arity).is_some();
    let forms = module.header().imports.iter().any(changed).then(|| module.forms()).into_iter().flatten();
    forms.filter(|(_, form)| is_import(module, form)).map(|(form, _)| form)
}

fn is_import(module: &Module, form: &Form) -> bool {
    form.kind == FormKind::Attribute && module.source().slice(form.name) == "import"
}

/// The name that stands at an offset.
fn name_at(module: &Module, at: usize) -> &str {
    let rest = module.source().text().get(at..).unwrap_or("");
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '@').next().unwrap_or("")
}

/// Functions, macros and imports; specifications and types are Dialyzer's business.
fn is_code(module: &Module, form: FormIndex) -> bool {
    let form = module.form(form);
    match form.kind {
        FormKind::Function => true,
        FormKind::Attribute => matches!(module.source().slice(form.name), "define" | "import"),
        FormKind::Other => false,
    }
}

/// Records of headers which the module includes that the target release no longer has, or has with fewer fields. A record
/// of that name that the module declares itself is another one.
pub(super) fn lost_records<'a>(view: &ModuleView<'a>) -> Vec<&'a LostRecord> {
    let header = view.module.header();
    let includes = |name: &str| header.includes.iter().any(|include| is_path_of(&include.path, name));
    let lost = view.context.upgrade.api_delta().records.iter();
    lost.filter(|record| includes(&record.header))
        .filter(|record| !header.records.iter().any(|(name, _)| *name == record.name))
        .collect()
}

/// Whether an include's path is one of this header: its name, with or without directories before it.
pub(super) fn is_path_of(path: &str, header: &str) -> bool {
    path == header || path.strip_suffix(header).is_some_and(|before| before.ends_with('/'))
}

impl<'a> ModuleView<'a> {
    /// What the module uses of the server that may have changed, in source order.
    pub(super) fn uses(&self) -> &[Use] {
        self.uses.get_or_init(|| of(self))
    }

    /// The functions of the server that the module uses and that are gone or changed. A module that is part of the checked code
    /// is not the server's, and about what registers and runs hooks other rules speak.
    pub(super) fn changed_functions(&self) -> impl Iterator<Item = (&FunctionUse, FunctionFate<'a>)> {
        let upgrade = self.context.upgrade;
        self.uses().iter().filter_map(move |used| {
            let Use::Function(used) = used else { return None };
            let fate = upgrade.function_fate(&used.module, &used.function, used.arity)?;
            let own = used.module == *self.module.name() || self.context.modules.has(&used.module);
            (!own && !self.is_registered(used) && !is_told_elsewhere(used)).then_some((used, fate))
        })
    }

    /// Whether a fun is a handler that the module registers, about which other rules speak.
    fn is_registered(&self, used: &FunctionUse) -> bool {
        used.how == How::Fun
            && self.registrations.iter().any(|it| match &it.handler {
                HandlerRef::External { module, function, .. } => *module == used.module && *function == used.function,
                _ => false,
            })
    }

    /// The hook that a function of the old release runs.
    pub(super) fn hook_run_by(&self, used: &FunctionUse) -> Option<&'a str> {
        let run = format!("{}:{}/{}", used.module, used.function, used.arity);
        let hooks = &self.context.upgrade.old_release().hooks;
        hooks.iter().find(|hook| hook.run == run).map(|hook| hook.name.as_str())
    }
}

/// Whether it adds, deletes or runs what other rules speak about: handlers in the old style, and their hooks.
fn is_told_elsewhere(used: &FunctionUse) -> bool {
    let (module, function, arity) = (&used.module, &used.function, used.arity);
    module == EJABBERD_HOOKS && (is_registering(module, function, arity) || is_legacy_run(module, function, arity))
}

/// How a function is used, as the beginning of what goes wrong: "this call fails ...".
pub(super) fn consequence(how: How) -> &'static str {
    match how {
        How::Call => "the call compiles, and fails with `undef` when it runs",
        How::Fun => "the fun compiles, and fails with `undef` when it is called",
        How::Applied => "it is named as data, and fails with `undef` when it is called",
        How::Import => "the import compiles, and each call fails with `undef` when it runs",
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{ApiChange, ApiKind, RewriteClass};

    #[test]
    fn what_every_call_does_is_not_said_twice() {
        let note = |note: &str| {
            let entry = ApiChange {
                kind: ApiKind::RemovedFunction,
                name: String::new(),
                was: String::new(),
                forms: Vec::new(),
                results: Vec::new(),
                instead: String::new(),
                needs: std::collections::BTreeMap::new(),
                steps: String::new(),
                result: String::new(),
                binaries: Vec::new(),
                elements: Vec::new(),
                instead_of_accumulator: String::new(),
                atoms: Vec::new(),
                stuck: String::new(),
                types: String::new(),
                received: None,
                field: None,
                note: note.to_owned(),
                rewrite: RewriteClass::None,
                evidence: Vec::new(),
                examples: Vec::new(),
            };
            entry.further_note().map(str::to_owned)
        };
        assert_eq!(note("A call fails with `undef` at run time."), None);
        assert_eq!(note("A call fails with `undef` at run time; and so on. More."), Some("More.".to_owned()));
        assert_eq!(note("Something else. More."), Some("Something else. More.".to_owned()));
        assert_eq!(note(""), None);
    }
}
