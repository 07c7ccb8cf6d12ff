//! What the rules say of modules, of their registrations, of configurations and dashboards.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Check;
use super::analysis::{self, SkipKind, Skipped};
use super::candidates::{Looked, unreadable};
use super::follow::Analysed;
use super::resolve::{Resolution, inventory_row, is_resolved, resolve};
use super::suppress::suppress;
use crate::budget::Purse;
use crate::catalog::{HookStatus, Version};
use crate::finding::Finding;
use crate::outline::{GivenUp, Module};
use crate::project::eval::{Action, Style};
use crate::project::handlers::Handler;
use crate::project::metrics::{MetricText, Metrics};
use crate::project::registrations::{self, Found, Registration};
use crate::project::server_config::ServerConfig;
use crate::project::style;
use crate::rules::suppressions::Commented;
use crate::rules::{self, Context, ModuleView, Serving};
use crate::source::{self, Span};

impl Check<'_> {
    pub(super) fn judge(&mut self, analysed: &[Analysed]) {
        let registered = registrations::Index::new(analysed.iter().map(|one| &one.found.registrations[..]));
        let context = Context::new(self.upgrade, self.modules, self.options, registered);
        let judged = self.map(analysed, |one| judge_module(&context, one));
        let mut counts = Counts::default();
        for judged in judged {
            counts.add(&judged.counts);
            self.analysis.findings.extend(judged.findings);
            self.analysis.inventory.extend(judged.inventory);
            self.analysis.written_for.extend(judged.written_for);
        }
        for config in &self.options.server_configs {
            for rule in judge_config(&context, config, &mut self.analysis.findings) {
                let (path, place) = (config.path().to_path_buf(), Some(config.place(Span::default())));
                let reason = format!("`{rule}` takes too many steps here; what it could find is left out");
                self.analysis.skipped.push(Skipped { path, place, reason, kind: SkipKind::NotAnalysed });
            }
        }
        self.judge_metrics(&context);
        let findings = &mut self.analysis.findings;
        deduplicate(findings);
        let judged = analysed.iter().filter_map(Analysed::judged_module).map(|module| Commented::Module(module));
        let configs = self.options.server_configs.iter().map(Commented::Config);
        self.analysis.suppressed = suppress(findings, judged.chain(configs), self.options, true);
        let Counts { added, resolved, deleted } = counts;
        let summary = &mut self.analysis.summary;
        (summary.registrations, summary.resolved, summary.deletions) = (added, resolved, deleted);
        summary.unresolved = added - resolved;
    }

    /// Looks at dashboards and their like.
    pub(super) fn judge_metrics(&mut self, context: &Context<'_>) {
        let files = &self.options.metric_files;
        if files.is_empty() {
            return;
        }
        let enabled: Vec<_> = rules::all().iter().filter(|rule| rules::runs(**rule, self.options)).collect();
        let metrics = Metrics::new(context.upgrade);
        let judged = self.map(files, |path| {
            let text = MetricText::new(Arc::new(self.options.overlay.read(path)?), &metrics);
            let mut found = Vec::new();
            enabled.iter().for_each(|rule| rule.metrics(context, &text, &mut found));
            Ok::<_, source::ReadError>(found)
        });
        for (path, judged) in files.iter().zip(judged) {
            match judged {
                Ok(found) => self.analysis.findings.extend(found),
                Err(error) => {
                    let Looked::Unreadable(skipped) = unreadable(path, &error) else { continue };
                    self.analysis.skipped.push(skipped);
                }
            }
        }
    }
}

/// Findings of different registrations of one handler can be the same.
pub(super) fn deduplicate(findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    findings.retain(|finding| {
        let place = (finding.place.source.path().to_path_buf(), finding.place.span);
        seen.insert((finding.rule, place, finding.message.clone()))
    });
}

/// What can be said about one module.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) counts: Counts,
    /// Empty unless somebody asks for it.
    pub(super) inventory: Vec<analysis::Registration>,
    /// The release that it is written for, if somebody had to know.
    pub(super) written_for: Option<(PathBuf, Version)>,
}

pub(super) fn judge_module(context: &Context<'_>, one: &Analysed) -> Judged {
    let module = &one.candidate.module;
    let found = &one.found;
    let mut judged = Judged::default();
    let known = std::cell::OnceCell::new();
    let written_for = || {
        *known.get_or_init(|| {
            let earlier = context.options.earlier.as_ref();
            let known = earlier.and_then(|earlier| earlier.written_for.get(module.source().path()).copied());
            known.unwrap_or_else(|| {
                style::written_for(context.upgrade, context.modules, module, &found.registrations, found.callback)
            })
        })
    };
    // Whoever neither registers nor calls anything of what changed is not asked.
    let matters = !one.candidate.api_words.is_empty()
        || !found.registrations.is_empty()
        || module.source().text().contains("mongoose_hooks:");
    let view = ModuleView {
        context,
        module,
        registrations: &found.registrations,
        callback: found.callback,
        api_words: &one.candidate.api_words,
        written_for: if matters { written_for() } else { context.upgrade.from() },
        uses: std::cell::OnceCell::new(),
        for_ejabberd: std::cell::OnceCell::new(),
    };
    let enabled: Vec<_> = rules::all().iter().filter(|rule| rules::runs(**rule, context.options)).copied().collect();
    let mut purse = Purse::of(module.source().text().len());
    for rule in &enabled {
        let before = judged.findings.len();
        if purse.spend(|| rule.module(&view, &mut judged.findings)).is_err() {
            judged.findings.truncate(before);
            module.give_up(Span::default(), GivenUp::Module);
        }
    }
    for registration in &found.registrations {
        let before = (judged.findings.len(), judged.inventory.len(), judged.counts);
        let done =
            purse.spend(|| judge_registration(context, found, registration, &enabled, &written_for, &mut judged));
        if done.is_err() {
            judged.findings.truncate(before.0);
            judged.inventory.truncate(before.1);
            judged.counts = before.2;
            module.give_up(own_span(module, registration), GivenUp::Handler);
        }
    }
    judged.written_for = known.get().map(|&release| (module.source().path().to_path_buf(), release));
    judged
}

