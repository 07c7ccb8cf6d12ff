//! Inputs that nobody means to give, and what has to hold for all of them.
//!
//! * [`targets`]: what is tried, one ordinary function for each; it panics where something does not hold;
//! * [`mutate`]: inputs made of others, by somebody who knows how code, configurations and messages look;
//! * [`seeds`]: what they are made of;
//! * [`limits`]: how long an input may take when libFuzzer drives;
//! * [`prepare`]: what libFuzzer needs before.
//!
//! `fuzz_targets/` has a program for each target, which libFuzzer drives; `tests/fuzz` runs the same functions for a short
//! time, without libFuzzer.

pub mod dice;
pub mod limits;
pub mod mutate;
pub mod prepare;
pub mod seeds;
pub mod targets;
pub mod words;
