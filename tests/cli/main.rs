//! The command line as people meet it: what is printed, where, and with which exit code.

mod baseline;
mod catalog;
mod fix;
mod streams;
mod trees;

/// The `.trycmd` files; each runs in the directory `<name>.in` beside it, when there is one.
#[test]
fn transcripts() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cli/*.trycmd");
}
