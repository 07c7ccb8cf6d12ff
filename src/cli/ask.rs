//! The question that is asked for each fix.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use anyhow::bail;

use crate::report::escape::one_line;
use crate::report::explain;
use crate::rewrite::Applicability;

/// Whether somebody is there to answer.
///
/// # Errors
/// Standard input or output is no terminal; the error says which, and what to do instead.
pub fn must_be_a_terminal() -> anyhow::Result<()> {
    let missing = match (io::stdin().is_terminal(), io::stdout().is_terminal()) {
        (true, true) => return Ok(()),
        (false, true) => "standard input is none",
        (true, false) => "standard output is none",
        (false, false) => "standard input and output are none",
    };
    bail!("--interactive asks on a terminal, but {missing}: --write applies fixes without asking")
}

/// A fix to ask about.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub rule: &'a str,
    /// The rule's page, in Markdown.
    pub documentation: &'a str,
    pub title: &'a str,
    pub applicability: Applicability,
    /// Why a person has to look.
    pub reason: Option<&'a str>,
    /// `file:line`.
    pub place: &'a str,
    /// Ready to be shown, with a line end.
    pub diff: &'a str,
}

/// What shall be done with a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Apply,
    Skip,
    /// Skip this one and all that would come after it.
    Quit,
}

/// Asks about one fix after the other, and remembers what was answered for all that follow.
pub struct Dialog<R, W> {
    input: R,
    output: W,
    /// Text may carry colours.
    color: bool,
    /// In characters, for prose.
    width: usize,
    /// The rules whose further fixes are applied without asking, up to which degree of trust.
    all_of: BTreeMap<String, Applicability>,
    quit: bool,
}

/// What can be typed.
enum Reply {
    Answer(Answer),
    AllOfRule,
    Explain,
    Help,
}

impl Reply {
    fn parse(line: &str) -> Option<Self> {
        Some(match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Reply::Answer(Answer::Apply),
            "n" | "no" => Reply::Answer(Answer::Skip),
            "q" | "quit" => Reply::Answer(Answer::Quit),
            "a" | "all" => Reply::AllOfRule,
            "e" | "explain" => Reply::Explain,
            "?" | "h" | "help" => Reply::Help,
            _ => return None,
        })
    }
}

impl<R: BufRead, W: Write> Dialog<R, W> {
    pub fn new(input: R, output: W, color: bool, width: usize) -> Self {
        Self { input, output, color, width, all_of: BTreeMap::new(), quit: false }
    }

    /// Asks about a fix until there is an answer. The end of the input is a wish to quit.
    ///
    /// Once all fixes of a rule are wanted, this answers at once, and shows just title and place; but whoever wanted
    /// all of a rule while looking at a safe fix is still asked about its unsafe ones. After a wish to quit, nothing
    /// is asked any more.
    ///
    /// # Errors
    /// Those of the streams.
    pub fn ask(&mut self, question: &Question<'_>) -> io::Result<Answer> {
        if self.quit {
            return Ok(Answer::Quit);
        }
        if self.all_of.get(question.rule).is_some_and(|&up_to| question.applicability <= up_to) {
            self.title(question)?;
            self.output.flush()?;
            return Ok(Answer::Apply);
        }
        self.title(question)?;
        if let Some(reason) = question.reason {
            writeln!(self.output, "  {}", one_line(reason))?;
        }
        writeln!(self.output, "{}", question.diff.trim_end_matches('\n'))?;
        self.answer(question)
    }

    fn answer(&mut self, question: &Question<'_>) -> io::Result<Answer> {
        loop {
            let Some(line) = self.prompt()? else {
                // The terminal's cursor stands behind the prompt.
                writeln!(self.output)?;
                self.quit = true;
                return Ok(Answer::Quit);
            };
            match Reply::parse(&line) {
                Some(Reply::Answer(answer)) => {
                    self.quit = answer == Answer::Quit;
                    return Ok(answer);
                }
                Some(Reply::AllOfRule) => {
                    self.all_of.insert(question.rule.to_owned(), question.applicability);
                    return Ok(Answer::Apply);
                }
                Some(Reply::Explain) => {
                    explain::write_rule(&mut self.output, question.rule, question.documentation, self.width)?;
                }
                Some(Reply::Help) => self.help(question)?,
                None => {
                    if !line.trim().is_empty() {
                        writeln!(self.output, "`{}` is none of the answers", one_line(line.trim()))?;
                    }
                    self.help(question)?;
                }
            }
        }
    }

