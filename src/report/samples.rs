//! Made-up results for the tests of the reports.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crate::catalog::HookStatus;
use crate::check::analysis::{Action, Analysis, Registration, SkipKind, Skipped};
use crate::finding::{Evidence, Finding, Mfa, Place, Rewrite, Severity};
use crate::report::Run;
use crate::report::paths::Shown;
use crate::source::{Source, Span};

pub(crate) fn source(path: &str, text: &str) -> Arc<Source> {
    Arc::new(Source::from_bytes(PathBuf::from(path), text.as_bytes().to_vec()).unwrap())
}

/// The place of the first occurrence of `needle`.
pub(crate) fn place(source: &Arc<Source>, needle: &str) -> Place {
    let start = source.text().find(needle).unwrap();
    Place::new(source, Span::new(start, start + needle.len()))
}

pub(crate) fn mfa(module: &str, function: &str) -> Mfa {
    Mfa { module: module.to_owned(), function: function.to_owned(), arity: 3 }
}

const FILTER: &str = "-module(acme_filter).\n\
    hooks(HostType) ->\n\
    \t[{acme_gone, HostType, fun acme_words:check/3, #{}, 50}]. % ʃ\n";
const WORDS: &str = "-module(acme_words).\n\
    %% ʃʃʃ\n\
    check(Acc, #{to := To}, _Extra) ->\n    {ok, Acc}.\n";

/// How a settled analysis is shown in tests: paths as they are, no colours, no statistics.
pub(crate) fn run(analysis: &Analysis) -> Run<'_> {
    static PATHS: LazyLock<Shown> = LazyLock::new(|| Shown::relative_to("/"));
    let paths = &*PATHS;
    Run {
        from: "6.0.0",
        to: "6.1.0",
        analysis,
        paths,
        repository_paths: paths,
        files_url: None,
        plan: None,
        statistics: false,
        width: None,
        color: false,
    }
}

/// Three findings in two files, in the order in which they are shown.
pub(crate) fn analysis() -> Analysis {
    let filter = source("src/acme_filter.erl", FILTER);
    let words = source("src/acme_words.erl", WORDS);
    let mut analysis = Analysis {
        findings: vec![
            gone(&filter, &words),
            Finding::new(
                "changed-params",
                Severity::Warning,
                place(&words, "to := To"),
                "The parameter `to` is a list now.",
            )
            .label("read here"),
            Finding::new("granular-hook", Severity::Info, place(&words, "check"), "A narrower hook would do."),
        ],
        inventory: vec![registration(&filter, &words), unresolved(&filter)],
        ..Analysis::default()
    };
    analysis.skipped.push(Skipped {
        path: "src/acme_words.erl".into(),
        place: Some(place(&words, "{ok, Acc}")),
        reason: "this form is not understood".to_owned(),
        kind: SkipKind::NotAnalysed,
    });
    let summary = &mut analysis.summary;
    (summary.files, summary.modules) = (2, 2);
    (summary.registrations, summary.resolved, summary.unresolved) = (2, 1, 1);
    (summary.bytes_read, summary.bytes_parsed) = (1000, 25);
    analysis
}

fn gone(filter: &Arc<Source>, words: &Arc<Source>) -> Finding {
    Finding::new(
        "removed-hook",
        Severity::Error,
        place(filter, "acme_gone"),
        "The hook `acme_gone` is no longer run. Nothing is logged.",
    )
    .label("registered here")
    .related(place(words, "check(Acc"), "this handler is never called")
    .note("It was run for every stanza.")
    .help("Register it for another hook:\n{acme_here, HostType, fun acme_words:check/3, #{}, 50}")
    .evidence(&[Evidence {
        release: "6.0.0".to_owned(),
        at: "src/gone.erl:12".to_owned(),
        what: "the run".to_owned(),
        own: false,
    }])
    .hook("acme_gone")
    .handler(mfa("acme_words", "check"))
    .rewrite(Rewrite::Mechanical)
}

fn registration(filter: &Arc<Source>, words: &Arc<Source>) -> Registration {
    Registration {
        hook: Some("acme_gone".to_owned()),
        handler: Some(mfa("acme_words", "check")),
        handler_place: Some(place(words, "check(Acc")),
        priority: Some(50),
        priority_source: None,
        status: HookStatus::Removed,
        resolved: true,
        why_unresolved: None,
        replacements: vec!["acme_here".to_owned()],
        ..unresolved(filter)
    }
}

fn unresolved(filter: &Arc<Source>) -> Registration {
    Registration {
        place: place(filter, "{acme_gone"),
        module: "acme_filter".to_owned(),
        hook: None,
        tag: "HostType".to_owned(),
        handler: None,
        handler_place: None,
        priority: None,
        priority_source: Some("?PRIO".to_owned()),
        action: Action::Add,
        registered: "hooks/1 callback".to_owned(),
        status: HookStatus::Unknown,
        resolved: false,
        why_unresolved: Some("the hook's name is an argument".to_owned()),
        replacements: Vec::new(),
    }
}
