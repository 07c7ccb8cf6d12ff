//! hookshift held against what a person says about `corpus/acme`, and acme held against a real Erlang compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints about acme, as JSON.
fn json(command: &str) -> Value {
    let output = Command::new(snapbox::cmd::cargo_bin!("hookshift"))
        .current_dir(root())
        .args([command, "--format", "json", "corpus/acme"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{command}: {error}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

/// A row of a list of registrations.
#[derive(Debug)]
struct Registered {
    hook: String,
    /// Whether the tag is `global`; any other stands for a host type.
    global: bool,
    handler: String,
    priority: i64,
    status: String,
    findings: BTreeSet<String>,
}

/// A row of a list of findings beside the registrations.
#[derive(Debug)]
struct Elsewhere {
    place: Spot,
    /// The code that the row quotes.
    code: String,
}

/// A rule's finding in a function, or among the attributes, of a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    module: String,
    /// `name/arity`; empty for an attribute.
    function: String,
    rule: String,
}

#[derive(Default)]
struct Expected {
    registered: Vec<Registered>,
    elsewhere: Vec<Elsewhere>,
    left: Vec<Left>,
}

/// A row of the list of what `fix --unsafe` leaves.
#[derive(Debug)]
struct Left {
    module: String,
    rule: String,
    /// The hook, or the call, that the finding is about.
    about: String,
}

impl Expected {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("corpus/acme/EXPECTED.md")).unwrap();
        let mut expected = Self::default();
        let (mut section, mut table) = ("", "");
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                section = heading;
            }
            let Some(cells) = cells(line) else {
                table = "";
                continue;
            };
            match table {
                "" if ["hook", "module"].contains(&cells[0].as_str()) => {
                    table = if cells[0] == "hook" { "hook" } else { "module" };
                }
                "" => table = "where",
                _ if cells[0].starts_with("---") => {}
                "hook" => expected.registered.push(registered(&cells)),
                "module" => expected.left.push(left(&cells)),
                _ => expected.elsewhere.push(elsewhere(section, &cells)),
            }
        }
        expected
    }

    /// The row of a hook and handler.
    fn row(&self, hook: &str, handler: &str) -> Option<&Registered> {
        self.registered.iter().find(|row| row.hook == hook && row.handler == handler)
    }
}