    fn title(&mut self, question: &Question<'_>) -> io::Result<()> {
        let bold = self.style(Style::new().bold());
        let (place, title) = (one_line(question.place), one_line(question.title));
        let trust = match question.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        };
        writeln!(self.output, "{bold}{place}: {title}{bold:#} [{}, {trust}]", one_line(question.rule))
    }

    /// Asks once. `None` is the end of the input.
    fn prompt(&mut self) -> io::Result<Option<String>> {
        let style = self.style(AnsiColor::Blue.on_default().bold());
        write!(self.output, "{style}apply this fix? [y,n,a,q,e,?]{style:#} ")?;
        self.output.flush()?;
        let mut line = Vec::new();
        let read = self.input.read_until(b'\n', &mut line)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    fn help(&mut self, question: &Question<'_>) -> io::Result<()> {
        let rule = one_line(question.rule);
        let all = match question.applicability {
            Applicability::Safe => format!("yes, and yes to all further safe fixes of {rule}"),
            Applicability::Unsafe => format!("yes, and yes to all further fixes of {rule}, also unsafe ones"),
        };
        writeln!(
            self.output,
            "y - yes, apply this fix\n\
             n - no, leave the code as it is\n\
             a - {all}\n\
             q - quit: neither this fix nor any further one\n\
             e - explain {rule}\n\
             ? - show this help"
        )
    }

    fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAFE: Question<'_> = Question {
        rule: "removed-hook",
        documentation: "# removed-hook\n\nThe server no longer runs it.",
        title: "register for `user_send_iq`",
        applicability: Applicability::Safe,
        reason: None,
        place: "src/mod_a.erl:12",
        diff: "-old\n+new\n",
    };
    const UNSAFE: Question<'_> =
        Question { applicability: Applicability::Unsafe, reason: Some("two fields\nbecome one"), ..SAFE };
    const PROMPT: &str = "apply this fix? [y,n,a,q,e,?] ";

    /// Asks all questions with what is typed, and gives the answers and all that was shown.
    fn dialog(typed: &[u8], questions: &[Question<'_>]) -> (Vec<Answer>, String) {
        let mut shown = Vec::new();
        let mut dialog = Dialog::new(typed, &mut shown, false, 80);
        let answers = questions.iter().map(|question| dialog.ask(question).unwrap()).collect();
        (answers, String::from_utf8(shown).unwrap())
    }

    use Answer::{Apply, Quit, Skip};

    #[test]
    fn everything_that_one_needs_to_know_is_shown_before_the_question() {
        let (answers, shown) = dialog(b"y\nn\n", &[SAFE, UNSAFE]);
        assert_eq!(answers, [Apply, Skip]);
        let expected = format!(
            "src/mod_a.erl:12: register for `user_send_iq` [removed-hook, safe]\n-old\n+new\n{PROMPT}\
             src/mod_a.erl:12: register for `user_send_iq` [removed-hook, unsafe]\n  two fields become one\n-old\n+new\n{PROMPT}"
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn answers_may_be_words_in_any_case_with_blanks() {
        for (typed, answer) in [("Y\n", Apply), (" yes \r\n", Apply), ("No\n", Skip), ("QUIT\n", Quit), ("y", Apply)] {
            assert_eq!(dialog(typed.as_bytes(), &[SAFE]).0, [answer], "{typed:?}");
        }
    }

    #[test]
    fn all_is_all_of_the_rule() {
        let other = Question { rule: "drop-result", ..SAFE };
        let (answers, shown) = dialog(b"a\nn\n", &[SAFE, other, SAFE]);
        assert_eq!(answers, [Apply, Skip, Apply]);
        assert_eq!(shown.matches(PROMPT).count(), 2);
        assert!(shown.ends_with("src/mod_a.erl:12: register for `user_send_iq` [removed-hook, safe]\n"), "{shown}");
    }

    #[test]
    fn all_that_was_said_to_a_safe_fix_covers_no_unsafe_one() {
        assert_eq!(dialog(b"a\nn\n", &[SAFE, UNSAFE, SAFE]).0, [Apply, Skip, Apply]);
        assert_eq!(dialog(b"a\nn\n", &[UNSAFE, UNSAFE, SAFE]).0, [Apply, Apply, Apply]);
    }

    #[test]
    fn to_quit_is_for_good() {
        let (answers, shown) = dialog(b"q\ny\n", &[SAFE, SAFE]);
        assert_eq!(answers, [Quit, Quit]);
        assert_eq!(shown.matches(PROMPT).count(), 1);
        assert_eq!(dialog(b"a\nq\n", &[SAFE, Question { rule: "drop-result", ..SAFE }, SAFE]).0, [Apply, Quit, Quit]);
    }

    #[test]
    fn the_end_of_the_input_is_a_wish_to_quit() {
        for typed in [&b""[..], b"?\n", b"perhaps"] {
            let (answers, shown) = dialog(typed, &[SAFE, SAFE]);
            assert_eq!(answers, [Quit, Quit]);
            assert!(shown.ends_with(&format!("{PROMPT}\n")), "{shown}");
        }
    }

    #[test]
    fn help_and_explanation_lead_back_to_the_question() {
        let (answers, shown) = dialog(b"e\n?\n\n\xFF\x1b[2J\ny\n", &[SAFE]);
        assert_eq!(answers, [Apply]);
        assert_eq!(shown.matches(PROMPT).count(), 5);
        assert!(shown.contains("The server no longer runs it."), "{shown}");
        assert_eq!(shown.matches("y - yes").count(), 3);
        assert!(shown.contains("a - yes, and yes to all further safe fixes of removed-hook\n"), "{shown}");
        assert!(shown.contains("`\u{FFFD}␛[2J` is none of the answers\n"), "{shown}");
        assert!(dialog(b"?\n", &[UNSAFE]).1.contains("also unsafe ones"));
    }

    #[test]
    fn what_comes_from_the_source_cannot_steer_the_terminal() {
        let treacherous = Question { title: "\x1b[2J", place: "a\rb.erl:1", reason: Some("\x07"), ..SAFE };
        let shown = dialog(b"y\n", &[treacherous]).1;
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    }

    #[test]
    fn colours_are_used_when_they_may() {
        let mut shown = Vec::new();
        Dialog::new(&b"y\n"[..], &mut shown, true, 80).ask(&SAFE).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("\x1b[1msrc/mod_a.erl:12"), "{shown:?}");
        assert!(dialog(b"y\n", &[SAFE]).1.find('\x1b').is_none());
    }

    /// The other end of the tests below: asks as the command does.
    #[test]
    #[ignore = "other tests start it, in a process of its own"]
    fn asks_twice_for_real() {
        if let Err(error) = must_be_a_terminal() {
            return println!("said: {error}");
        }
        let mut dialog = Dialog::new(io::stdin().lock(), io::stdout(), false, 80);
        for _ in 0..2 {
            let answer = dialog.ask(&SAFE).unwrap();
            println!("said: {answer:?}");
        }
    }

    const CHILD: [&str; 4] = ["cli::ask::tests::asks_twice_for_real", "--exact", "--ignored", "--nocapture"];

    fn said(output: &std::process::Output) -> Vec<String> {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().filter_map(|line| Some(line.split_once("said: ")?.1.trim_end().to_owned())).collect()
    }

    #[test]
    fn without_a_terminal_nothing_is_asked() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let output = child.args(CHILD).stdin(std::process::Stdio::null()).output().unwrap();
        let expected = "--interactive asks on a terminal, but standard input and output are none: \
                        --write applies fixes without asking";
        assert_eq!(said(&output), [expected]);
    }

    /// `script` gives its child a terminal of its own.
    #[cfg(target_os = "linux")]
    #[test]
    fn on_a_terminal_it_asks_and_hears() {
        use std::process::{Command, Stdio};
        for (typed, expected) in [("n\ny\n", ["Skip", "Apply"]), ("\x04", ["Quit", "Quit"])] {
            let command = format!("\"$EXE\" {}", CHILD.join(" "));
            let mut script = Command::new("script");
            script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
            script.env("EXE", std::env::current_exe().unwrap()).env("SHELL", "/bin/sh");
            let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(said(&output), expected, "{output:?}");
        }
    }
}
