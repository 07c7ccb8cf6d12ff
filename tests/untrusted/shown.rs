//! What comes from source, in every form in which it is shown.

use std::process::{Command, Output};

use hookshift::source::is_unseen;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Tree, hookshift};

/// What could move a cursor, turn the reading direction, hide, be markup, or be taken for a command.
const HOSTILE: &str = "\u{1b}[31m\u{1b}]8;;http://evil.example\u{7}\u{8}\u{7f}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{2028}\u{200b}\u{e0041}\
    <img src=x onerror=alert(1)></script><script>alert(1)</script>[a](javascript:alert(1))![b](http://evil.example/b.png)\
    @acme/all `x` %0A::error::x ##[error]y ]]> &amp; =1+1|$(id)";

/// A TOML string of it.
fn toml_hostile() -> String {
    let escaped = HOSTILE.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_unseen(c) => format!("\\U{:08X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn atom(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Whatever can have a name has a hostile one.
pub fn hostile() -> Tree {
    let tree = Tree::new(&[]);
    let (name, toml) = (HOSTILE.replace('/', "∕"), toml_hostile());
    let (hook, function) = (atom(HOSTILE), atom(&format!("f{HOSTILE}")));
    let module = format!(
        "-module({}).\n-export([hooks/1, {function}/3, sent/3, reg/1]).\n-include(\"../../../{name}.hrl\").\n-define(P, 50). %% {HOSTILE}\n\
         %% hookshift: ignore[no-such-rule] {HOSTILE}\n\
         hooks(HostType) ->\n    [{{{hook}, HostType, fun ?MODULE:{function}/3, #{{}}, ?P}}, %% {HOSTILE}\n     \
         {{user_send_packet, HostType, fun ?MODULE:sent/3, #{{}}, ?P}}, % {HOSTILE}\n     \
         {{xmpp_send_element, HostType, fun ?MODULE:{function}/3, #{{}}, 5}}].\n\n\
         {function}(Acc, #{{{hook} := _}}, _Extra) -> io:format(\"{HOSTILE}\"), Acc.\n\n\
         sent(Acc, _Params, _Extra) -> % {HOSTILE}\n    case mongoose_acc:stanza_name(Acc) of\n        <<\"message\">> -> io:format(\"{HOSTILE}\"), {{stop, Acc}};\n        \
         _ -> {{ok, Acc}}\n    end.\n\nreg(H) -> gen_hook:add_handler(unknown({hook}), H, {hook}, fun ?MODULE:sent/3, #{{}}, {hook}),\n    \
         mongoose_hooks:{hook}(H), ejabberd_c2s:{function}(H).\n",
        atom(&name)
    );
    // A name has 255 bytes at most.
    let cut = |text: &str| text.chars().take(90).collect::<String>();
    tree.write(&format!("project/src/{}.erl", cut(&name)), &module);
    tree.write(&format!("project/::error::\n{}/mod_two.erl", cut(&name)), &module);
    tree.write(
        &format!("project/src/broken{}.erl", cut(&name)),
        &format!("-module(x).\nf( -> {HOSTILE}.\n<<<<<<< {HOSTILE}\n"),
    );
    tree.write(&format!("{}.hrl", cut(&name)), "");
    std::os::unix::fs::symlink("../../none", tree.path(&format!("project/src/l{}.erl", cut(&name)))).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", tree.path(&format!("project/src/o{}.erl", cut(&name)))).unwrap();
    let config = format!(
        "[general]\n  hosts = [{toml}] # {}\n  {toml} = {toml}\n[auth]\n  methods = [{toml}]\n[modules.{toml}]\n  {toml} = {toml}\n[modules.mod_offline]\n  {toml} = 1\n[services.service_mongoose_system_metrics]\n",
        HOSTILE.chars().filter(|c| !c.is_control()).collect::<String>()
    );
    tree.write("project/mongooseim.toml", &config);
    tree.write(&format!("project/mongooseim{}.toml", cut(&name)), &format!("{toml} = [\n"));
    let settings = format!(
        "baseline = {toml}\ninclude-paths = [\"../up\"]\n[hooks.{toml}]\nscope = \"global\"\nparameters = [{toml}]\naccumulator = {toml}\n[macros]\nA = {toml}\n",
    );
    tree.write("project/hookshift.toml", &settings.replace(&format!("baseline = {toml}\n"), ""));
    tree.write("up/x.hrl", "");
    tree.write("project/node.txt", &format!("[{{{hook},[{{{hook},{function},{HOSTILE}\n"));
    tree
}

/// Every form of text has every character visible.
#[track_caller]
fn assert_visible(what: &str, output: &Output) -> usize {
    for (stream, bytes) in [("output", &output.stdout), ("error", &output.stderr)] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {stream}: {error}"));
        // A tab is a blank.
        if let Some(at) = text.find(|c: char| is_unseen(c) && !matches!(c, '\n' | '\t')) {
            let before = text[..at].lines().next_back().unwrap_or_default();
            panic!("{what}: {stream}: {:?} behind {before:?}", &text[at..].chars().take(20).collect::<String>());
        }
    }
    output.stdout.len() + output.stderr.len()
}

pub const FORMATS: [&str; 12] = [
    "full",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "rdjson",
    "rdjsonl",
    "checkstyle",
    "junit",
    "markdown",
    "html",
];

#[test]
fn nothing_unseen_reaches_a_reader() {
    let tree = hostile();
    let bidirectional = "main\u{202e}x";
    let mut commands: Vec<Vec<&str>> =
        FORMATS.iter().map(|format| vec!["check", "--statistics", "--format", format]).collect();
    commands.extend([
        vec!["check", "--show-settings"],
        vec!["check", "--show-files"],
        vec!["check", "--since", bidirectional],
        vec!["check", "--mongooseim-toml", bidirectional],
        vec!["check", bidirectional],
        vec!["check", "--baseline", bidirectional],
        vec!["fix", "--unsafe", "--format", "json"],
        vec!["plan"],
        vec!["plan", "--format", "json"],
        vec!["handlers"],
        vec!["handlers", "--format", "json"],
        vec!["live", "--dump", "node.txt"],
        vec!["live", "--dump", "node.txt", "--format", "json"],
        vec!["explain", HOSTILE],
        vec!["explain", bidirectional],
        vec!["baseline", "write"],
        vec!["check"],
        vec!["baseline", "prune"],
    ]);
    for command in &commands {
        let written = assert_visible(&command.join(" "), &tree.run(command));
        assert!(written > 50, "{command:?}");
    }
    let written = std::fs::read_to_string(tree.path("project/hookshift-baseline.toml")).unwrap();
    assert!(
        written.contains("malformed-suppression") && written.chars().all(|c| c == '\n' || !is_unseen(c)),
        "{written:?}"
    );
}

/// A diff that is to be applied has every byte; one on a terminal is to be looked at.
#[test]
fn a_diff_is_exact_in_a_file_and_visible_on_a_terminal() {
    let tree = hostile();
    let piped = tree.run(&["fix", "--unsafe"]);
    assert!(String::from_utf8_lossy(&piped.stdout).contains("\u{202e}"), "the patch has to apply");
    let error = Output { stdout: Vec::new(), ..piped };
    assert_visible("fix", &error);
    let mut command = hookshift(&tree.path("project"));
    command.env_remove("NO_COLOR").args(["fix", "--unsafe", "--color", "always"]);
    let Output { stdout, stderr, status } = command.output().unwrap();
    assert!(!stdout.is_empty());
    // Colours are what is left of escapes: `ESC [` numbers `m`.
    let shown = String::from_utf8(stdout).unwrap();
    let stripped: String = shown
        .split('\u{1b}')
        .enumerate()
        .map(|(at, part)| match (at, part.split_once('m')) {
            (0, _) => part.to_owned(),
            (_, Some((style, rest)))
                if style.strip_prefix('[').is_some_and(|it| it.chars().all(|c| c.is_ascii_digit() || c == ';')) =>
            {
                rest.to_owned()
            }
            _ => panic!("{part:?}"),
        })
        .collect();
    // The colour that comes from source is shown as its characters.
    assert!(stripped.contains("␛[31m"), "{stripped}");
    assert_visible("fix --color always", &Output { stdout: stripped.into_bytes(), stderr, status });
}

#[test]
fn mistakes_in_settings_are_told_visibly() {
    let toml = toml_hostile();
    for text in [
        format!("{toml} = 1\n"),
        format!("from = {toml}\n"),
        format!("ignore = [{toml}]\n"),
        format!("exclude = [{toml}, \"[\"]\n"),
        format!("baseline = {toml}\n"),
        format!("[hooks.x]\nscope = {toml}\n[severity]\n{toml} = {toml}\n[catalog]\ndirectory = {toml}\n"),
        format!("x = \"{}\n", HOSTILE.replace('\n', "")),
    ] {
        let tree = Tree::new(&[("project/hookshift.toml", text.as_str()), ("project/a.erl", "-module(a).\n")]);
        assert!(assert_visible(&text, &tree.run(&["check"])) > 50, "{text}");
    }
}

/// Reports of others are no better than code.
#[test]
fn merged_reports_are_shown_visibly() {
    let tree = hostile();
    let run = |format: &str, name: &str| {
        let output = format!("--output={format}={}", tree.path(name).display());
        tree.run(&["check", &output]);
    };
    run("json", "reports/one.json");
    run("sarif", "sarif/one.sarif");
    tree.write(&format!("reports/{}.json", HOSTILE.replace('/', "∕").chars().take(90).collect::<String>()), "{");
    let reports = tree.path("reports").display().to_string();
    for format in ["text", "json", "markdown"] {
        assert!(assert_visible(format, &tree.run(&["merge", &reports, "--format", format])) > 100);
    }
    let sarif = tree.path("sarif").display().to_string();
    assert!(assert_visible("sarif", &tree.run(&["merge", &sarif, "--format", "sarif"])) > 100);
    let html = tree.path("fleet.html");
    tree.run(&["merge", &reports, &format!("--output=html={}", html.display())]);
    let page = std::fs::read(html).unwrap();
    assert_is_text("merge", &page);
}

/// Reads a page as browsers do, and tells its elements, attributes and text.
const READ: &str = r#"
import html.parser, json, sys
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.links = set(), set(), [], set()
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for key, value in attributes:
            self.attributes.add(key)
            if key in ("href", "src"): self.links.add((value or "").split(":")[0])
    def handle_data(self, data): self.text.append(data)
page = Page()
page.feed(sys.stdin.buffer.read().decode())
print(json.dumps({"tags": sorted(page.tags), "attributes": sorted(page.attributes), "links": sorted(page.links), "text": "".join(page.text)}))
"#;

#[track_caller]
fn assert_is_text(what: &str, page: &[u8]) {
    use std::io::Write;
    use std::process::Stdio;
    let mut python =
        Command::new("python3").args(["-c", READ]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(page).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&python.wait_with_output().unwrap().stdout).unwrap();
    let has = |key: &str, name: &str| read[key].as_array().unwrap().iter().any(|it| it == name);
    assert!(!has("tags", "img") && has("tags", "html"), "{what}: {}", read["tags"]);
    let handlers = read["attributes"].as_array().unwrap().iter().filter(|it| it.as_str().unwrap().starts_with("on"));
    assert_eq!(handlers.count(), 0, "{what}: {}", read["attributes"]);
    assert!(!has("links", "javascript"), "{what}: {}", read["links"]);
    // What a reader sees is the very text, with what nobody would see made visible.
    let text = read["text"].as_str().unwrap();
    assert!(
        text.contains("<img src=x onerror=alert(1)></script><script>alert(1)</script>[a](javascript:alert(1))"),
        "{what}"
    );
    assert!(text.chars().all(|c| matches!(c, '\n' | '\t') || !is_unseen(c)), "{what}");
}

#[test]
fn a_page_has_source_as_text() {
    let tree = hostile();
    assert_is_text("check", &tree.run(&["check", "--format", "html"]).stdout);
}

/// What programs read is what stands in the source.
#[test]
fn json_says_what_stands_in_the_source() {
    let tree = hostile();
    let output = tree.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let messages = report["findings"].as_array().unwrap().iter().filter_map(|it| it["message"].as_str());
    assert!(messages.into_iter().any(|message| message.contains(HOSTILE)), "{:?}", report["findings"]);
}

/// Of comments in a pull request, nothing is markup, mentions somebody or loads a picture.
#[test]
fn a_comment_has_source_as_code() {
    let tree = hostile();
    let output = tree.run(&["check", "--format", "markdown"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let ours = |html: &str| {
        html.trim().lines().all(|line| {
            line == "<details>"
                || line == "</details>"
                || line.starts_with("<summary><code>") && line.matches('<').count() == 4
        })
    };
    let mut in_code = false;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => assert!(ours(&html), "{html}"),
            Event::Start(Tag::Image { dest_url, .. }) => panic!("{dest_url}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let leads_home = dest_url.starts_with("https://github.com/hookshift/") || !dest_url.contains(':');
                assert!(leads_home, "{dest_url}");
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) => assert!(in_code || !text.contains("@acme"), "{text}"),
            _ => {}
        }
    }
}
