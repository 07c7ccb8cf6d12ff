//! What the compiler says, taken apart.

use std::collections::HashMap;
use std::fmt;

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `path:line:column`, as far as the compiler says it.
    place: String,
    text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Errors behind which the compiler does not look at the rest of the module, as they begin.
const EARLY: [&str; 23] = [
    "undefined parse transform",
    "undefined core transform",
    "error in core transform",
    "can't find include",
    "syntax error",
    "undefined macro",
    "undefined 'ifdef'",
    "redefining macro",
    "argument mismatch for macro",
    "missing ",
    "badly formed",
    "bad ",
    "illegal",
    "unterminated",
    "unbalanced",
    "badly terminated",
    "circular macro",
    "include nested too deep",
    "head mismatch",
    "function head mismatch",
    "premature end",
    "no module definition",
    "cannot parse file",
];

impl Message {
    /// Whether the compiler gave up on account of this before it looked at functions.
    pub fn stops_early(&self) -> bool {
        EARLY.iter().any(|beginning| self.text.starts_with(beginning))
    }

    /// What can be done about it. `server` tells whether the server's source tree was named.
    pub fn hint(&self, server: bool) -> Option<&'static str> {
        let begins = |it: &&str| self.text.starts_with(*it);
        if begins(&"can't find include") {
            return Some(match server {
                false => "--server names the server's source tree, with its headers",
                true => "headers of dependencies are there once these are fetched",
            });
        }
        let runs_code = ["undefined parse transform", "undefined core transform", "error in core transform"];
        runs_code.iter().any(begins).then_some("the project's code is run only when it is trusted")
    }

    /// What stays the same when lines move.
    fn key(&self) -> String {
        let path = self.place.split(':').next().unwrap_or_default();
        let mut key = path.to_owned();
        let mut counts = false;
        for word in self.text.split([' ', ',', ')']) {
            let is_number = counts && word.bytes().all(|byte| byte.is_ascii_digit());
            key.push(' ');
            key.push_str(if is_number { "#" } else { word });
            counts = word.ends_with("line") || word.ends_with("column");
        }
        key
    }
}

/// All that was said to one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    pub errors: Vec<Message>,
    pub warnings: Vec<Message>,
}

impl Messages {
    /// Reads the output of `erlc +brief`. `compiled` is the path that was given to it, which becomes `shown`.
    pub fn parse(said: &str, compiled: &str, shown: &str) -> Self {
        let mut messages = Self::default();
        // Whether the message that a line goes on with is a warning.
        let mut last: Option<bool> = None;
        for line in said.lines() {
            if let Some((place, text)) = split(line, compiled) {
                let place = place.strip_prefix(compiled).map_or(place.to_owned(), |rest| format!("{shown}{rest}"));
                let (text, is_warning) = match text.strip_prefix("Warning: ") {
                    Some(text) => (text, true),
                    None => (text, false),
                };
                let list = if is_warning { &mut messages.warnings } else { &mut messages.errors };
                list.push(Message { place, text: text.to_owned() });
                last = Some(is_warning);
            } else if let Some(is_warning) = last.filter(|_| goes_on(line)) {
                let list = if is_warning { &mut messages.warnings } else { &mut messages.errors };
                if let Some(message) = list.last_mut() {
                    message.text.push(' ');
                    message.text.push_str(line.trim());
                }
            }
        }
        messages
    }

    pub fn stopped_early(&self) -> bool {
        self.errors.iter().any(Message::stops_early)
    }
}

/// Whether a line belongs to the message before it. Calls inside the compiler tell nobody anything, and quoted code
/// is asked for by nobody.
fn goes_on(line: &str) -> bool {
    let text = line.trim_start();
    let is_noise = ["in function ", "in call from ", "%"].iter().any(|it| text.starts_with(it));
    // What the compiler says about itself begins at the margin.
    text.len() < line.len() && !text.is_empty() && !is_noise
}

/// Splits a line into place and text. A place is the compiled file with or without a line, or any other file with
/// one.
fn split<'l>(line: &'l str, compiled: &str) -> Option<(&'l str, &'l str)> {
    if line.starts_with(char::is_whitespace) || line.starts_with('%') {
        return None;
    }
    // A path may hold a colon itself.
    let skip = if line.starts_with(compiled) { compiled.len() } else { 0 };
    let at = skip + line[skip..].find(": ")?;
    let (place, text) = (&line[..at], &line[at + 2..]);
    let ends_in_number = place[skip..].rsplit(':').next().is_some_and(is_number);
    (skip > 0 || ends_in_number).then_some((place, text))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Those of `after` that are not also among `before`, each as often as it is new.
pub fn new<'a>(before: &[Message], after: &'a [Message]) -> Vec<&'a Message> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for message in before {
        *known.entry(message.key()).or_default() += 1;
    }
    let is_new = |message: &&Message| match known.get_mut(&message.key()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    after.iter().filter(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(messages: &[Message]) -> Vec<String> {
        messages.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn output_of_every_release_is_read() {
        let said = "/t/a: b/m.erl:3: Warning: variable 'X' is unused\n\
                    /t/a: b/m.erl:4:7: Warning: first\n  and more\n%   4| f(X).\n%    |   ^\n\n\
                    compile: warnings being treated as errors\n\
                    /t/a: b/m.erl:5:1: function f/0 undefined\n  in function  compile:x/1 (compile.erl, line 2)\n\
                    /inc/h.hrl:9:2: can't find include lib \"x/include/x.hrl\"\n\
                    /t/a: b/m.erl: undefined parse transform 'pt'\n\
                    Loading: something: else\n";
        let messages = Messages::parse(said, "/t/a: b/m.erl", "src/m.erl");
        assert_eq!(shown(&messages.warnings), ["src/m.erl:3: variable 'X' is unused", "src/m.erl:4:7: first and more"]);
        assert_eq!(
            shown(&messages.errors),
            [
                "src/m.erl:5:1: function f/0 undefined",
                "/inc/h.hrl:9:2: can't find include lib \"x/include/x.hrl\"",
                "src/m.erl: undefined parse transform 'pt'"
            ]
        );
        assert!(messages.stopped_early());
    }

    #[test]
    fn a_message_is_the_same_when_lines_move() {
        let message = |line: u32, text: &str| Message { place: format!("m.erl:{line}:1"), text: text.to_owned() };
        let unsafe_ = |line: u32| message(line, &format!("variable 'Z' unsafe in 'case' (line {line}, column 9)"));
        assert!(new(&[unsafe_(3)], &[unsafe_(5)]).is_empty());
        assert_eq!(new(&[unsafe_(3)], &[unsafe_(3), unsafe_(9)]).len(), 1);
        let unused = |arity: u32| message(3, &format!("function f/{arity} is unused"));
        assert_eq!(new(&[unused(1)], &[unused(2)]), [&unused(2)]);
    }
}
