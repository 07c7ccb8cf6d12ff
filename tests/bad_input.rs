//! Input that nobody means to give: what is said about it, with which exit code, and that it costs nothing else.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A module in which one thing is found, whatever stands beside it.
const GOOD: &str = "-module(good).\n-export([start/2, stamp/3]).\n\
    start(HostType, _) -> gen_hook:add_handler(c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 40).\n\
    stamp(Acc, _, _) -> {ok, Acc}.\n";

/// The beginning of a module `a`, in which `c2s_presence_in` is found.
const START: &str = "-module(a).\n-export([f/3]).\n\
    start(HostType, _) -> gen_hook:add_handler(c2s_presence_in, HostType, fun ?MODULE:f/3, #{}, 40).\n";

/// A directory with `src/good.erl` and what a test adds.
struct Tree(tempfile::TempDir);

/// What a run printed, and how it ended.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        tree.write("src/good.erl", GOOD)
    }

    /// With `src/a.erl`.
    fn with(content: impl AsRef<[u8]>) -> Self {
        Self::new().write("src/a.erl", content)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn directory(self, path: &str) -> Self {
        std::fs::create_dir_all(self.path().join(path)).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let started = Instant::now();
        let output = Command::new(snapbox::cmd::cargo_bin!("hookshift"))
            .current_dir(self.path())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        // Without optimization on a busy machine; what is read once takes a second at most.
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
        Run::new(&output)
    }

    fn check(&self) -> Run {
        self.run(&["check", "--format", "concise"])
    }

    /// The findings as `path:line rule`, and the whole document.
    fn json(&self, arguments: &[&str]) -> (Vec<String>, Value) {
        let run = self.run(&[&["check", "--format", "json"], arguments].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
        let show = |it: &Value| {
            let (path, rule) = (it["path"].as_str().unwrap(), it["rule"].as_str().unwrap());
            format!("{path}:{} {rule}", it["range"]["start"]["line"])
        };
        (document["findings"].as_array().unwrap().iter().map(show).collect(), document)
    }
}

impl Run {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let run = Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        assert!(!run.stderr.contains("panicked"), "{run}");
        run
    }

    #[track_caller]
    fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// One of the lines of standard output starts and goes on with this.
    #[track_caller]
    fn finds(self, start: &str, text: &str) -> Self {
        assert!(
            self.stdout.lines().any(|line| line.starts_with(start) && line.contains(text)),
            "{start} {text}\n{self}"
        );
        self
    }

    /// What is found in the good module is found.
    #[track_caller]
    fn finds_the_good(self) -> Self {
        self.finds("src/good.erl:3:44: ", "`c2s_update_presence` is not run any more")
    }

    /// A line of standard error.
    #[track_caller]
    fn says(self, line: &str) -> Self {
        assert!(self.stderr.lines().any(|said| said == line), "{line}\n{self}");
        self
    }

    #[track_caller]
    fn says_nothing(self) -> Self {
        assert_eq!(self.stderr, "", "{self}");
        self
    }

    /// No line of standard output is about the file.
    #[track_caller]
    fn finds_nothing_in(self, path: &str) -> Self {
        assert!(!self.stdout.lines().any(|line| line.starts_with(path)), "{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A message about a huge form can be huge itself.
        let short = |text: &str| text.chars().take(4000).collect::<String>();
        write!(f, "exit code {:?}\n{}\n{}", self.code, short(&self.stdout), short(&self.stderr))
    }
}

#[test]
fn a_missing_end() {
    let code = "f(Acc, _, _) ->\n    case x() of\n        1 -> {ok, Acc}.\ng() -> gen_hook:add_handler(sm_broadcast, x, fun ?MODULE:f/3, #{}, 1).\n";
    Tree::with(format!("{START}{code}"))
        .check()
        .exits_with(1)
        .finds("src/a.erl:3:44: error[removed-hook]", "`c2s_presence_in`")
        .finds("src/a.erl:7:29: error[removed-hook]", "`sm_broadcast`")
        .finds("src/a.erl:6:", "not analysed: this code could not be parsed; the code around it is analysed")
        .finds_the_good()
        .says_nothing();
}

#[test]
fn a_missing_dot() {
    Tree::with(format!("{START}f(Acc, _, _) ->\n    {{ok, Acc}}\n\ng() -> ok.\n"))
        .check()
        .exits_with(1)
        .finds("src/a.erl:3:44: error[removed-hook]", "`a:f/3` is never called")
        .finds_the_good();
}

#[test]
fn a_stray_quote_costs_its_form_only() {
    let code = "f(Acc, _, _) -> note(\"oops), {ok, Acc}.\ng() -> x.\n\
                h() -> gen_hook:add_handler(sm_broadcast, x, fun ?MODULE:f/3, #{}, 1).\n";
    let tree = Tree::with(format!("{START}{code}"));
    let run = tree.check().exits_with(1).finds_the_good();
    let run = run.finds("src/a.erl:4:1: not analysed: ", "a string or quoted atom in this form never ends");
    let run = run.finds("src/a.erl:6:29: error[removed-hook]", "`sm_broadcast`");
    // Nothing is made up about the code behind the quote.
    assert!(!run.stdout.contains("untagged-result"), "{run}");
}

#[test]
fn conflict_markers() {
    let sides = START.replace("c2s_presence_in", "sm_broadcast");
    let code = format!("<<<<<<< HEAD\n{START}=======\n{sides}>>>>>>> topic\nf(Acc, _, _) -> {{ok, Acc}}.\n");
    Tree::with(code)
        .check()
        .exits_with(1)
        .finds("src/a.erl:1:1: note: ", "a conflict of a merge stands here; both sides are analysed")
        .finds("src/a.erl:4:44: error[removed-hook]", "`c2s_presence_in`")
        .finds("src/a.erl:8:44: error[removed-hook]", "`sm_broadcast`")
        .finds_the_good();
    let inside = "f(Acc, x, _) ->\n    {ok, Acc};\n<<<<<<< HEAD\nf(Acc, _, _) -> {ok, Acc}.\n=======\nf(A, _, _) -> {ok, A}.\n>>>>>>> topic\n";
    Tree::with(format!("{START}{inside}"))
        .check()
        .exits_with(1)
        .finds("src/a.erl:4:1: not analysed: ", "this code could not be parsed; the code around it is analysed")
        .finds("src/a.erl:8:1: note: ", "a conflict of a merge")
        .finds_the_good();
}

#[test]
fn a_binary_file() {
    for content in [&b"FOR1\0\0\0\x10BEAM gen_hook\0"[..], &b"FOR1\0\0\0\x10BEAM\0"[..]] {
        Tree::with(content)
            .check()
            .exits_with(2)
            .says("error: src/a.erl: is a binary file (a zero byte at offset 4)")
            .finds("1 path could not be read", "")
            .finds_the_good();
    }
}

#[test]
fn latin_1_with_and_without_a_coding_comment() {
    let latin_1 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>();
    let code = format!("%% caf\u{e9}\n{START}f(Acc, _, _) -> note(\"\u{fc}\"), {{ok, Acc}}.\n");
    Tree::with(latin_1(&format!("%% -*- coding: latin-1 -*-\n{code}")))
        .check()
        .exits_with(1)
        .finds("src/a.erl:5:44: error[removed-hook]", "`c2s_presence_in`")
        .finds_nothing_in("src/a.erl: ")
        .finds_the_good();
    Tree::with(latin_1(&code))
        .check()
        .exits_with(1)
        .finds("src/a.erl:4:44: error[removed-hook]", "`c2s_presence_in`")
        .finds("src/a.erl: note: ", "neither UTF-8 nor declared as Latin-1 by a coding comment; read as Latin-1")
        .finds_the_good();
}

#[test]
fn line_endings_and_byte_order_marks_move_nothing() {
    let code = format!("{START}f(Acc, _, _) -> {{ok, Acc}}.\n");
    let (plain, _) = Tree::with(&code).json(&[]);
    for content in
        [code.replace('\n', "\r\n"), format!("\u{feff}{code}"), format!("\u{feff}{}", code.replace('\n', "\r\n"))]
    {
        let tree = Tree::with(&content);
        let (found, document) = tree.json(&[]);
        assert_eq!(found, plain);
        let start = &document["findings"][0]["range"]["start"];
        assert_eq!(start["column"], 44);
        // The byte is the one on disk.
        let byte = usize::try_from(start["byte"].as_u64().unwrap()).unwrap();
        assert!(content[byte..].starts_with("c2s_presence_in"), "{start}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::with(START);
    let path = tree.path().join("src/a.erl");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    tree.check().exits_with(2).says("error: src/a.erl: permission denied").finds_the_good();
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new().write("lib/a.erl", START);
    let path = tree.path().join("lib");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let readable = std::fs::read_dir(&path).is_ok();
    let run = tree.check();
    // So that the directory can be removed.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    if readable {
        eprintln!("skipped: this user may read everything");
        return;
    }
    run.exits_with(2).says("error: lib: permission denied").finds_the_good();
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_links_to_nothing() {
    use std::os::unix::fs::symlink;
    let tree = Tree::new();
    symlink("..", tree.path().join("src/up")).unwrap();
    symlink("circle.erl", tree.path().join("src/circle.erl")).unwrap();
    symlink("nothing", tree.path().join("src/dangling.erl")).unwrap();
    let run = tree.check().exits_with(2).finds_the_good();
    let run = run.says("error: src/circle.erl: too many levels of symbolic links");
    let run = run.says("error: src/dangling.erl: no such file or directory");
    assert_eq!(run.stdout.matches("good.erl").count(), 1, "{run}");
}

/// As a file that is gone between the walk and the reading: its path is known, and nothing is there.
#[test]
fn a_path_that_leads_nowhere() {
    let tree = Tree::new();
    tree.run(&["check", "--format", "concise", "src/gone.erl", "src"])
        .exits_with(2)
        .says("error: src/gone.erl: no such file or directory")
        .finds_the_good();
    tree.run(&["check", "src/good.erl/a.erl"]).exits_with(2).says("error: src/good.erl/a.erl: not a directory");
    tree.run(&["handlers", "gone"]).exits_with(2).says("error: gone: no such file or directory");
}

#[test]
fn ten_megabytes_in_one_line() {
    let entries = "{c2s_presence_in, H, fun ?MODULE:f/3, #{}, 1},".repeat(220_000);
    let form = format!("f(H) -> gen_hook:add_handlers([{entries}x]).");
    let string = format!("f(H) -> gen_hook:add_handler(c2s_presence_in, H, \"{}\", #{{}}, 1).", "x".repeat(10_000_000));
    for content in [form, string] {
        let bytes = content.len();
        Tree::with(content)
            .check()
            .exits_with(1)
            .finds("src/a.erl:1:1: not analysed: ", &format!("the form is {bytes} bytes long, and only 1048576 are"))
            .finds_the_good()
            .says_nothing();
    }
}

#[test]
fn a_huge_string_beside_good_code_costs_nothing_else() {
    let huge = format!("text() -> \"{}\".\n", "x".repeat(10_000_000));
    Tree::with(format!("{START}{huge}f(Acc, _, _) -> {{ok, Acc}}.\n"))
        .check()
        .exits_with(1)
        .finds("src/a.erl:3:44: error[removed-hook]", "`a:f/3` is never called")
        .finds_the_good();
}

/// Findings decide the exit code, and what was left out is told in every format: somebody who only sees that a run of
/// CI was good must not be the one who needs to know.
#[test]
fn forms_that_are_left_out_are_counted() {
    let big = format!("kick(Pid) -> ejabberd_c2s:stop(Pid), \"{}\".\n", "x".repeat(1_100_000));
    let deep = format!("g(H) -> gen_hook:add_handlers({}x{}).\n", "[".repeat(200), "]".repeat(200));
    let tree =
        Tree::new().write("src/good.erl", "-module(good).\n").write("src/a.erl", format!("-module(a).\n{big}{deep}"));
    let line = "Not analysed: 2 parts of the code, listed above. What they register and do is not known.";
    for format in ["full", "concise"] {
        tree.run(&["check", "--format", format])
            .exits_with(0)
            .finds("src/a.erl:2:1: not analysed: the form is ", "bytes long")
            .finds("src/a.erl:3:1: not analysed: the form is ", "levels deep")
            .finds(line, line)
            .says_nothing();
    }
    let (_, document) = tree.json(&[]);
    assert_eq!((&document["summary"]["not_analysed"], &document["summary"]["unreadable"]), (&2.into(), &0.into()));
    let kinds: Vec<_> = document["skipped"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["not-analysed", "not-analysed"]);
}

#[test]
fn a_hundred_thousand_brackets() {
    const DEPTH: usize = 100_000;
    // A form of more than a megabyte is left out for its size.
    for (open, close) in [("[", "]"), ("{", "}"), ("(", ")"), ("begin ", "end"), ("#{a=>", "}"), ("[", "")] {
        let nested = format!("{}x{}", open.repeat(DEPTH), close.repeat(DEPTH));
        let code = format!("f(H) -> gen_hook:add_handlers({nested}).\ng() -> ok.\n");
        Tree::with(code)
            .check()
            .exits_with(1)
            .finds("src/a.erl:1:1: not analysed: the form is nested ", "levels deep, and only 100 are analysed")
            .finds_the_good()
            .says_nothing();
    }
}

#[test]
fn operators_and_clauses_without_end() {
    let sum = "x + ".repeat(40_000);
    let clauses = "f(1) -> ok;\n".repeat(40_000);
    for code in
        [format!("f(H) -> gen_hook:add_handlers({sum} x).\n"), format!("{START}{clauses}f(_) -> gen_hook:x().\n")]
    {
        let run = Tree::with(code).check();
        assert!(matches!(run.code, Some(1)), "{run}");
        run.finds_the_good().says_nothing();
    }
}

/// Code that no person writes, and that must not take more time than its size is worth.
#[test]
fn handlers_that_were_generated() {
    const N: usize = 5_000;
    const NAMES: usize = 1_500;
    let branches: String = (0..N).map(|n| format!("    #{{a := {n}}} -> {{ok, Acc}};\n")).collect();
    let calls = "    g(Acc, P),\n".repeat(N);
    // Ten calls of each function by the one before: ten thousand millions of ways to the last one.
    let chain: String =
        (0..10).map(|n| format!("g{n}(A, P) -> {}.\n", vec![format!("g{}(A, P)", n + 1); 10].join(", "))).collect();
    let tails: String = (0..10)
        .map(|n| {
            let calls = (0..10).map(|c| format!("{c} -> h{}(A, P)", n + 1)).collect::<Vec<_>>();
            format!("h{n}(A, P) -> case x() of {} end.\n", calls.join("; "))
        })
        .collect();
    let names: String = (1..NAMES).map(|n| format!("  R{n} = case R{} of 1 -> x; R -> R end,\n", n - 1)).collect();
    let sum = "x(Acc) + ".repeat(1_000);
    for hook in ["user_ping_response", "user_send_packet", "filter_packet", "c2s_preprocessing_hook"] {
        let start = START.replace("c2s_presence_in", hook);
        for handler in [
            format!("f(Acc, P, _) ->\n  case P of\n{branches}    _ -> {{ok, Acc}}\n  end.\n"),
            format!(
                "f(Acc, P, _) ->\n{calls}    {{ok, Acc}}.\ng(A, #{{response := R}}) -> h(R), mongoose_acc:element(A).\n"
            ),
            format!("f(Acc, P, _) -> g0(Acc, P), {{ok, Acc}}.\n{chain}g10(A, P) -> maps:get(state, P).\n"),
            format!("f(R0, P, _) ->\n{names}  {{ok, R{}}}.\n", NAMES - 1),
            format!("f(Acc, P, _) -> Y = {sum} 1, if {sum} 1 > 2 -> {{ok, Y}}; true -> {{ok, Acc}} end.\n"),
            format!("f(Acc, P, _) -> h0(Acc, P).\n{tails}h10(_, _) -> error(x).\n"),
        ] {
            // Each name is looked for in all of the function, which is too much for so many in a row: that is told.
            let told = if handler.contains(&names) { "takes too many steps to follow" } else { hook };
            Tree::with(format!("{start}{handler}")).check().exits_with(1).finds("src/a.erl:", told).finds_the_good();
        }
    }
}

#[test]
fn an_empty_file_and_one_of_blanks() {
    for content in ["", "\n\n  \n", "%% nothing but a comment", "#!/usr/bin/env escript"] {
        Tree::with(content).check().exits_with(1).finds_nothing_in("src/a.erl").finds_the_good().says_nothing();
    }
}

#[test]
fn a_directory_named_like_a_module() {
    Tree::new()
        .write("src/x.erl/a.erl", START)
        .check()
        .exits_with(1)
        .finds("src/x.erl/a.erl:3:44: error[removed-hook]", "`c2s_presence_in`")
        .finds_the_good()
        .says_nothing();
}

#[test]
fn a_configuration_that_cannot_be_used() {
    for (content, said) in [
        (&b"x = [\n"[..], "error: hookshift.toml:1:6: unclosed array, expected `]`"),
        (b"from = 6\n", "error: hookshift.toml:1:8: "),
        (b"\xff\xfe\0", "error: hookshift.toml: "),
    ] {
        let run = Tree::new().write("hookshift.toml", content).check().exits_with(2);
        assert!(run.stderr.lines().any(|line| line.starts_with(said)), "{run}");
        assert_eq!(run.stdout, "", "{run}");
    }
}

#[test]
fn releases_that_make_no_upgrade() {
    let tree = Tree::new();
    let error = |arguments: &[&str]| {
        let run = tree.run(&[&["check"], arguments].concat()).exits_with(2);
        assert_eq!(run.stdout, "", "{run}");
        run.stderr
    };
    for (arguments, said) in [
        (&["--to", "9.9.9"][..], "9.9.9"),
        (&["--from", "6.9.7"], "6.9.7"),
        (&["--from", "6.1.0", "--to", "6.0.0"], "6.0.0"),
        (&["--to", "newest"], "newest"),
    ] {
        let stderr = error(arguments);
        assert!(stderr.starts_with("error: ") && stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn the_same_whatever_the_number_of_threads_and_without_the_prefilter() {
    let mut tree = Tree::with(format!("{START}f(Acc, _, _) -> Acc.\n"));
    for number in 0..40 {
        let (start, hook) =
            (START.replace("module(a)", &format!("module(m{number})")), ["sm_broadcast", "remove_user"][number % 2]);
        tree = tree.write(&format!("src/m{number}.erl"), start.replace("c2s_presence_in", hook) + "f(A, _, _) -> A.\n");
    }
    tree = tree.write("src/broken.erl", format!("{START}f( -> x.\n")).write("src/none.erl", "-module(none).\n");
    let run = |arguments: &[&str]| tree.run(&[&["check", "--format", "json"], arguments].concat()).exits_with(1).stdout;
    let one = run(&["--threads", "1"]);
    assert!(one.contains("src/m39.erl"));
    assert_eq!(one, run(&["--threads", "8"]));
    assert_eq!(one, run(&["--threads", "8"]), "the second time");
    assert_eq!(one, run(&["--no-prefilter"]));
}

#[test]
fn a_configuration_that_is_no_file() {
    let tree = Tree::new().directory("hookshift.toml");
    for arguments in [["check", "."], ["check", "src"], ["handlers", "src/good.erl"]] {
        let run = tree.run(&arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
        assert_eq!(run.stderr, "error: hookshift.toml: is a directory, not a file\n");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_leads_nowhere() {
    let tree = Tree::new();
    std::os::unix::fs::symlink("shared.toml", tree.path().join("hookshift.toml")).unwrap();
    let run = tree.run(&["check", "src"]);
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    assert!(run.stderr.starts_with("error: hookshift.toml: No such file"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_configuration_that_cannot_be_a_file() {
    let tree = Tree::new();
    let _socket = std::os::unix::net::UnixListener::bind(tree.path().join("hookshift.toml")).unwrap();
    let run = tree.run(&["check", "src"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), "error: hookshift.toml: is not a regular file\n"));
}

#[test]
fn a_great_many_comments_for_hookshift() {
    let alone = "%% hookshift: ignore[removed-hook] why not\n".repeat(20_000);
    let behind = "    g(), % hookshift: ignore[changed-stop] why not\n".repeat(20_000);
    let tree = Tree::with(format!("{START}{alone}f(Acc, _, _) ->\n{behind}    {{ok, Acc}}.\n"));
    tree.check().finds("src/a.erl:4:1: ", "there is no finding of `removed-hook`").finds_the_good();
    let many = "% hookshift: ignore[changed-stop] why not ".repeat(2_000);
    Tree::with(format!("{START}f(Acc, _, _) -> {{ok, Acc}}. {many}\n")).check().finds_the_good();
}
