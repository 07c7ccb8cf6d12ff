//! A finding in words, for formats that have one place for all that is to be said: as Markdown, and as plain text.

use super::document::{self, Block, code};
use super::escape;
use super::paths::Shown;
use crate::finding::{Evidence, Finding, Place};
use crate::rewrite::Fix;

/// How many places in the server's source are named for each release; `explain` has them all.
const MOST_EVIDENCE: usize = 2;

/// Message, help, notes, further places and evidence as Markdown. Headings there are none, so that it fits anywhere.
#[must_use]
pub fn markdown(finding: &Finding, paths: &Shown) -> String {
    let mut blocks = vec![Block::Paragraph(sentence(&finding.message))];
    blocks.extend(finding.help.iter().flat_map(|help| help_blocks(help)));
    blocks.extend(details(finding, paths));
    document::markdown(&blocks)
}

/// What stands behind the message and the help, as blocks: notes, further places, why there is no fix, evidence.
#[must_use]
pub fn details(finding: &Finding, paths: &Shown) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut items: Vec<String> = finding.notes.iter().map(|note| line(note)).collect();
    items.extend(finding.no_fix.iter().map(|why| format!("Not fixed: {}", line(why))));
    items.extend(finding.related.iter().map(|it| format!("{}: {}", code(&place(&it.place, paths)), line(&it.message))));
    items.extend(evidence(finding).iter().map(|it| format!("See {}", line(it))));
    if !items.is_empty() {
        blocks.push(Block::List(items));
    }
    blocks
}

/// The help: sentences as they are, and lines of code in a block of code.
#[must_use]
pub fn help_blocks(help: &str) -> Vec<Block> {
    let is_code = |text: &&str| text.starts_with(['-', '[', '{', ' ', '#']);
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = help.lines().peekable();
    while let Some(text) = lines.next() {
        match blocks.last_mut() {
            // A table of TOML has keys below it.
            Some(Block::Code(language, code)) if is_code(&text) || (language == "toml" && text.contains(" = ")) => {
                code.push('\n');
                code.push_str(&escape::line(text));
            }
            _ if is_code(&text) => blocks.push(Block::Code(language(text).to_owned(), escape::line(text).into_owned())),
            // What leads to code is not at its end.
            _ if lines.peek().is_some_and(is_code) && !text.ends_with(['.', ':']) => {
                blocks.push(Block::Paragraph(sentence(&format!("{text}:"))));
            }
            _ => blocks.push(Block::Paragraph(sentence(text))),
        }
    }
    blocks
}

fn language(code: &str) -> &'static str {
    if code.starts_with('[') { "toml" } else { "erlang" }
}

/// Where the facts can be read: the first places of each release, and where there are more.
#[must_use]
pub fn evidence(finding: &Finding) -> Vec<String> {
    let all = &finding.evidence;
    let before = |index: usize, release: &str| all[..index].iter().filter(|it| it.release == release).count();
    let is_shown = |&(index, it): &(usize, &Evidence)| before(index, &it.release) < MOST_EVIDENCE;
    let mut shown: Vec<String> = all.iter().enumerate().filter(is_shown).map(|(_, it)| it.to_string()).collect();
    let more = all.len() - shown.len();
    if let (1.., Some(hook)) = (more, &finding.hook) {
        shown.push(format!("{more} more in `hookshift explain {hook}`"));
    }
    shown
}

/// Message, help and notes as plain text, each on lines of its own.
#[must_use]
pub fn plain(finding: &Finding) -> String {
    let mut text = sentence(&finding.message);
    for (title, said) in finding.help.iter().map(|it| ("Help", it)).chain(finding.notes.iter().map(|it| ("Note", it))) {
        let mut lines = said.lines().map(line);
        text.push_str(&format!("\n{title}: {}", lines.next().unwrap_or_default()));
        lines.for_each(|more| text.push_str(&format!("\n  {more}")));
    }
    text
}

/// Why a person has to look at a fix; nothing when it is safe.
#[must_use]
pub fn to_look(fix: &Fix) -> Option<String> {
    let reasons: Vec<String> = fix.reasons.iter().map(|reason| line(reason.trim_end_matches('.'))).collect();
    (!fix.is_safe()).then(|| format!("The fix has to be looked at: {}.", reasons.join("; ")))
}

/// `path:line`, both as people count.
#[must_use]
pub fn place(place: &Place, paths: &Shown) -> String {
    let at = place.source.position(place.span.start);
    format!("{}:{}", escape::one_line(&paths.show(place.source.path())), at.line)
}

fn line(text: &str) -> String {
    escape::one_line(text).into_owned()
}

/// Messages begin as they do behind a colon; alone they are sentences.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = escape::one_line(text);
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!', ':']) || text.is_empty() { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn everything_is_said_in_markdown() {
        let finding = &samples::analysis().findings[0];
        assert_eq!(
            markdown(finding, &Shown::relative_to("/")),
            "The hook `acme_gone` is no longer run. Nothing is logged.\n\
             \n\
             Register it for another hook:\n\
             \n\
             ```erlang\n\
             {acme_here, HostType, fun acme_words:check/3, #{}, 50}\n\
             ```\n\
             \n\
             * It was run for every stanza.\n\
             * `src/acme_words.erl:3`: this handler is never called\n\
             * See MongooseIM 6.0.0 src/gone.erl:12 (the run)\n"
        );
    }

    #[test]
    fn plain_text_has_a_line_for_each_thing() {
        assert_eq!(
            plain(&samples::analysis().findings[0]),
            "The hook `acme_gone` is no longer run. Nothing is logged.\n\
             Help: Register it for another hook:\n  \
             {acme_here, HostType, fun acme_words:check/3, #{}, 50}\n\
             Note: It was run for every stanza."
        );
    }

    #[test]
    fn markup_and_control_characters_of_the_source_are_shown_as_they_are() {
        let mut finding = samples::analysis().findings.remove(0);
        finding.message = "*a* <b> [c](d) `e*` \u{202e}x\x1b".to_owned();
        let text = markdown(&finding, &Shown::relative_to("/"));
        assert!(text.starts_with("\\*a\\* \\<b> \\[c\\](d) `e*` \u{fffd}x␛.\n"), "{text}");
    }

    #[test]
    fn settings_in_the_help_stay_together() {
        let mut finding = samples::analysis().findings.remove(0);
        finding.help = Some("declare it:\n[hooks.acme]\nscope = \"global\"".to_owned());
        let text = markdown(&finding, &Shown::relative_to("/"));
        assert!(text.contains("Declare it:\n\n```toml\n[hooks.acme]\nscope = \"global\"\n```\n"), "{text}");
    }

    #[test]
    fn why_to_look_at_a_fix_is_said() {
        let fix = Fix::new("rename", Vec::new());
        assert_eq!(to_look(&fix), None);
        let fix = fix.because(["a.".to_owned(), "b".to_owned()]);
        assert_eq!(to_look(&fix).as_deref(), Some("The fix has to be looked at: a; b."));
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("there is no hook"), "There is no hook.");
        assert_eq!(sentence("`a` is gone; did you mean `b`?"), "`a` is gone; did you mean `b`?");
        assert_eq!(sentence(""), "");
    }
}