/// Where a registration stands in the module that makes it.
fn own_span(module: &Module, registration: &Registration) -> Span {
    let places = [&registration.place, &registration.tuple, &registration.call];
    let own = places.into_iter().find(|place| place.source.path() == module.source().path());
    own.map_or_else(Span::default, |place| place.span)
}

/// What can be said about one registration of a module.
fn judge_registration(
    context: &Context<'_>,
    found: &Found,
    registration: &Registration,
    enabled: &[&'static dyn rules::Rule],
    written_for: &dyn Fn() -> Version,
    judged: &mut Judged,
) {
    let resolution = resolve(context, registration);
    let before = judged.findings.len();
    let judging = || enabled.iter().filter(|rule| rule.judges(registration.style));
    for rule in judging() {
        rule.registration(context, registration, &mut judged.findings);
    }
    // Most of these rules have no need of the handler; who reads what they found has.
    if let Resolution::Handler(handler) = &resolution {
        judged.findings[before..].iter_mut().for_each(|finding| finding.handler = Some(handler.mfa()));
    }
    judged.counts.count(registration.action, is_resolved(registration, &resolution));
    if context.options.inventory {
        judged.inventory.push(inventory_row(context, registration, &resolution));
    }
    let Some(hook) = registration.hook.as_deref().filter(|_| registration.action == Action::Add) else { return };
    let Resolution::Handler(handler) = &resolution else {
        for rule in judging() {
            rule.unserved(context, registration, hook, &mut judged.findings);
        }
        return;
    };
    let serving = Serving {
        context,
        registration,
        siblings: &found.registrations,
        hook,
        fate: context.upgrade.fate(hook),
        handler,
        fix: std::cell::OnceCell::new(),
        // Whoever takes positional arguments was not written for a release that has none.
        migrated: registration.style == Style::GenHook
            && (context.upgrade.handlers_changed_in(hook).is_some_and(|release| release <= written_for())
                || is_settled(context, hook, handler)
                || reads_new_parameter(context, hook, handler)),
    };
    for rule in judging() {
        rule.serving(&serving, &mut judged.findings);
    }
}

/// What can be said about one configuration of the server. Returns the rules that took too many steps.
pub(super) fn judge_config(context: &Context<'_>, config: &ServerConfig, out: &mut Vec<Finding>) -> Vec<&'static str> {
    let mut given_up = Vec::new();
    let mut purse = Purse::of_single(config.source.text().len());
    for rule in rules::all().iter().filter(|rule| rules::runs(**rule, context.options)) {
        let before = out.len();
        if purse.spend(|| rule.server_config(context, config, out)).is_err() {
            out.truncate(before);
            given_up.push(rule.name());
        }
    }
    given_up
}

/// How many handlers are added, for how many of these it is known what they are, and how many are deleted.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) added: usize,
    pub(super) resolved: usize,
    pub(super) deleted: usize,
}

impl Counts {
    fn count(&mut self, action: Action, is_resolved: bool) {
        match action {
            Action::Add => {
                self.added += 1;
                self.resolved += usize::from(is_resolved);
            }
            Action::Delete => self.deleted += 1,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.added += other.added;
        self.resolved += other.resolved;
        self.deleted += other.deleted;
    }
}

/// Whether a fix has rewritten a handler for this hook already.
fn is_settled(context: &Context<'_>, hook: &str, handler: &Handler<'_>) -> bool {
    let earlier = context.options.earlier.as_ref();
    earlier.is_some_and(|earlier| earlier.settled.contains(&(hook.to_owned(), handler.mfa())))
}

/// Whether a handler reads a parameter that only the target release's hook has.
fn reads_new_parameter(context: &Context<'_>, hook: &str, handler: &Handler<'_>) -> bool {
    let fate = context.upgrade.fate(hook);
    let (Some(before), Some(after)) = (context.upgrade.hook_with_map(hook), fate.after) else { return false };
    if fate.status != HookStatus::Changed {
        return false;
    }
    let is_new = |key: &str| {
        after.parameters.iter().any(|it| it.key == key) && !before.parameters.iter().any(|it| it.key == key)
    };
    handler.params().reads.iter().any(|read| is_new(&read.key))
}
