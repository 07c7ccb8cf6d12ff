//! Which release of the server a project is built against.
//!
//! A project names the server among its dependencies, in `rebar.lock` (a package) or in `rebar.config` (a
//! git tag). Both files are lists of Erlang terms; the few that matter are found on a stream of tokens, since
//! neither file needs to be understood as a whole. Where there is no such dependency, the image that the code is put into
//! names the release.

mod image;

use std::path::{Path, PathBuf};

use crate::catalog::Version;

/// The server's release as a build file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    pub version: Version,
    pub path: PathBuf,
    /// 1-based.
    pub line: usize,
}

/// Looks for the server's release in the build files of a directory, then of the directories above it, and then, in the same
/// order, for images of the server.
///
/// Files that cannot be read, or that name a branch or a commit, count as saying nothing.
#[must_use]
pub fn detect(directory: &Path) -> Option<Detected> {
    let built = |directory: &Path| {
        // What is locked is what is built; `rebar.config` knows more only when a tag was locked as a commit.
        in_file(directory.join("rebar.lock"), locked).or_else(|| in_file(directory.join("rebar.config"), required))
    };
    directory.ancestors().find_map(built).or_else(|| directory.ancestors().find_map(image::detect))
}

/// The names of the files that [`detect`] looks into, with nothing of their paths.
pub fn files() -> impl Iterator<Item = &'static str> {
    let images = image::FILES.iter().filter_map(|file| file.rsplit('/').next());
    ["rebar.config", "rebar.lock"].into_iter().chain(images)
}

fn in_file(path: PathBuf, find: fn(&[Token]) -> Option<(Version, usize)>) -> Option<Detected> {
    let bytes = std::fs::read(&path).ok()?;
    let (version, offset) = find(&tokens(&bytes))?;
    let line = 1 + memchr::memchr_iter(b'\n', &bytes[..offset]).count();
    Some(Detected { version, path, line })
}

/// What a build file's terms consist of, as far as it matters here: commas and binary brackets are left out.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    /// The end of a top-level term.
    Dot,
    /// An atom, a string or a number, without quotes, and its byte offset.
    Word(String, usize),
}

impl Token {
    fn is_word(&self, expected: &str) -> bool {
        matches!(self, Token::Word(word, _) if word == expected)
    }

    fn version(&self) -> Option<(Version, usize)> {
        let Token::Word(word, offset) = self else {
            return None;
        };
        let version = word.strip_prefix('v').unwrap_or(word).parse().ok()?;
        Some((version, *offset))
    }
}

/// The dependency's name, as its application resource file has it.
const SERVER: &str = "mongooseim";

fn locked(tokens: &[Token]) -> Option<(Version, usize)> {
    tuples(tokens, SERVER).find_map(version_of_dependency)
}

/// Only below `deps`: a project's own release may well be called `mongooseim` too, with its own version.
fn required(tokens: &[Token]) -> Option<(Version, usize)> {
    tuples(tokens, "deps").find_map(locked)
}

/// The insides of all tuples that begin with the given atom or string, the name left out.
fn tuples<'t>(tokens: &'t [Token], name: &'t str) -> impl Iterator<Item = &'t [Token]> {
    let starts = tokens.windows(2).enumerate().filter(move |(_, pair)| pair[0] == Token::Open && pair[1].is_word(name));
    starts.map(|(at, _)| up_to_close(&tokens[at + 2..]))
}

fn up_to_close(tokens: &[Token]) -> &[Token] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Open => depth += 1,
            Token::Close if depth > 0 => depth -= 1,
            Token::Close | Token::Dot => return &tokens[..at],
            Token::Word(..) => {}
        }
    }
    tokens
}

/// `{server, "6.0.0"}`, `{server, {git, URL, {tag, "6.0.0"}}}` or, locked, `{server, {pkg, Name, "6.0.0"}, 0}`.
fn version_of_dependency(inside: &[Token]) -> Option<(Version, usize)> {
    let tagged = inside.windows(2).find(|pair| pair[0].is_word("tag")).and_then(|pair| pair[1].version());
    let packaged = || {
        let package = inside.windows(3).find(|three| three[0].is_word("pkg"))?;
        package[2].version()
    };
    let plain = || inside.first()?.version();
    tagged.or_else(packaged).or_else(plain)
}

