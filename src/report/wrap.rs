//! Sentences in lines that fit a terminal.

use std::borrow::Cow;
use std::io::{self, Write};

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Narrower than this, sentences are harder to read than lines that the terminal breaks.
const NARROWEST: usize = 40;

/// Writes a line of text in lines of at most `width` characters, all but the first behind `hang` blanks; as one line where no width is
/// known. Words that are longer stay whole, so that what is copied is what was meant. Styles take no room.
///
/// # Errors
/// Those of the stream.
pub fn write(out: &mut dyn Write, text: &str, width: Option<usize>, hang: usize) -> io::Result<()> {
    for line in lines(text, width, hang) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn lines(text: &str, width: Option<usize>, hang: usize) -> Vec<Cow<'_, str>> {
    let Some(width) = width.filter(|width| *width >= NARROWEST) else { return vec![text.into()] };
    let indent = " ".repeat(hang);
    let options = Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::Custom(separate))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(text, options)
}

/// Code up to this many characters is not broken at its blanks.
const UNBROKEN_CODE: usize = 40;

fn separate(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    Box::new(words(line).into_iter().map(Word::from))
}

/// The words of a text, each with the blanks behind it. Short code is one word, whatever blanks it has.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Where code ends that is too long for one word.
    let mut end_of_code = None;
    while let Some(found) = text[at..].find(|c: char| c == '`' || c.is_whitespace()) {
        at += found;
        if text.as_bytes()[at] == b'`' {
            let code = &text[at + 1..];
            match code.find('`').filter(|_| end_of_code != Some(at)) {
                Some(length) if code[..length].chars().count() <= UNBROKEN_CODE => at += length + 2,
                Some(length) => {
                    end_of_code = Some(at + 1 + length);
                    at += 1;
                }
                // The end of long code; or one alone, which opens none.
                None => at += 1,
            }
        } else {
            at = text.len() - text[at..].trim_start().len();
            words.push(&text[start..at]);
            start = at;
        }
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{lines, words};

    #[test]
    fn short_code_is_a_word() {
        let text = "somebody writes `maps:get(a, Map)` there and `x  y` and `z";
        assert_eq!(lines(text, Some(40), 2), ["somebody writes `maps:get(a, Map)` there", "  and `x  y` and `z"]);
        let text = "it is `a_function_with(a, great, many, arguments, of, which, some)` or so";
        assert_eq!(lines(text, Some(40), 0).len(), 2, "{:?}", lines(text, Some(40), 0));
        assert_eq!(lines("``  ` ` a `", Some(40), 0), ["``  ` ` a `"]);
    }

    #[test]
    fn what_stands_between_long_code_and_other_code_is_none() {
        let long = "`a_function_with(a, great, many, arguments, of, which, some)`";
        assert_eq!(words(&format!("{long} and then `b c` d")).last_chunk(), Some(&["and ", "then ", "`b c` ", "d"]));
    }

    #[test]
    fn words_stay_whole() {
        let text = "note: `user_send_packet` is run in another way in 6.1.0; look at it";
        assert_eq!(
            lines(text, Some(40), 6),
            ["note: `user_send_packet` is run in", "      another way in 6.1.0; look at it"]
        );
        let long = "see mod_acme_session_registry:handle_session_cleanup_of_user/3 again";
        assert_eq!(
            lines(long, Some(40), 0),
            ["see", "mod_acme_session_registry:handle_session_cleanup_of_user/3", "again"]
        );
    }

    #[test]
    fn without_a_width_or_with_next_to_none_a_line_is_a_line() {
        let text = "word ".repeat(50);
        assert_eq!(lines(&text, None, 3), [text.as_str()]);
        assert_eq!(lines(&text, Some(20), 3), [text.as_str()]);
    }

    #[test]
    fn styles_take_no_room() {
        let text = "\x1b[1m\x1b[31merror\x1b[0m: forty-one characters, but no more.";
        assert_eq!(lines(text, Some(41), 0).len(), 1);
        assert_eq!(lines(text, Some(40), 0).len(), 2);
    }

    #[test]
    fn what_is_indented_stays_so() {
        assert_eq!(lines("    code(A) -> B.", Some(60), 0), ["    code(A) -> B."]);
    }
}
