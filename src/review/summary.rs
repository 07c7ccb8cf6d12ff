//! The one comment that a pull request has about all of it.

use std::fmt::Write as _;

use super::comment::{MAX_BODY_BYTES, Speech, count};
use super::items::Item;
use super::plan::{MAX_FILE_COMMENTS, MAX_LINE_COMMENTS, Why};
use crate::check::analysis::SkipKind;
use crate::report::Run;

/// What the summary says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Markdown, without a marker.
    pub body: String,
    /// There is a reason to speak when nobody has spoken yet.
    pub says_something: bool,
}

/// Counts, and what is told in no comment.
#[must_use]
pub fn text(speech: &Speech<'_>, items: &[Item<'_>], told: usize, rest: &[(&Item<'_>, Why)]) -> Text {
    let Run { from, to, analysis, .. } = speech.run;
    let summary = &analysis.summary;
    let mut body = format!("### MongooseIM {from} → {to}\n\n");
    if items.is_empty() {
        body.push_str("Nothing is left to tell.\n");
    } else {
        let severities = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "piece of advice")];
        let found = severities.iter().filter(|(number, _)| *number > 0).map(|(number, what)| match *what {
            "piece of advice" if *number > 1 => format!("{number} pieces of advice"),
            what => count(*number, what),
        });
        let _ = write!(body, "{}.", found.collect::<Vec<_>>().join(", "));
        let _ = match (told, rest.len()) {
            (0, _) => writeln!(body, " Nothing of this is on lines that this pull request changes."),
            (_, 0) => writeln!(body, " All of this is told in comments on the code."),
            (told, rest) => writeln!(body, " Comments on the code tell {told} of {}.", told + rest),
        };
    }
    for why in [Why::Refused, Why::TooMany, Why::Unchanged, Why::Outside] {
        list(speech, &mut body, why, rest);
    }
    let not_analysed = analysis.count_skipped(SkipKind::NotAnalysed);
    let unreadable = analysis.count_skipped(SkipKind::Unreadable);
    if not_analysed + unreadable > 0 {
        let _ = writeln!(
            body,
            "\nNot analysed: {}, of which nothing is known. `hookshift check` lists them.",
            count(not_analysed + unreadable, "part") + " of the code"
        );
    }
    let silent = [
        (summary.suppressed, "suppressed by comments in the code"),
        (summary.known, "known from before"),
        (summary.untouched, "on lines that the branch does not touch"),
        (summary.hidden, "less severe"),
    ];
    let silent = silent.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    let silent: Vec<String> = silent.collect();
    if !silent.is_empty() {
        let _ = writeln!(body, "\nNot told: {}.", silent.join(", "));
    }
    let fixes = items.iter().filter(|it| it.finding.fix.is_some()).count();
    if fixes > 0 {
        let _ = writeln!(
            body,
            "\n`hookshift fix` shows all changes that can be written for this, `hookshift explain` the reasons."
        );
    }
    Text { body, says_something: !items.is_empty() || not_analysed + unreadable > 0 }
}

fn list(speech: &Speech<'_>, body: &mut String, why: Why, rest: &[(&Item<'_>, Why)]) {
    let these: Vec<&Item<'_>> = rest.iter().filter(|(_, it)| *it == why).map(|(item, _)| *item).collect();
    if these.is_empty() {
        return;
    }
    let title = match why {
        Why::Unchanged => "On lines that this does not change".to_owned(),
        Why::TooMany => format!(
            "Beyond what {MAX_LINE_COMMENTS} comments on lines and {MAX_FILE_COMMENTS} on files tell, which is what one pull \
             request gets"
        ),
        Why::Refused => "Where no comment was taken".to_owned(),
        Why::Outside => "Outside of the repository".to_owned(),
    };
    let _ = write!(body, "\n#### {title}\n\n");
    for (at, item) in these.iter().enumerate() {
        let line = speech.in_a_line(item.finding);
        if body.len() + line.len() > MAX_BODY_BYTES {
            let _ = writeln!(body, "* {}: `hookshift check` tells all.", count(these.len() - at, "more finding"));
            break;
        }
        body.push_str(&line);
    }
}
