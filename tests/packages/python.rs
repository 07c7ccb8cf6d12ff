//! The wheel: built by maturin, and installed by pip into an environment of its own.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::cargo::{SOURCES, build_directory};
use super::{clean_directory, client, command, run, succeed, tool, works};

static WHEEL: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = clean_directory("wheel");
    let mut maturin = client(tool("python/bin/maturin"), &SOURCES.join("packages/python"));
    maturin.env("CARGO_TARGET_DIR", build_directory()).env("CARGO_PROFILE_DEV_DEBUG", "0");
    maturin.args(["build", "--locked", "--quiet", "--profile", "dev", "--out"]).arg(&directory);
    succeed(&mut maturin);
    let mut wheels = fs::read_dir(&directory).unwrap();
    wheels.next().unwrap().unwrap().path()
});

static ENVIRONMENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = clean_directory("venv");
    succeed(command("python3", &directory).args(["-m", "venv", "."]));
    let pip = ["install", "--quiet", "--disable-pip-version-check", "--no-index"];
    succeed(command(directory.join("bin/pip"), &directory).args(pip).arg(&*WHEEL));
    directory
});

#[test]
fn what_pip_installs_works() {
    works(&ENVIRONMENT.join("bin/hookshift"), &[]);
    works(&ENVIRONMENT.join("bin/python"), &["-m", "hookshift"]);
}

#[test]
fn it_fits_any_python_and_says_what_it_is() {
    let name = WHEEL.file_name().unwrap().to_str().unwrap();
    let expected = concat!("hookshift-", env!("CARGO_PKG_VERSION"), "-py3-none-");
    assert!(name.starts_with(expected), "{name}");
    let args = ["show", "--disable-pip-version-check", "--files", "hookshift"];
    let shown = succeed(command(ENVIRONMENT.join("bin/pip"), &ENVIRONMENT).args(args));
    for line in [
        concat!("Version: ", env!("CARGO_PKG_VERSION")),
        concat!("Summary: ", env!("CARGO_PKG_DESCRIPTION")),
        "License: Apache-2.0",
        "Requires: ",
    ] {
        assert!(shown.lines().any(|it| it.trim_end() == line.trim_end()), "{line}: {shown}");
    }
    assert!(shown.contains("licenses/LICENSE"), "{shown}");
}

#[test]
fn the_program_is_found_from_python() {
    let script = "import hookshift; print(hookshift.find_hookshift())";
    let call = |directory: &PathBuf| run(command(directory.join("bin/python"), directory).args(["-c", script]));
    let expected = format!("{}\n", ENVIRONMENT.join("bin/hookshift").display());
    assert_eq!(call(&ENVIRONMENT), (Some(0), expected, String::new()));
    // And where it is gone, that is told.
    let directory = clean_directory("venv-without");
    succeed(command("python3", &directory).args(["-m", "venv", "--without-pip", "."]));
    let mut python = command(directory.join("bin/python"), &directory);
    python.env("PYTHONPATH", SOURCES.join("packages/python/src")).env("HOME", &directory).args(["-c", script]);
    let (code, _, errors) = run(&mut python);
    assert_eq!(code, Some(1));
    assert!(errors.contains("FileNotFoundError: hookshift is in none of"), "{errors}");
}
