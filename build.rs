//! Checks the catalog's TOML files and packs them, so that a run of hookshift parses no TOML and unpacks only
//! the parts it asks for. Any problem fails the build with the file's name and the cause.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde::Serialize;

#[path = "src/catalog"]
mod catalog {
    #![allow(dead_code, reason = "these files are the library's as well; this script needs a part of each")]

    pub mod check;
    pub mod delta;
    pub mod files;
    pub mod model;
    pub mod version;
}

use catalog::delta::ApiDelta;
use catalog::files::Parts;
use catalog::version::Version;

/// Holds the catalog's sources and its data, and nothing that is not either.
const CATALOG: &str = "src/catalog";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={CATALOG}");
    // Once an error is logged cargo fails the build, whatever this script returns; leaving quietly keeps cargo
    // from printing everything a second time.
    match Parts::read(Path::new(CATALOG)) {
        Ok(parts) => write_catalog(&parts),
        Err(errors) => errors.iter().for_each(|error| fail(&error.to_string())),
    }
}

fn write_catalog(parts: &Parts) {
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        return fail("OUT_DIR is not set: this script is run by cargo");
    };
    if let Err(error) = pack(parts, &out) {
        fail(&format!("{}: {error}", out.display()));
    }
}

/// Logs an error for cargo to show. A line of output is one directive, so each line becomes its own.
fn fail(message: &str) {
    for line in message.lines() {
        println!("cargo::error={line}");
    }
}

/// Writes every part into a file of its own, and the index that names them in the order of the releases.
fn pack(parts: &Parts, out: &Path) -> io::Result<()> {
    let mut index = String::from("pub(super) static RELEASES: &[PackedRelease] = &[\n");
    for (version, release) in &parts.releases {
        write_part(out, &format!("{version}.release"), release)?;
        let api = match parts.api(*version) {
            Some(api) => {
                write_part(out, &format!("{version}.api"), api)?;
                format!("Some(include_bytes!(\"{version}.api\"))")
            }
            None => "None".to_owned(),
        };
        writeln!(
            index,
            "    PackedRelease {{ version: {}, release: include_bytes!(\"{version}.release\"), api: {api} }},",
            literal(*version)
        )
        .map_err(io::Error::other)?;
    }
    index.push_str("];\npub(super) static STEPS: &[PackedStep] = &[\n");
    for ((from, to), changes) in &parts.changes {
        let name = format!("{from}-to-{to}");
        write_part(out, &format!("{name}.changes"), changes)?;
        let delta = match (parts.api(*from), parts.api(*to)) {
            (Some(old), Some(new)) => {
                write_part(out, &format!("{name}.delta"), &ApiDelta::between(old, new))?;
                format!("Some(include_bytes!(\"{name}.delta\"))")
            }
            _ => "None".to_owned(),
        };
        writeln!(
            index,
            "    PackedStep {{ from: {}, to: {}, changes: include_bytes!(\"{name}.changes\"), delta: {delta}, ends_positional: {} }},",
            literal(*from),
            literal(*to),
            !changes.positional.is_empty()
        )
        .map_err(io::Error::other)?;
    }
    index.push_str("];\n");
    fs::write(out.join("catalog.rs"), index)
}

fn write_part<T: Serialize>(out: &Path, name: &str, part: &T) -> io::Result<()> {
    let bytes = postcard::to_stdvec(part).map_err(io::Error::other)?;
    fs::write(out.join(name), bytes)
}

fn literal(Version { major, minor, patch }: Version) -> String {
    format!("super::Version::new({major}, {minor}, {patch})")
}
