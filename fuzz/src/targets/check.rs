//! A module is analysed for several upgrades and told in every format: no panic, and every place lies in the text.

use std::io::sink;

use hookshift::check::{Analysis, check};
use hookshift::finding::{Finding, Place, Severity};
use hookshift::fixing::check_with_fixes;
use hookshift::report::checkstyle::Checkstyle;
use hookshift::report::concise::Concise;
use hookshift::report::full::Full;
use hookshift::report::github::Github;
use hookshift::report::gitlab::Gitlab;
use hookshift::report::html::Html;
use hookshift::report::json::Json;
use hookshift::report::junit::Junit;
use hookshift::report::markdown::Markdown;
use hookshift::report::merge::CheckReport;
use hookshift::report::merge::sarif::SarifReport;
use hookshift::report::paths::Shown;
use hookshift::report::rdjson::{Rdjson, Rdjsonl};
use hookshift::report::sarif::Sarif;
use hookshift::report::{Report, Run};

use super::{ROOT, projects};

pub fn run(data: &[u8]) {
    for (number, options) in projects("src/mod_a.erl", data).enumerate() {
        let plain = settled(check(&options).expect("a module can always be checked"));
        let fixed = settled(check_with_fixes(&options).expect("a module can always be checked"));
        let keys = |analysis: &Analysis| -> Vec<_> {
            analysis.findings.iter().map(|it| (it.rule, it.place.span, it.message.clone())).collect()
        };
        assert_eq!(keys(&plain), keys(&fixed), "what is found depends on whether fixes are asked for");
        fixed.findings.iter().chain(&fixed.suppressed).for_each(lies_in_its_text);
        // What most of a report is made of does not depend on the upgrade: one of them is told in full.
        tell(&fixed, &options.from, &options.to, number == 1);
    }
}

fn settled(mut analysis: Analysis) -> Analysis {
    analysis.settle(|_, own| Some(own), Severity::Info);
    analysis
}

fn lies_in_its_text(finding: &Finding) {
    let related = finding.related.iter().map(|label| &label.place);
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
    for Place { source, span } in std::iter::once(&finding.place).chain(related).chain(edits) {
        assert!(source.text().get(span.range()).is_some(), "{} points at {span:?}", finding.rule);
    }
}

fn tell(analysis: &Analysis, from: &str, to: &str, in_full: bool) {
    let paths = Shown::relative_to(ROOT);
    let run = Run {
        from,
        to,
        analysis,
        paths: &paths,
        repository_paths: &paths,
        files_url: None,
        plan: None,
        statistics: true,
        color: true,
        width: Some(100),
    };
    let markdown = Markdown::behind(0);
    let short: [&dyn Report; 5] = [&Full, &Concise, &Github, &Gitlab, &Rdjsonl];
    let long: [&dyn Report; 5] = [&Rdjson, &Checkstyle, &Junit, &markdown, &Html];
    for report in short.iter().chain(long.iter().filter(|_| in_full)) {
        report.write(&run, &mut sink()).expect("nothing fails to vanish");
        let _ = report.does_not_fit(&run);
    }
    if in_full {
        // What one command writes, another one reads.
        let mut json = Vec::new();
        Json.write(&run, &mut json).expect("memory takes everything");
        CheckReport::parse(&json).expect("a report is one");
        let mut sarif = Vec::new();
        Sarif.write(&run, &mut sarif).expect("memory takes everything");
        SarifReport::parse(&sarif).expect("a report is one");
    }
}
