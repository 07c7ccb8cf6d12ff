//! The packages for npm: packed, served by a registry that has nothing else, and installed from it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{HOOKSHIFT, clean_directory, command, read, repository, run, succeed, works};

/// What npm calls this platform, and Rust, with the C library that the program under test is built for.
const PLATFORM: (&str, &str) = if cfg!(target_arch = "aarch64") {
    if cfg!(target_env = "musl") {
        ("@hookshift/linux-arm64-musl", "aarch64-unknown-linux-musl")
    } else {
        ("@hookshift/linux-arm64", "aarch64-unknown-linux-gnu")
    }
} else if cfg!(target_env = "musl") {
    ("@hookshift/linux-x64-musl", "x86_64-unknown-linux-musl")
} else {
    ("@hookshift/linux-x64", "x86_64-unknown-linux-gnu")
};

/// Platforms that this one is not, whose packages have no real program here.
const OTHERS: [&str; 2] = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin"];

/// All packages, packed.
static PACKED: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = clean_directory("npm");
    let packed = directory.join("packed");
    fs::create_dir(&packed).unwrap();
    let stand_in = directory.join("stand-in");
    fs::write(&stand_in, "no program").unwrap();
    let programs = OTHERS.map(|target| (target, stand_in.as_path()));
    for (target, program) in programs.into_iter().chain([(PLATFORM.1, Path::new(HOOKSHIFT))]) {
        let package = directory.join(target);
        let script = repository().join("packages/npm/platform.mjs");
        succeed(command("node", &directory).arg(script).arg(target).arg(program).arg(&package));
        pack(&package, &packed);
    }
    pack(&repository().join("packages/npm/hookshift"), &packed);
    packed
});

fn pack(package: &Path, to: &Path) {
    succeed(npm(package).args(["pack", "--silent", "--pack-destination"]).arg(to));
}

/// npm, which asks nobody that it is not told to ask.
fn npm(directory: &Path) -> std::process::Command {
    let mut npm = command("npm", directory);
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/npm-cache");
    npm.env("npm_config_cache", cache).env("npm_config_registry", "http://127.0.0.1:1/");
    npm.env("npm_config_update_notifier", "false").env("npm_config_audit", "false").env("npm_config_fund", "false");
    npm
}

struct Registry {
    process: Child,
    address: String,
}

impl Registry {
    fn start() -> Self {
        let mut node = command("node", repository());
        node.arg("tests/packages/registry.mjs").arg(&*PACKED).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Its standard input ends with this.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Installs hookshift into a new project, with further options.
fn install(name: &str, options: &[&str]) -> PathBuf {
    let project = clean_directory(name);
    let registry = Registry::start();
    fs::write(project.join("package.json"), r#"{"private": true}"#).unwrap();
    let args = ["install", "--silent", "--prefer-online", "--registry", &registry.address, "hookshift"];
    succeed(npm(&project).args(args).args(options));
    project
}

static PROJECT: LazyLock<PathBuf> = LazyLock::new(|| install("npm-project", &[]));

#[test]
fn the_package_for_this_platform_is_chosen() {
    let installed = fs::read_dir(PROJECT.join("node_modules/@hookshift")).unwrap();
    let installed: Vec<String> = installed.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(installed, [PLATFORM.0.trim_start_matches("@hookshift/")]);
}

#[test]
fn what_npm_installs_works() {
    works(&PROJECT.join("node_modules/.bin/hookshift"), &[]);
    let (code, out, _) = run(npm(&PROJECT).args(["exec", "--no", "--", "hookshift", "check", "--format=concise", "."]));
    assert_eq!(code, Some(0), "{out}");
    let (code, _, errors) = run(npm(&PROJECT).args(["exec", "--no", "--", "hookshift", "check", "nowhere"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("nowhere"), "{errors}");
}

#[test]
fn what_lacks_a_program_says_so() {
    let project = install("npm-lacking", &["--omit=optional"]);
    let (code, out, errors) = run(command(project.join("node_modules/.bin/hookshift"), &project).arg("--version"));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(errors.contains(PLATFORM.0) && errors.contains("--omit=optional"), "{errors}");
}

#[test]
fn a_signal_ends_the_program_as_well() {
    let launcher = PROJECT.join("node_modules/hookshift/bin/hookshift.js");
    let mut node = command("node", &PROJECT);
    // A server whose input stays open runs until it is ended.
    let mut process = node.arg(launcher).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let id = process.id();
    let children = || fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let program = wait(|| Some(children().trim().to_owned()).filter(|it| !it.is_empty()));
    succeed(command("kill", &PROJECT).args(["-TERM", &id.to_string()]));
    let status = process.wait().unwrap();
    assert_eq!(status.signal(), Some(15), "{status}");
    wait(|| (!Path::new("/proc").join(&program).exists()).then_some(()));
}

/// Waits for something, but not for ever.
fn wait<T>(mut what: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it does not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_platform_that_is_named_can_be_made() {
    let main: Value = serde_json::from_str(&read("packages/npm/hookshift/package.json")).unwrap();
    let script = read("packages/npm/platform.mjs");
    let targets: Vec<&str> =
        script.lines().filter_map(|it| it.strip_prefix("  '")?.split_once('\'')).map(|it| it.0).collect();
    let directory = clean_directory("npm-platforms");
    let mut made: Vec<String> = Vec::new();
    for target in targets {
        let package = directory.join(target);
        let script = repository().join("packages/npm/platform.mjs");
        succeed(command("node", &directory).arg(script).args([target, "/dev/null"]).arg(&package));
        let manifest: Value = serde_json::from_str(&fs::read_to_string(package.join("package.json")).unwrap()).unwrap();
        assert_eq!(manifest["version"], main["version"]);
        made.push(manifest["name"].as_str().unwrap().to_owned());
        // The release is built for it.
        assert!(read(".github/workflows/release.yml").contains(target), "{target}");
    }
    made.sort();
    let named: Vec<String> = main["optionalDependencies"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(made, named);
}
