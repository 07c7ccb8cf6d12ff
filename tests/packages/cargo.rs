//! The crate: what `cargo package` packs is all that it takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::{clean_directory, client, copy, repository, succeed, works};

/// What is built from the sources of the crate, which other packages can build upon.
pub fn build_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/build")
}

pub fn cargo(directory: &Path) -> Command {
    let mut cargo = client(env!("CARGO"), directory);
    cargo.env("CARGO_TARGET_DIR", build_directory()).env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}

/// The crate as it would be published, unpacked.
pub static CRATE: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = clean_directory("crate");
    let target = directory.join("target");
    let args = ["package", "--quiet", "--locked", "--no-verify", "--allow-dirty", "--target-dir"];
    succeed(cargo(repository()).args(args).arg(&target));
    let name = concat!("hookshift-", env!("CARGO_PKG_VERSION"));
    // Files in a crate are all of the same age, which is before that of whatever was built.
    let archive = target.join(format!("package/{name}.crate"));
    succeed(client("tar", &directory).args(["--extract", "--gzip", "--touch", "--file"]).arg(archive));
    directory.join(name)
});

/// The crate, with what makes other packages of it beside it.
pub static SOURCES: LazyLock<PathBuf> = LazyLock::new(|| {
    // Nothing of this is there while the crate is built.
    LazyLock::force(&INSTALLED);
    copy(&repository().join("packages"), &CRATE.join("packages"));
    CRATE.clone()
});

/// The program as `cargo install` installs it, but for optimisation.
static INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = clean_directory("cargo");
    let args = ["install", "--quiet", "--locked", "--debug", "--no-track", "--path"];
    succeed(cargo(&root).args(args).arg(&*CRATE).arg("--root").arg(&root));
    root.join("bin/hookshift")
});

#[test]
fn it_has_what_it_needs_and_no_more() {
    for file in ["README.md", "CHANGELOG.md", "LICENSE", "Cargo.lock", "docs/install.md"] {
        assert!(CRATE.join(file).is_file(), "{file}");
    }
    for directory in ["corpus", "tests", "benches", "editors"] {
        assert!(!CRATE.join(directory).exists(), "{directory}");
    }
    let archive = CRATE.parent().unwrap().join("target/package");
    let archive = fs::read_dir(archive).unwrap().map(Result::unwrap).find(|it| it.file_name() != "tmp-crate").unwrap();
    // Registries take no more than 10 MiB.
    assert!(archive.metadata().unwrap().len() < 4 << 20, "{archive:?}");
}

#[test]
fn what_cargo_installs_works() {
    works(&INSTALLED, &[]);
}
