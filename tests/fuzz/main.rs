//! What the fuzzers try, for a short time and without libFuzzer: every seed, everything that once broke something, and some
//! thousand inputs that are drawn from a fixed seed. `docs/contributing.md` tells how to fuzz for longer.
//!
//! `HOOKSHIFT_FUZZ_INPUTS=100000` draws as many inputs for each target; `HOOKSHIFT_FUZZ_SEED=7` draws others.

#[allow(dead_code, reason = "also what only the fuzzers need")]
#[path = "../../fuzz/src/dice.rs"]
mod dice;
#[path = "../../fuzz/src/mutate/mod.rs"]
mod mutate;
#[allow(dead_code, reason = "also what only the fuzzers need")]
#[path = "../../fuzz/src/seeds.rs"]
mod seeds;
#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;
#[allow(dead_code, reason = "also what only the fuzzers need")]
#[path = "../../fuzz/src/words.rs"]
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use dice::Dice;
use seeds::Pool;
use targets::{TARGETS, Target};

/// Inputs are no longer than this, in bytes. The fuzzers make longer ones.
const MOST_BYTES: usize = 24 * 1024;

/// Tries all seeds, or one of so many of them, and so many inputs that are made of them.
fn run(name: &str, of_seeds: usize, inputs: usize) {
    let target = Target::named(name);
    for crash in seeds::former_crashes(name) {
        attempt(target, &crash.bytes, &crash.path.display().to_string());
    }
    let pool = Pool::shared();
    let seeds = pool.of(target.kind);
    assert!(!seeds.is_empty(), "there is nothing to start from");
    for seed in seeds.iter().step_by(of_seeds) {
        attempt(target, &seed.bytes, &seed.path.display().to_string());
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let mut dice = Dice::new(number("HOOKSHIFT_FUZZ_SEED").unwrap_or(0x5eed).try_into().unwrap_or(0));
    for input in 0..number("HOOKSHIFT_FUZZ_INPUTS").unwrap_or(inputs) {
        let seed = &dice.one_of(seeds).bytes;
        let bytes = mutate::mutate(target.kind, seed, pool, &mut dice, MOST_BYTES);
        attempt(target, &bytes, &format!("input {input}"));
    }
}

/// When it fails, the input is kept for a closer look.
fn attempt(target: &Target, bytes: &[u8], what: &str) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_err() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-failed", target.name));
        std::fs::write(&path, bytes).unwrap();
        panic!("{} fails at {what}; the input is in {}", target.name, path.display());
    }
}

#[test]
fn every_target_is_tried() {
    let tried = include_str!("main.rs");
    for target in &TARGETS {
        assert!(tried.contains(&format!("run(\"{}\",", target.name)), "nobody tries {}", target.name);
    }
}

#[test]
fn split() {
    run("split", 1, 500);
}

#[test]
fn check() {
    run("check", 10, 60);
}

#[test]
fn fix() {
    run("fix", 16, 50);
}

#[test]
fn positions() {
    run("positions", 1, 500);
}

#[test]
fn toml() {
    run("toml", 4, 80);
}

#[test]
fn suppressions() {
    run("suppressions", 12, 60);
}

#[test]
fn lsp() {
    run("lsp", 1, 80);
}