/// The cells of a table's row.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?.replace("\\|", "\u{1}");
    Some(inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn registered(cells: &[String]) -> Registered {
    let [hook, tag, handler, priority, _registered_by, status, findings] = cells else {
        panic!("not a row of a list of registrations: {cells:?}");
    };
    Registered {
        hook: quoted(hook)[0].to_owned(),
        global: tag == "global",
        handler: quoted(handler)[0].to_owned(),
        priority: priority.parse().unwrap(),
        status: status.clone(),
        findings: quoted(findings).into_iter().map(str::to_owned).collect(),
    }
}

fn left(cells: &[String]) -> Left {
    let [module, about, _function, rule, why] = cells else { panic!("not a row of what is left: {cells:?}") };
    assert!(!why.is_empty(), "why is {about} left?");
    let name = |cell: &str| quoted(cell)[0].to_owned();
    Left { module: name(module), rule: name(rule), about: name(about) }
}

fn elsewhere(section: &str, cells: &[String]) -> Elsewhere {
    let [place, rule] = cells else { panic!("not a row of a list of findings: {cells:?}") };
    let (code, in_what) = (quoted(place)[0], quoted(place).into_iter().skip(1).collect::<Vec<_>>());
    let module = section.split(' ').next().unwrap();
    let is_function = |name: &&&str| name.rsplit_once('/').is_some_and(|(_, arity)| arity.parse::<u8>().is_ok());
    // An attribute stands in no function, whatever is said about it.
    let function = in_what.iter().find(is_function).filter(|_| !code.starts_with('-')).copied().unwrap_or("");
    let (module, function) = match function.split_once(':') {
        Some((module, function)) => (module, function),
        None => (
            in_what.iter().find(|name| name.starts_with("mod_") && !is_function(name)).map_or(module, |name| name),
            function,
        ),
    };
    let place = Spot { module: module.to_owned(), function: function.to_owned(), rule: quoted(rule)[0].to_owned() };
    Elsewhere { place, code: code.to_owned() }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_registration_is_found_as_it_is() {
    let expected = Expected::read();
    let found = json("handlers");
    let show = |hook: &str, global: bool, handler: &str, priority: i64, status: &str| {
        format!("{hook} {} {handler} {priority} {status}", if global { "global" } else { "HostType" })
    };
    let of = |action: &str| {
        let rows = found.as_array().unwrap().iter().filter(|row| row["action"] == action);
        let mut rows: Vec<_> = rows
            .map(|row| {
                assert_eq!(row["resolved"], true, "{row}");
                let priority = row["priority"].as_i64().unwrap();
                show(&text(row, "hook"), row["tag"] == "global", &text(row, "handler"), priority, &text(row, "status"))
            })
            .collect();
        rows.sort();
        rows
    };
    let rows = |priority: fn(&Registered) -> i64| {
        let rows = expected.registered.iter();
        let mut rows: Vec<_> =
            rows.map(|row| show(&row.hook, row.global, &row.handler, priority(row), &row.status)).collect();
        rows.sort();
        rows
    };
    assert_eq!(of("add"), rows(|row| row.priority));
    // The limiter's mistake: what is added with 30 is deleted with 50.
    assert_eq!(of("delete"), rows(|row| if row.handler == "mod_acme_limiter:throttle/3" { 50 } else { row.priority }));
}

#[test]
fn the_numbers_at_its_head_are_those_of_the_tables() {
    let expected = Expected::read();
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &expected.registered {
        *by_status.entry(&row.status).or_default() += 1;
    }
    let all = expected.registered.len();
    let [changed, meaning, removed, unchanged, unknown] = by_status.into_values().collect::<Vec<_>>()[..] else {
        panic!("a status is missing or too much");
    };
    let sentence = format!(
        "In all: {all} handlers added, {unchanged} on unchanged hooks, {changed} on changed, {removed} on removed, \
         {meaning} on hooks of another meaning, {unknown} on a hook that does not exist."
    );
    let text = std::fs::read_to_string(root().join("corpus/acme/EXPECTED.md")).unwrap();
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(&sentence), "{sentence}");
}

#[test]
fn everything_is_found_and_nothing_else() {
    let expected = Expected::read();
    let found = json("check");
    assert_eq!(found["skipped"], Value::Array(Vec::new()));
    let mut seen: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut others = Vec::new();
    let registrations = json("handlers");
    for finding in found["findings"].as_array().unwrap() {
        let (rule, hook) = (text(finding, "rule"), text(finding, "hook"));
        let handler = finding["handler"].as_str().map_or_else(|| handler_at(finding, &registrations), str::to_owned);
        match expected.row(&hook, &handler) {
            Some(row) if row.findings.contains(&rule) => {
                seen.insert((hook, handler, rule));
            }
            Some(row) if is_allowed_advice(row, finding) => {}
            _ => others.push(finding),
        }
    }
    let wanted: BTreeSet<_> = expected
        .registered
        .iter()
        .flat_map(|row| row.findings.iter().map(|rule| (row.hook.clone(), row.handler.clone(), rule.clone())))
        .collect();
    let missing: Vec<_> = wanted.difference(&seen).collect();
    assert!(missing.is_empty(), "not found: {missing:#?}");
    compare_elsewhere(&expected.elsewhere, &others);
}

/// The handler of the registration that a finding marks; empty when it marks none.
fn handler_at(finding: &Value, registrations: &Value) -> String {
    let start = &finding["range"]["start"];
    let is_here = |row: &&Value| {
        (&row["path"], &row["line"], &row["column"], &row["hook"])
            == (&finding["path"], &start["line"], &start["column"], &finding["hook"])
    };
    registrations.as_array().unwrap().iter().find(is_here).map_or_else(String::new, |row| text(row, "handler"))
}

/// Advice on a hook that changed in its meaning, too, may come everywhere.
fn is_allowed_advice(row: &Registered, finding: &Value) -> bool {
    finding["rule"] == "changed-meaning"
        && finding["severity"] == "info"
        && ["changed", "meaning"].contains(&row.status.as_str())
}

fn compare_elsewhere(expected: &[Elsewhere], found: &[&Value]) {
    let mut open: Vec<&Elsewhere> = expected.iter().collect();
    let mut unexpected = Vec::new();
    for finding in found {
        let (spot, lines) = spot(finding);
        match open.iter().position(|row| row.place == spot && quotes(&row.code, &lines)) {
            Some(at) => {
                open.remove(at);
            }
            None => unexpected.push(format!("{spot:?}: {}", text(finding, "message"))),
        }
    }
    assert!(
        unexpected.is_empty() && open.is_empty(),
        "found, not listed: {unexpected:#?}\nlisted, not found: {open:#?}"
    );
}

/// Where a finding stands, with the text of its lines.
fn spot(finding: &Value) -> (Spot, String) {
    let source = std::fs::read(root().join(text(finding, "path"))).unwrap();
    let source = String::from_utf8_lossy(&source).into_owned();
    let lines: Vec<&str> = source.lines().collect();
    let line = |end: &str| usize::try_from(finding["range"][end]["line"].as_u64().unwrap()).unwrap();
    let (first, last) = (line("start") - 1, line("end") - 1);
    let head = lines[..=first].iter().rev().find(|line| line.starts_with(|c: char| c.is_ascii_lowercase() || c == '-'));
    let function = head.filter(|head| !head.starts_with('-')).map_or_else(String::new, |head| {
        let (name, rest) = head.split_once('(').unwrap();
        format!("{name}/{}", arity(rest))
    });
    let spot = Spot { module: text(finding, "module"), function, rule: text(finding, "rule") };
    (spot, lines[first..=last].join("\n"))
}

/// The number of arguments in front of the closing parenthesis.
fn arity(behind_parenthesis: &str) -> usize {
    let (mut depth, mut commas, mut any) = (0, 0, false);
    for c in behind_parenthesis.chars() {
        match c {
            ')' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        any = true;
    }
    commas + usize::from(any)
}

/// Whether the code that a row quotes, which may stand on several lines, is the code that a finding marks.
fn quotes(code: &str, lines: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 3);
        words.map(str::to_owned).collect()
    };
    words(code).intersection(&words(lines)).next().is_some()
}

