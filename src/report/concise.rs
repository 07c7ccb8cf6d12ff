//! One line per finding: `path:line:column: severity[rule] message`.

use std::io::{self, Write};

use super::summary::Closing;
use super::{Report, Run, escape};
use crate::finding::Finding;

/// The format `concise`.
pub struct Concise;

impl Report for Concise {
    fn write(&self, run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
        for finding in &run.analysis.findings {
            finding_line(run, finding, out)?;
        }
        Closing(run).write(out)
    }
}

/// Writes a finding as a line.
///
/// # Errors
/// Those of `out`.
pub(super) fn finding_line(run: &Run<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let at = finding.place.source.position(finding.place.span.start);
    let path = run.paths.show(finding.place.source.path());
    let style = super::summary::style(finding.severity, run.color);
    writeln!(
        out,
        "{}:{}:{}: {style}{}[{}]{style:#} {}",
        escape::one_line(&path),
        at.line,
        at.column,
        finding.severity,
        finding.rule,
        escape::one_line(&finding.message)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::report::samples;

    #[test]
    fn a_finding_is_a_line() {
        let mut analysis = samples::analysis();
        analysis.settle(|_, own| Some(own), Severity::Info);
        let mut out = Vec::new();
        let run = samples::run(&analysis);
        Concise.write(&run, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().take(3).collect();
        assert_eq!(
            lines,
            [
                "src/acme_filter.erl:3:4: error[removed-hook] The hook `acme_gone` is no longer run. Nothing is logged.",
                "src/acme_words.erl:3:1: info[granular-hook] A narrower hook would do.",
                "src/acme_words.erl:3:14: warning[changed-params] The parameter `to` is a list now.",
            ]
        );
    }
}