fn tokens(bytes: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => tokens.push(Token::Open),
            b'}' | b']' => tokens.push(Token::Close),
            b'.' => tokens.push(Token::Dot),
            b'%' => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
                continue;
            }
            b'"' | b'\'' => {
                let (word, end) = quoted(bytes, at);
                tokens.push(Token::Word(word, at));
                at = end;
                continue;
            }
            _ if is_word_byte(byte) => {
                let end = at + bytes[at..].iter().take_while(|&&b| is_word_byte(b)).count();
                let word = String::from_utf8_lossy(&bytes[at..end]).into_owned();
                tokens.push(Token::Word(word, at));
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    tokens
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@'
}

/// The text between the quote at `at` and its twin, and the offset behind that one.
fn quoted(bytes: &[u8], at: usize) -> (String, usize) {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != bytes[at] {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    let end = end.min(bytes.len());
    let text = String::from_utf8_lossy(&bytes[at + 1..end]).into_owned();
    (text, end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Option<String> {
        required(&tokens(text.as_bytes())).map(|(version, _)| version.to_string())
    }

    fn lock(text: &str) -> Option<String> {
        locked(&tokens(text.as_bytes())).map(|(version, _)| version.to_string())
    }

    #[test]
    fn a_git_tag_is_found() {
        let text = r#"{deps, [
            %% {mongooseim, "5.1.0"},
            {jiffy, "1.1.1"},
            {mongooseim, {git, "https://example.org/it.git", {tag, "6.0.0"}}}]}."#;
        assert_eq!(config(text).as_deref(), Some("6.0.0"));
    }

    #[test]
    fn a_package_version_is_found() {
        assert_eq!(config(r#"{deps, [{mongooseim, "6.0.0"}]}."#).as_deref(), Some("6.0.0"));
        let text = r#"{"1.2.0", [{<<"mongooseim">>,{pkg,<<"mongooseim">>,<<"5.1.0">>},0}]}."#;
        assert_eq!(lock(text).as_deref(), Some("5.1.0"));
    }

    #[test]
    fn a_dependency_of_a_profile_counts() {
        let text = r#"{profiles, [{test, [{deps, [{mongooseim, "6.0.0"}]}]}]}."#;
        assert_eq!(config(text).as_deref(), Some("6.0.0"));
    }

    #[test]
    fn a_release_of_that_name_is_no_dependency() {
        let text = r#"{deps, [{jiffy, "1.1.1"}]}. {relx, [{release, {mongooseim, "1.0.0"}, [acme]}]}."#;
        assert_eq!(config(text), None);
    }

    #[test]
    fn branches_and_commits_say_nothing() {
        let text = r#"{deps, [{mongooseim, {git, "url", {branch, "master"}}}]}."#;
        assert_eq!(config(text), None);
        let text = r#"[{<<"mongooseim">>,{git,"url",{ref,"77b1d5a"}},0}]."#;
        assert_eq!(lock(text), None);
    }

    #[test]
    fn broken_files_do_no_harm() {
        for text in ["{deps, [{mongooseim, \"", "{deps", "'\\", "}}]].", "{deps, [{mongooseim"] {
            assert_eq!(config(text), None, "{text}");
        }
    }

    #[test]
    fn an_image_counts_where_nothing_is_built_with_the_server() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("apps/a");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("Dockerfile"), "FROM mongooseim/mongooseim:6.1.0\n").unwrap();
        assert_eq!(detect(&inner).unwrap().version.to_string(), "6.1.0");
        std::fs::write(root.path().join("rebar.config"), "{deps, [{mongooseim, \"6.0.0\"}]}.\n").unwrap();
        assert_eq!(detect(&inner).unwrap().version.to_string(), "6.0.0");
    }

    #[test]
    fn the_nearest_file_that_names_a_release_wins() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("apps/a");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("rebar.config"), "{deps, []}.\n").unwrap();
        let text = "\n{deps, [{mongooseim, {git, \"u\", {tag, \"v6.0.0\"}}}]}.\n";
        std::fs::write(root.path().join("rebar.config"), text).unwrap();
        std::fs::write(root.path().join("rebar.lock"), "[].").unwrap();
        let detected = detect(&inner).unwrap();
        assert_eq!(detected.version.to_string(), "6.0.0");
        assert_eq!(detected.line, 2);
        assert_eq!(detected.path, root.path().join("rebar.config"));
    }
}
