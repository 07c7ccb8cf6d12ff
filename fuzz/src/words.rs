//! Words that mean something to hookshift: names out of the catalog, of rules and of Erlang.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use hookshift::catalog::Catalog;

/// What Erlang itself gives a meaning to, and what stands around hooks in every release.
const FIXED: &[&str] = &[
    "after",
    "begin",
    "case",
    "catch",
    "else",
    "end",
    "fun",
    "if",
    "maybe",
    "of",
    "receive",
    "try",
    "when",
    "andalso",
    "orelse",
    "module",
    "export",
    "import",
    "include",
    "include_lib",
    "define",
    "undef",
    "ifdef",
    "ifndef",
    "endif",
    "record",
    "spec",
    "type",
    "callback",
    "behaviour",
    "behavior",
    "compile",
    "export_all",
    "ok",
    "stop",
    "drop",
    "error",
    "undefined",
    "true",
    "false",
    "global",
    "gen_hook",
    "ejabberd_hooks",
    "add_handler",
    "add_handlers",
    "delete_handler",
    "delete_handlers",
    "add",
    "delete",
    "hooks",
    "start",
    "init",
    "gen_mod",
    "mongoose_acc",
    "mongoose_c2s",
    "mongoose_hooks",
    "run_fold",
    "host_type",
    "apply",
];

/// Names of hooks, of functions and modules of the server, of keys and of options, sorted; and what [`FIXED`] has.
pub fn all() -> &'static [String] {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let catalog = Catalog::embedded();
        let mut words: BTreeSet<String> = FIXED.iter().map(|&word| word.to_owned()).collect();
        words.extend(hookshift::rules::names().into_iter().map(str::to_owned));
        words.extend(catalog.hook_names().into_iter().map(str::to_owned));
        let versions: Vec<_> = catalog.releases().collect();
        for release in versions.iter().filter_map(|version| catalog.release(*version)) {
            for hook in &release.hooks {
                words.extend(hook.parameters.iter().chain(&hook.arguments).map(|it| it.key.clone()));
            }
            words.extend(release.handlers.iter().map(|it| it.module.clone()));
        }
        for (from, to) in catalog.steps().collect::<Vec<_>>() {
            let Ok(upgrade) = catalog.upgrade(from, to) else { continue };
            for (_, changes) in upgrade.described() {
                words.extend(changes.config.iter().map(|it| it.path.clone()));
                words.extend(changes.api.iter().flat_map(|it| parts(&it.name)));
                words.extend(changes.metrics.iter().map(|it| it.name.clone()));
            }
        }
        words.into_iter().filter(|word| !word.is_empty()).collect()
    })
}

/// `module:function/3`, and the module and the function alone.
fn parts(name: &str) -> Vec<String> {
    let without_arity = name.split('/').next().unwrap_or(name);
    let mut parts = vec![name.to_owned(), without_arity.to_owned()];
    parts.extend(without_arity.split(':').map(str::to_owned));
    parts
}

/// All of them in the form of libFuzzer's dictionaries.
pub fn dictionary() -> String {
    let punctuation = [
        "->",
        "=>",
        ":=",
        "<-",
        "<=",
        "||",
        "<<",
        ">>",
        "#{",
        "fun ?MODULE:",
        "\"\"\"",
        "~\"",
        "%% hookshift: ignore[",
        "-ifdef(",
        "-endif.\n",
        "<<<<<<< ",
        "=======\n",
        ">>>>>>> ",
        "[[",
        "]]",
        "{{#if ",
        "{{/if}}",
        "\u{feff}",
        "%% coding: latin-1\n",
        "\r\n",
    ];
    let words = all().iter().map(String::as_str).chain(punctuation);
    words.map(|word| format!("\"{}\"\n", escaped(word))).collect()
}

fn escaped(word: &str) -> String {
    let escape = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    };
    word.bytes().map(escape).collect()
}
