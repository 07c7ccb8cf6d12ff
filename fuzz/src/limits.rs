//! How long an input may take.

use crate::targets::Target;

/// The most that a program with libFuzzer's counters in it may compute over an input, in seconds; a program without them
/// takes a third. That is computing time, as other programs on the machine must not make a finding.
const SECONDS: f64 = 2.0;

/// More for long inputs, in seconds for each byte: thirty times what is promised of one analysis, as a target makes up to a dozen of
/// them, in a program that is instrumented.
const SECONDS_PER_BYTE: f64 = 60e-6;

/// Runs a target over an input, and panics when it takes too long.
pub fn run(name: &str, data: &[u8]) {
    let started = computed();
    (Target::named(name).run)(data);
    if let (Some(started), Some(ended)) = (started, computed()) {
        let (took, limit) = (ended - started, SECONDS.max(data.len() as f64 * SECONDS_PER_BYTE));
        assert!(took <= limit, "{} bytes took {took:.2} s to compute, and {limit:.2} s are allowed", data.len());
    }
}

/// The time for which all threads of this program have computed, in seconds, where the system tells.
fn computed() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may have blanks in it.
    let mut fields = status.rsplit_once(") ")?.1.split(' ').skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}
