//! Whatever is read besides modules: configurations of ours and of the server, catalogs, baselines, reports, diffs, what a node
//! prints. A configuration of the server is fixed, too, and comments are written into it.

use std::io::sink;
use std::path::Path;

use hookshift::baseline::Baseline;
use hookshift::catalog::Catalog;
use hookshift::fixing::verify::run_verified;
use hookshift::live;
use hookshift::patch::changed_lines;
use hookshift::project::bounds::Bounds;
use hookshift::project::config::Config;
use hookshift::project::metrics::Metrics;
use hookshift::project::options::Options;
use hookshift::project::release;
use hookshift::project::server_config::{ServerConfig, Vars};
use hookshift::report::merge::sarif::{JoinedRuns, SarifReport};
use hookshift::report::merge::{CheckReport, Merged, Shard, write_html, write_text};
use hookshift::review::diff::FileDiff;

use super::{path, projects, source, suppressions};

pub fn run(data: &[u8]) {
    server_config(data);
    vars(data);
    let text = String::from_utf8_lossy(data);
    own_config(&text);
    baseline(&text);
    merge(data);
    diffs(data, &text);
    let _ = live::read(&text);
    if let Ok(text) = std::str::from_utf8(data) {
        on_disk(text);
    }
}

fn server_config(data: &[u8]) {
    let name = "mongooseim.toml";
    let Some(source) = source(name, data) else { return };
    let Ok(config) = ServerConfig::of(&source) else { return };
    for entry in config.directives() {
        assert!(source.text().get(entry.span.range()).is_some(), "a directive lies outside of the text");
    }
    for options in projects(name, data) {
        let options = Options { files: Vec::new(), server_configs: vec![config.clone()], ..options };
        let outcome = run_verified(&options, &mut |_, _| true).unwrap_or_else(|broken| panic!("{broken:#}"));
        for file in &outcome.files {
            assert_eq!(file.old, data, "what is taken for the old content is another one");
            let new = super::source(name, &file.new).expect("what is written can be read");
            assert!(ServerConfig::of(&new).is_ok(), "what is written is no TOML any more:\n{}", file.text);
        }
        suppressions::suppress_all(options, data);
    }
}

fn vars(data: &[u8]) {
    let name = path("vars-toml.config");
    let mut overlay = hookshift::source::Overlay::default();
    overlay.insert(name.clone(), data);
    if let Ok(vars) = Vars::read(&name, &overlay) {
        let _ = (vars.set("hosts"), vars.uses("hosts"));
    }
}

fn own_config(text: &str) {
    let read =
        Config::parse(Path::new("/nonexistent/hookshift.toml"), text, &hookshift::rules::names(), &Bounds::default());
    match read {
        Ok(config) => drop(config.rules()),
        Err(error) => assert!(!error.mistakes.is_empty(), "it is refused and nothing is wrong"),
    }
}

/// What is written for entries that were read is read as the same.
fn baseline(text: &str) {
    let Ok(baseline) = Baseline::parse(Path::new("baseline.toml"), text) else { return };
    let written = baseline.text();
    let again = Baseline::parse(Path::new("baseline.toml"), &written).expect("what is written is understood");
    assert_eq!(again.text(), written);
}

fn merge(data: &[u8]) {
    if let Ok(report) = CheckReport::parse(data) {
        let shard = Shard { name: "one".to_owned(), file: "one.json".to_owned(), report };
        let merged = Merged::of(vec![shard], Vec::new());
        for width in [40, usize::MAX] {
            write_text(&merged, width, &mut sink()).expect("nothing fails to vanish");
        }
        write_html(&merged, &mut sink()).expect("nothing fails to vanish");
    }
    if let Ok(report) = SarifReport::parse(data) {
        let runs = JoinedRuns::of(vec![("one".to_owned(), report)], Vec::new());
        assert!(SarifReport::parse(runs.document().to_string().as_bytes()).is_ok(), "what is joined is no report");
        let _ = runs.documents();
    }
}

fn diffs(data: &[u8], text: &str) {
    for lines in changed_lines(data).values() {
        let _ = (lines.touch(1, 1), lines.touch(usize::MAX, usize::MAX));
    }
    let Ok(diff) = FileDiff::parse(text) else { return };
    for (first, last) in [(1, 1), (3, 9), (u32::MAX - 1, u32::MAX)] {
        if let Some(line) = diff.first_shown(first, last) {
            assert!(diff.shows(line, line) && (first..=last).contains(&line));
        }
        if let Some(line) = diff.first_added(first, last) {
            assert!(diff.shows(line, line) && diff.old_line(line).is_none());
        }
    }
}

/// What is read from files only: a team's own catalog, and what tells the release that a project is built against.
fn on_disk(text: &str) {
    let directory = tempfile::tempdir().expect("there is room for a small file");
    let write = |name: &str| {
        let path = directory.path().join(name);
        let parent = path.parent().expect("it lies in the directory");
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text)).expect("there is room");
    };
    // What cannot be a catalog needs no directory.
    let own = text.contains("hooks") || text.contains("release") || text.contains("from");
    if own {
        let catalog = Catalog::embedded();
        for name in ["catalog/hooks.toml", "catalog/releases/6.9.0.toml", "catalog/changes/6.8.0-to-6.9.0.toml"] {
            write(name);
            if let Ok(own) = catalog.with_own(&directory.path().join("catalog"), directory.path()) {
                let (oldest, newest) = (own.oldest().expect("ours"), own.newest().expect("ours"));
                let upgrade = own.upgrade(oldest, newest);
                let _ = upgrade.map(|upgrade| Metrics::new(&upgrade).find(text).len());
            }
            std::fs::remove_file(directory.path().join(name)).expect("it was written");
        }
    }
    for name in ["rebar.config", "rebar.lock", "Dockerfile"] {
        write(name);
        let _ = release::detect(directory.path());
        std::fs::remove_file(directory.path().join(name)).expect("it was written");
    }
}
