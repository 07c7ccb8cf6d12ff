//! Comments that suppress: those that are there are read, and those that are written for everything that is found do what they
//! are written for, and nothing else.

use std::collections::BTreeMap;

use hookshift::check::{Analysis, check};
use hookshift::finding::{Finding, Severity};
use hookshift::fixing::ignores::ignore;
use hookshift::outline::Module;
use hookshift::project::options::Options;
use hookshift::source::Source;
use hookshift::syntax::scan::{self, Form, Tokens};

use super::{projects, source};

const REASON: &str = "kept until the next release";

pub fn run(data: &[u8]) {
    if let Some(source) = source("src/mod_a.erl", data) {
        lie_in_comments(&Module::new(source));
    }
    for options in projects("src/mod_a.erl", data) {
        suppress_all(options, data);
    }
}

/// Writes comments for all that is found in a project of one file.
pub fn suppress_all(mut options: Options, data: &[u8]) {
    let analyse = |options: &Options| settled(check(options).expect("one file can always be checked"));
    let write = |options: &Options, findings: &[Finding]| {
        ignore(options, findings, REASON).expect("one file can always be checked")
    };
    let before = analyse(&options);
    let done = write(&options, &before.findings);
    assert_eq!(done.suppressed.len() + done.left.len(), before.findings.len(), "a finding is neither");
    assert!(done.left.iter().all(|(_, why)| !why.is_empty()), "a finding is left without a reason");
    let Some(file) = done.files.first() else {
        assert!(done.suppressed.is_empty(), "findings are suppressed by nothing");
        return;
    };
    assert_eq!(file.old, data, "what is taken for the old content is another one");
    if file.source.path().extension().is_some_and(|it| it == "erl") {
        assert!(tokens(&file.source) == tokens(&read(&file.new)), "the code is another one:\n{}", file.text);
    }
    options.overlay.insert(file.source.path().to_path_buf(), file.new.clone());
    let after = analyse(&options);
    // As often as it is left, and no more often.
    let mut left = counted(done.left.iter().map(|(finding, _)| finding));
    for finding in &after.findings {
        let count = left.get_mut(&key(finding));
        let is_known = count.is_some_and(|count| std::mem::replace(count, count.saturating_sub(1)) > 0);
        assert!(is_known, "{}: {} is found where all is suppressed:\n{}", finding.rule, finding.message, file.text);
    }
    let (was, is, new) = (before.suppressed.len(), after.suppressed.len(), done.suppressed.len());
    assert!(is >= was + new, "{is} are suppressed, and {new} more than {was} should be:\n{}", file.text);
    let again = write(&options, &after.findings);
    assert!(again.files.is_empty(), "a second run writes more:\n{}\n{}", file.text, again.files[0].text);
}

/// Each of them starts with the sign of a comment, and is understood or says why it is not.
fn lie_in_comments(module: &Module) {
    let text = module.source().text();
    for directive in module.directives() {
        let code = text.get(directive.span.range()).expect("a comment lies in the text");
        assert!(code.contains("hookshift"), "{code:?} is taken for a directive");
    }
}

fn settled(mut analysis: Analysis) -> Analysis {
    analysis.settle(|_, own| Some(own), Severity::Info);
    analysis
}

fn read(bytes: &[u8]) -> Source {
    Source::from_bytes("mod_a.erl".into(), bytes.to_vec()).expect("what is written can be read")
}

/// Form by form, as a quote that nobody closes is no matter of the forms behind it.
fn tokens(source: &Source) -> Vec<Vec<&str>> {
    let of_form = |form: &Form| {
        let tokens = Tokens::new(source.slice(form.span), form.span.start as usize);
        tokens.map(|(_, span)| source.slice(span)).collect()
    };
    scan::split(source.text()).forms.iter().map(of_form).collect()
}

/// Lines move, so places do not tell.
fn key(finding: &Finding) -> (&'static str, String) {
    (finding.rule, finding.place.source.slice(finding.place.span).to_owned())
}

fn counted<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeMap<(&'static str, String), usize> {
    let mut counts = BTreeMap::new();
    findings.for_each(|finding| *counts.entry(key(finding)).or_insert(0) += 1);
    counts
}
