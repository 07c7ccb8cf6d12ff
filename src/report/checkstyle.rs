//! The XML of Checkstyle, which Jenkins and many other tools read.

use std::io::{self, Write};

use super::xml::{Document, Element};
use super::{Report, Run, prose};
use crate::check::analysis::Skipped;
use crate::finding::Finding;

/// The version of Checkstyle whose form this is, which readers look at if at anything.
const VERSION: &str = "4.3";

/// The format `checkstyle`.
pub struct Checkstyle;

impl Report for Checkstyle {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut document = Document::new(out)?;
        document.element(Element::new("checkstyle").with("version", VERSION), |inside| {
            for findings in run.analysis.by_file() {
                let path = run.paths.show(findings[0].place.source.path());
                inside.element(Element::new("file").with("name", &path), |file| {
                    findings.iter().try_for_each(|finding| file.empty(error(finding)))
                })?;
            }
            run.analysis.unreadable().try_for_each(|skipped| {
                let file = Element::new("file").with("name", &run.paths.show(&skipped.path));
                inside.element(file, |file| file.empty(unreadable(skipped)))
            })
        })?;
        document.finish()
    }
}

/// The column is 1-based and counts code points.
fn error(finding: &Finding) -> Element<'static> {
    let at = finding.place.source.position(finding.place.span.start);
    Element::new("error")
        .with("line", &at.line.to_string())
        .with("column", &at.column.to_string())
        // The names are the same.
        .with("severity", &finding.severity.to_string())
        .with("message", &prose::plain(finding))
        .with("source", &format!("hookshift.{}", finding.rule))
}

fn unreadable(skipped: &Skipped) -> Element<'static> {
    Element::new("error")
        .with("line", "1")
        .with("severity", "error")
        .with("message", &format!("Cannot be read: {}", skipped.reason))
        .with("source", "hookshift.unreadable")
}
