//! JUnit's XML, for services that show the results of tests and nothing else.
//!
//! A file is a suite, and a finding a test that fails. Services tell a test again by its name, so that has the code of the line
//! in it, and no number of one. One test stands for the run, and passes, so that a run that finds nothing has a result too.

use std::collections::HashMap;
use std::io::{self, Write};

use super::summary::Closing;
use super::xml::{Document, Element};
use super::{Report, Run, prose};
use crate::check::analysis::{SkipKind, Skipped};
use crate::finding::Finding;
use crate::{fingerprint, rules};

/// The most characters of a line of code that become part of a name.
const LONGEST_CODE: usize = 80;

/// The format `junit`.
pub struct Junit;

impl Report for Junit {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let findings = run.analysis.findings.len();
        let unreadable = run.analysis.count_skipped(SkipKind::Unreadable);
        let mut document = Document::new(out)?;
        let all = counted("testsuites", "hookshift", [1 + findings + unreadable, findings, unreadable]);
        document.element(all, |inside| {
            inside.element(counted("testsuite", "hookshift", [1, 0, 0]), |suite| {
                suite.element(case("hookshift", "check"), |case| {
                    case.text(Element::new("system-out"), &Closing(run).figures().join("\n"))
                })
            })?;
            run.analysis.by_file().try_for_each(|findings| suite(run, findings, inside))?;
            run.analysis.unreadable().try_for_each(|skipped| unreadable_suite(run, skipped, inside))
        })?;
        document.finish()
    }
}

fn suite<W: Write>(run: &Run<'_>, findings: &[Finding], document: &mut Document<W>) -> io::Result<()> {
    let path = run.paths.show(findings[0].place.source.path());
    let element = counted("testsuite", &path, [findings.len(), findings.len(), 0]).with("file", &path);
    let module = class(findings[0].place.source.path());
    let mut seen = HashMap::new();
    document.element(element, |suite| {
        findings.iter().try_for_each(|finding| {
            let name = name(finding, &mut seen);
            suite.element(case(&module, &name), |case| {
                let failure = Element::new("failure")
                    .with("message", &prose::sentence(&finding.message))
                    .with("type", &finding.severity.to_string());
                case.text(failure, &details(finding, run))
            })
        })
    })
}

fn unreadable_suite<W: Write>(run: &Run<'_>, skipped: &Skipped, document: &mut Document<W>) -> io::Result<()> {
    let path = run.paths.show(&skipped.path);
    document.element(counted("testsuite", &path, [1, 0, 1]).with("file", &path), |suite| {
        suite.element(case(&class(&skipped.path), "can be read"), |case| {
            case.empty(Element::new("error").with("message", &skipped.reason).with("type", "unreadable"))
        })
    })
}

fn counted(element: &'static str, name: &str, [tests, failures, errors]: [usize; 3]) -> Element<'static> {
    Element::new(element)
        .with("name", name)
        .with("tests", &tests.to_string())
        .with("failures", &failures.to_string())
        .with("errors", &errors.to_string())
}

fn case(class: &str, name: &str) -> Element<'static> {
    Element::new("testcase").with("name", name).with("classname", class)
}

/// Readers take what stands before the last dot for a package.
fn class(path: &std::path::Path) -> String {
    let module = path.file_stem().map(|it| it.to_string_lossy().replace('.', "_"));
    format!("hookshift.{}", module.unwrap_or_default())
}

/// The rule and the code in the line; what has the same name in a file is numbered.
fn name(finding: &Finding, seen: &mut HashMap<String, usize>) -> String {
    let code: String = fingerprint::line(finding).chars().take(LONGEST_CODE).collect();
    let name = format!("{}: {code}", finding.rule);
    let number = seen.entry(name.clone()).or_default();
    *number += 1;
    match number {
        1 => name,
        number => format!("{name} ({number})"),
    }
}

fn details(finding: &Finding, run: &Run<'_>) -> String {
    let at = finding.place.source.position(finding.place.span.start);
    let path = run.paths.show(finding.place.source.path());
    let related = finding.related.iter().map(|it| format!("\n{}: {}", prose::place(&it.place, run.paths), it.message));
    format!(
        "{path}:{}:{}: {}[{}]\n{}{}\nMore: {}",
        at.line,
        at.column,
        finding.severity,
        finding.rule,
        prose::plain(finding),
        related.collect::<String>(),
        rules::page(finding.rule)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn names_have_no_numbers_of_lines_and_are_unique() {
        let finding = samples::analysis().findings.remove(0);
        let mut seen = HashMap::new();
        let code = "removed-hook: [{acme_gone, HostType, fun acme_words:check/3, #{}, 50}].";
        assert_eq!(name(&finding, &mut seen), code);
        assert_eq!(name(&finding, &mut seen), format!("{code} (2)"));
        assert_eq!(class(std::path::Path::new("src/a.b.erl")), "hookshift.a_b");
    }
}
