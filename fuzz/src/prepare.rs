//! What a fuzzer writes down before it is started: where it starts from, and which words it may use.

use std::io;
use std::path::Path;

use crate::seeds::{Pool, former_crashes};
use crate::targets::Target;
use crate::words;

/// Names a directory: then the program writes the dictionary and the seeds of its target there, and ends.
const PREPARE: &str = "HOOKSHIFT_FUZZ_PREPARE";

/// Prepares instead of fuzzing, when it is asked to.
pub fn if_asked(target: &str) {
    let Some(directory) = std::env::var_os(PREPARE) else { return };
    match prepare(Target::named(target), Path::new(&directory)) {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("{}: {error}", directory.display());
            std::process::exit(2);
        }
    }
}

/// Seeds are named by number, as those of several directories may be called the same.
fn prepare(target: &Target, directory: &Path) -> io::Result<()> {
    let seeds = directory.join("seeds");
    std::fs::create_dir_all(&seeds)?;
    std::fs::write(directory.join("dictionary"), words::dictionary())?;
    let crashes = former_crashes(target.name);
    for (number, seed) in Pool::shared().of(target.kind).iter().chain(&crashes).enumerate() {
        std::fs::write(seeds.join(format!("{number:05}")), &seed.bytes)?;
    }
    Ok(())
}
