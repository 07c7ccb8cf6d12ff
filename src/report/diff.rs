//! What a rewrite changes, on a terminal.

use anstyle::{AnsiColor, Style};

use super::escape;
use crate::rewrite::diff::{LineKind, NO_NEWLINE, hunks, titles};

/// The diff for people to read on a terminal: coloured, and with control characters made visible, so that source text
/// cannot pass for something else; empty when nothing changes. It is not for `git apply`:
/// [`unified`](crate::rewrite::diff::unified) is. Where colours are not wanted, the stream takes them off.
#[must_use]
pub fn for_terminal(path: &str, before: &str, after: &str) -> String {
    let hunks = hunks(before.as_bytes(), after.as_bytes());
    let mut out = String::new();
    if hunks.is_empty() {
        return out;
    }
    let ending = if ends_every_line_with_crlf(before) && ends_every_line_with_crlf(after) { "\r\n" } else { "\n" };
    let mut say = |style: Style, text: &str| {
        out.push_str(&format!("{style}{}{style:#}\n", escape::line(text)));
    };
    for title in titles(path) {
        say(Style::new().bold(), &title);
    }
    for hunk in hunks {
        say(AnsiColor::Cyan.on_default(), &hunk.header);
        for line in hunk.lines {
            let style = style(line.kind);
            let text = String::from_utf8_lossy(line.bytes);
            let shown = text.strip_suffix(ending).unwrap_or(&text);
            say(style, &format!("{}{shown}", char::from(line.kind.sign())));
            if !text.ends_with('\n') {
                say(style, NO_NEWLINE);
            }
        }
    }
    out
}

fn style(kind: LineKind) -> Style {
    match kind {
        LineKind::Kept => Style::new(),
        LineKind::Removed => AnsiColor::Red.on_default(),
        LineKind::Added => AnsiColor::Green.on_default(),
    }
}

/// Whether carriage returns are nothing but this file's way to end lines.
fn ends_every_line_with_crlf(text: &str) -> bool {
    let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).peekable();
    lines.peek().is_some() && lines.all(|line| line.ends_with("\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::diff::unified;

    fn without_styles(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn on_a_terminal_it_is_the_same_in_colours() {
        let (before, after) = ("f(Acc) ->\n    Acc.\n", "f(Acc) ->\n    {ok, Acc}.\n");
        let shown = for_terminal("src/m.erl", before, after);
        assert_eq!(without_styles(&shown), unified("src/m.erl", before, after));
        assert!(shown.contains("\u{1b}[31m-    Acc.\u{1b}[0m\n"), "{shown:?}");
        assert!(shown.contains("\u{1b}[32m+    {ok, Acc}.\u{1b}[0m\n"), "{shown:?}");
    }

    #[test]
    fn on_a_terminal_nothing_in_the_source_can_steer_it() {
        let shown = for_terminal("m\u{1b}[2J.erl", "a\u{1b}[31m\u{202e}.\nb", "a\u{1b}[31m\u{202e}.\nc\u{7}");
        let plain = without_styles(&shown);
        assert!(plain.contains("--- a/m␛[2J.erl\n"), "{plain:?}");
        assert!(plain.contains(" a␛[31m\u{FFFD}.\n"), "{plain:?}");
        assert!(plain.ends_with("-b\n\\ No newline at end of file\n+c␇\n\\ No newline at end of file\n"), "{plain:?}");
    }

    #[test]
    fn on_a_terminal_carriage_returns_show_where_they_say_something() {
        let shown = |before, after| without_styles(&for_terminal("m.erl", before, after));
        assert!(!shown("a.\r\nb.\r\n", "a.\r\nc.\r\n").contains('␍'));
        assert!(shown("a.\r\nb.\r\n", "a.\nb.\r\n").contains("-a.␍\n+a.\n"));
        assert!(shown("a.\r\nb\rb.\r\n", "a.\r\nc.\r\n").contains("-b␍b.\n"));
        assert!(shown("a.", "b.\r").contains("+b.␍\n"));
    }
}
