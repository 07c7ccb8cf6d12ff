//! The command line as people meet it: what is printed, where, and with which exit code.

mod baseline;
mod catalog;
mod first;
mod fix;
mod live;
mod streams;
mod trees;

/// The `.trycmd` files; each runs in the directory `<name>.in` beside it, when there is one.
#[test]
fn transcripts() {
    // In no service for continuous integration, whatever runs the tests.
    let cases = trycmd::TestCases::new();
    cases.env("NO_COLOR", "1").env("GITHUB_ACTIONS", "").env("GITLAB_CI", "").case("tests/cli/*.trycmd");
}
