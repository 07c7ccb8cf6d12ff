//! STUB of this branch: the rules themselves replace this file. The command line needs only [`names`].

/// The names of all rules, as `--select`, `--ignore` and the configuration file spell them.
#[must_use]
pub fn names() -> Vec<&'static str> {
    vec![
        "removed-hook",
        "changed-params",
        "changed-accumulator",
        "changed-stop",
        "changed-meaning",
        "granular-hook",
        "missing-clause",
        "drop-result",
        "unknown-hook",
        "wrong-scope",
        "handler-arity",
        "handler-not-exported",
        "local-handler",
        "untagged-result",
        "legacy-registration",
        "double-registration",
        "unbalanced-registration",
        "removed-function",
        "changed-function",
        "removed-header",
        "removed-record-field",
        "removed-run",
        "required-module",
        "unresolved-registration",
    ]
}
