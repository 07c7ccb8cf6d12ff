use super::*;

const RULES: [&str; 2] = ["removed-hook", "changed-params"];

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("p/hookshift.toml"), text, &RULES, &Bounds::default())
}

fn mistakes(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn everything_can_be_said() {
    let config = parse(
        r#"
from = "6.0.0"
to = "6.1.0"
exclude = ["gen/", "*_SUITE.erl"]
baseline = "ci/known.toml"
select = ["removed-hook"]
ignore = ["changed-params"]

[severity]
removed-hook = "warning"
changed-params = "off"

[hooks.acme_sent]
scope = "global"
parameters = ["user", "stanza"]
accumulator = "ok"

[hooks.acme_seen]

[macros]
PRIO = 50
HOOK = "acme_sent"
DEBUG = true
"#,
    )
    .unwrap();
    assert_eq!(config.from, Some(Version::new(6, 0, 0)));
    assert_eq!(config.to, Some(Version::new(6, 1, 0)));
    assert_eq!(config.select.unwrap(), ["removed-hook"]);
    assert_eq!(config.ignore, ["changed-params"]);
    assert_eq!(config.severity["removed-hook"], Some(Severity::Warning));
    assert_eq!(config.severity["changed-params"], None);
    assert_eq!(config.baseline, Some("p/ci/known.toml".into()));
    assert_eq!(config.exclude.globs(), ["gen/", "*_SUITE.erl"]);
    assert_eq!(config.macros["PRIO"], "50");
    assert_eq!(config.macros["HOOK"], "acme_sent");
    assert_eq!(config.macros["DEBUG"], "true");
    let names: Vec<_> = config.hooks.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["acme_seen", "acme_sent"]);
    let sent = &config.hooks[1];
    assert_eq!(sent.scope, Some(Scope::Global));
    assert_eq!(sent.parameters.as_ref().unwrap().len(), 2);
    assert_eq!(sent.accumulator.as_deref(), Some("ok"));
    assert_eq!(sent.line, 13);
    assert_eq!(config.hooks[0].parameters, None);
}

#[test]
fn an_empty_file_says_nothing() {
    let config = parse("").unwrap();
    assert_eq!(config.from, None);
    assert!(config.select.is_none() && config.hooks.is_empty());
}

#[test]
fn unknown_names_are_refused_with_a_suggestion_and_their_place() {
    assert_eq!(
        mistakes("to = \"6.1.0\"\nform = \"6.0.0\"\n"),
        "p/hookshift.toml:2:1: unknown key `form`; did you mean `from`?"
    );
    assert_eq!(
        mistakes("ignore = [\"changed-params\", \"remove-hook\"]"),
        "p/hookshift.toml:1:29: unknown rule `remove-hook`; did you mean `removed-hook`?"
    );
    assert_eq!(
        mistakes("[hooks.a]\nscop = \"global\""),
        "p/hookshift.toml:2:1: unknown key `scop`; did you mean `scope`?"
    );
    assert_eq!(
        mistakes("hooks.a.scope = \"hosttype\""),
        "p/hookshift.toml:1:17: unknown scope `hosttype`; did you mean `host-type`?"
    );
    assert_eq!(
        mistakes("severity = { removed-hook = \"fatal\" }"),
        "p/hookshift.toml:1:29: unknown severity `fatal`; known are error, warning, info, off"
    );
}

#[test]
fn all_mistakes_are_told_from_top_to_bottom() {
    let text = "to = 6\nfrom = \"six\"\nexclude = \"gen\"\nselect = [1]\nmacros = { A = 1.5 }\n";
    assert_eq!(
        mistakes(text),
        "p/hookshift.toml:1:6: a string is expected here, not a whole number\n\
         p/hookshift.toml:2:8: `six` is not a release number such as 6.1.0\n\
         p/hookshift.toml:3:11: an array of strings is expected here, not a string\n\
         p/hookshift.toml:4:11: a string is expected here, not a whole number\n\
         p/hookshift.toml:5:16: a macro is a string of Erlang source, a whole number or a boolean, not a number"
    );
}

#[test]
fn bad_globs_and_missing_directories_are_mistakes() {
    let message = mistakes("exclude = [\"a[\"]\ninclude-paths = [\"nowhere\"]\nmongooseim-toml = \"no.toml\"\n");
    assert!(message.contains("hookshift.toml:3:19: there is no file p/no.toml"), "{message}");
    assert!(message.contains("hookshift.toml:1:12: `a[` is not a glob"), "{message}");
    assert!(message.contains("hookshift.toml:2:18: there is no directory p/nowhere"), "{message}");
}

#[test]
fn what_is_no_toml_is_told_in_one_line() {
    let message = mistakes("from = \"6.0.0\"\nto = = 1\n");
    assert!(message.starts_with("p/hookshift.toml:2:"), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn a_key_twice_is_a_mistake() {
    assert!(mistakes("to = \"6.1.0\"\nto = \"6.0.0\"\n").contains("hookshift.toml:2:"));
}

#[test]
fn paths_out_of_the_project_are_not_followed() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("p");
    for directory in ["p/.git", "p/include", "server/include"] {
        std::fs::create_dir_all(outer.path().join(directory)).unwrap();
    }
    std::fs::write(outer.path().join("mongooseim.toml"), "secret = 1").unwrap();
    let text = "include-paths = [\"include\",\n  \"../server/include\"]\nmongooseim-toml = \"../mongooseim.toml\"\n\
                baseline = \"../known.toml\"\n\n[catalog]\ndirectory = \"../server\"\n";
    let path = root.join(FILE_NAME);
    let bounds = Bounds::around(std::slice::from_ref(&root));
    let config = Config::parse(&path, text, &RULES, &bounds).unwrap();
    assert_eq!(config.include_paths, [root.join("include")]);
    assert!(config.mongooseim_toml.is_empty() && config.baseline.is_none() && config.catalog_directory.is_none());
    let refused: Vec<_> = config.refused.iter().map(|it| (it.at.unwrap(), it.message.as_str())).collect();
    let message = |name: &str| format!("`{name}` {OUTSIDE}");
    let expected = [
        ((2, 3), "../server/include"),
        ((3, 19), "../mongooseim.toml"),
        ((4, 12), "../known.toml"),
        ((7, 13), "../server"),
    ];
    let expected = expected.map(|(at, name)| (at, message(name)));
    assert_eq!(refused, expected.iter().map(|(at, text)| (*at, text.as_str())).collect::<Vec<_>>());
    // `../server` holds no catalog, which is read only of a project that is trusted.
    let trusted = Config::parse(&path, &text[..text.find("[catalog]").unwrap()], &RULES, &Bounds::default()).unwrap();
    assert!(trusted.refused.is_empty() && trusted.include_paths.len() == 2 && trusted.baseline.is_some());
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_a_link_out_of_the_project_is_not_read() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("p");
    std::fs::create_dir_all(root.join(".git")).unwrap();
    std::fs::write(outer.path().join("secret"), "password").unwrap();
    std::os::unix::fs::symlink("../secret", root.join(FILE_NAME)).unwrap();
    let error = Config::read(&root.join(FILE_NAME), &RULES, &Bounds::around(&[root])).unwrap_err().to_string();
    assert!(error.ends_with(OUTSIDE), "{error}");
}