/// Files of a directory with an extension.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

/// The warnings of the compiler for a tree like acme's, but for the one about the behaviour that is not there.
fn warnings(acme: &Path) -> Vec<String> {
    let out = tempfile::tempdir().unwrap();
    let sources = files(&acme.join("src"), "erl");
    let mut erlc = Command::new("erlc");
    erlc.arg("-I").arg(acme.join("stubs/include")).arg("-o").arg(out.path());
    let output = match erlc.args(&sources).output() {
        Ok(output) => output,
        Err(error) => panic!("erlc cannot be run ({error}); ./test installs it"),
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(sources.len(), std::fs::read_dir(out.path()).unwrap().count());
    let warnings = said.lines().filter(|line| line.contains("Warning: "));
    warnings.filter(|line| !line.contains("behaviour gen_mod undefined")).map(str::to_owned).collect()
}

#[test]
fn acme_compiles() {
    let warnings = warnings(&root().join("corpus/acme"));
    assert!(warnings.is_empty(), "{warnings:#?}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// `hookshift fix --unsafe` in a directory; what it prints.
fn fix(directory: &Path, more: &[&str]) -> String {
    let output = Command::new(snapbox::cmd::cargo_bin!("hookshift"))
        .current_dir(directory)
        .args(["fix", "--unsafe"])
        .args(more)
        .output()
        .unwrap();
    // Something is left.
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn acme_compiles_after_the_rewrite_and_what_is_left_is_known() {
    let directory = tempfile::tempdir().unwrap();
    copy(&root().join("corpus/acme"), directory.path());
    let outcome: Value = serde_json::from_str(&fix(directory.path(), &["--write", "--format", "json"])).unwrap();
    assert_eq!(outcome["failed"], Value::Array(Vec::new()));
    compare_left(&Expected::read().left, outcome["left"].as_array().unwrap());
    // 6.1.0 has no such header.
    std::fs::remove_file(directory.path().join("stubs/include/ejabberd_c2s.hrl")).unwrap();
    let warnings = warnings(directory.path());
    assert!(warnings.is_empty(), "{warnings:#?}");
    assert_eq!(fix(directory.path(), &[]), "");
}

/// Errors and warnings alone: advice is for reading.
fn compare_left(expected: &[Left], found: &[Value]) {
    let mut open: Vec<&Left> = expected.iter().collect();
    let mut unexpected = Vec::new();
    for finding in found.iter().filter(|finding| finding["severity"] != "info") {
        let (module, rule, message) = (text(finding, "module"), text(finding, "rule"), text(finding, "message"));
        let is =
            |row: &&Left| (&row.module, &row.rule) == (&module, &rule) && message.contains(&format!("`{}`", row.about));
        match open.iter().position(is) {
            Some(at) => {
                open.remove(at);
            }
            None => unexpected.push(format!("{module}: {rule}: {message}")),
        }
    }
    assert!(unexpected.is_empty() && open.is_empty(), "left, not listed: {unexpected:#?}\nlisted, not left: {open:#?}");
}
