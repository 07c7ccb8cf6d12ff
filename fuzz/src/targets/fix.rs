//! All fixes of a module are applied, for several upgrades: see [`run_verified`] for what has to hold.

use hookshift::fixing::verify::run_verified;

use super::projects;

pub fn run(data: &[u8]) {
    for options in projects("src/mod_a.erl", data) {
        let outcome = run_verified(&options, &mut |_, _| true).unwrap_or_else(|broken| panic!("{broken:#}"));
        for file in &outcome.files {
            assert_eq!(file.old, data, "what is taken for the old content is another one");
        }
    }
}
