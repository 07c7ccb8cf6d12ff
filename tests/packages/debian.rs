//! The package for Debian: built by cargo-deb from a program that is there already, judged by lintian, installed by dpkg into a root of
//! its own, and by apt where that does no harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::cargo::{SOURCES, cargo};
use super::{HOOKSHIFT, clean_directory, command, run, succeed, tool, works};

static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = SOURCES.join("target");
    fs::create_dir_all(target.join("release")).unwrap();
    let program = target.join("release/hookshift");
    // What is released has no symbols.
    succeed(command("strip", &target).arg("-o").arg(&program).arg(HOOKSHIFT));
    succeed(command(&program, &target).args(["dev", "packaging"]).arg(target.join("packaging")));
    let package = clean_directory("debian").join("hookshift.deb");
    let mut builder = cargo(&SOURCES);
    builder
        .env("CARGO_TARGET_DIR", &target)
        .args(["deb", "--no-build", "--locked", "--fast", "--output"])
        .arg(&package);
    let path = std::env::join_paths([tool("cargo/bin")].into_iter().chain(paths())).unwrap();
    succeed(builder.env("PATH", path));
    package
});

/// The package, unpacked and no more.
static UNPACKED: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = clean_directory("debian-unpacked");
    succeed(command("dpkg-deb", &root).arg("--extract").arg(&*PACKAGE).arg(&root));
    root
});

fn paths() -> Vec<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect()
}

#[test]
fn lintian_has_no_complaint() {
    let lintian = || {
        let mut lintian = command("lintian", Path::new("/"));
        lintian.args(["--allow-root", "--fail-on=error,warning"]).arg(&*PACKAGE);
        lintian
    };
    assert_eq!(run(&mut lintian()).0, Some(0), "{:?}", run(&mut lintian()));
    // It looked, and finds what is known.
    let (code, complaints, _) = run(lintian().arg("--no-override"));
    assert_eq!(code, Some(2), "{complaints}");
    assert!(complaints.starts_with("W: hookshift: initial-upload-closes-no-bugs"), "{complaints}");
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
}

#[test]
fn it_says_what_it_needs() {
    let field = |name| succeed(command("dpkg-deb", Path::new("/")).arg("--field").arg(&*PACKAGE).arg(name));
    assert!(field("Depends").contains("libc6 (>= 2."), "{}", field("Depends"));
    assert_eq!(field("Version").trim(), concat!(env!("CARGO_PKG_VERSION"), "-1"));
    assert!(field("Description").contains("needs no Erlang"));
}

#[test]
fn dpkg_installs_and_removes_it() {
    let root = clean_directory("debian-root");
    fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    fs::write(root.join("var/lib/dpkg/status"), "").unwrap();
    let dpkg = |args: &[&str]| {
        let mut dpkg = command("dpkg", &root);
        // The C library is not there, and whoever runs this need not be root.
        dpkg.arg(format!("--root={}", root.display())).args(["--force-depends", "--force-not-root", "--log=/dev/null"]);
        dpkg.args(args);
        dpkg
    };
    succeed(dpkg(&["--install"]).arg(&*PACKAGE));
    assert_eq!(succeed(&mut dpkg(&["--verify", "hookshift"])), "");
    works(&root.join("usr/bin/hookshift"), &[]);
    succeed(&mut dpkg(&["--purge", "hookshift"]));
    assert!(!root.join("usr").exists());
}

#[test]
fn apt_finds_what_it_depends_on() {
    let is_root = succeed(command("id", Path::new("/")).arg("-u")).trim() == "0";
    if !Path::new("/usr/bin/apt-get").exists() {
        eprintln!("skipped: this system has no apt");
        return;
    }
    let apt = |args: &[&str]| succeed(command("apt-get", Path::new("/")).args(args).arg("--yes"));
    let path = PACKAGE.display().to_string();
    let plan = apt(&["install", "--simulate", &path]);
    assert!(plan.contains("Inst hookshift"), "{plan}");
    // A machine that somebody works on is left as it is.
    if !is_root || std::env::var_os("CI").is_none() {
        eprintln!("only simulated: it is installed where CI is set, as root");
        return;
    }
    apt(&["install", &path]);
    works(Path::new("/usr/bin/hookshift"), &[]);
    apt(&["purge", "hookshift"]);
    assert!(!Path::new("/usr/bin/hookshift").exists());
}

#[test]
fn every_command_has_a_page() {
    let pages = UNPACKED.join("usr/share/man/man1");
    let mut names: Vec<String> =
        fs::read_dir(&pages).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let help = succeed(command(HOOKSHIFT, Path::new("/")).arg("--help"));
    let commands = help.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' ')).map(|(name, _)| name);
    let commands: Vec<&str> = commands.filter(|name| !matches!(*name, "" | "help") && !name.starts_with('-')).collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        assert!(names.contains(&format!("hookshift-{command}.1.gz")), "{command}: {names:?}");
    }
    // All but the one of the whole are told about there.
    let page = |name: &str| succeed(command("zcat", &pages).arg(name));
    let whole = page("hookshift.1.gz");
    assert!(whole.contains("hookshift\\-check(1)"), "{whole}");
    assert!(page("hookshift-check.1.gz").contains(".TH hookshift-check 1"));
    for name in &names {
        let (code, _, complaints) = run(command("groff", &pages)
            .args(["-man", "-Tutf8", "-K", "utf-8", "-ww", "-z", "/dev/stdin"])
            .stdin(fs::File::open(unzipped(&pages.join(name))).unwrap()));
        assert_eq!((code, complaints.as_str()), (Some(0), ""), "{name}");
    }
}

/// A compressed page beside which it stands as it is read.
fn unzipped(page: &Path) -> PathBuf {
    let text = succeed(command("zcat", Path::new("/")).arg(page));
    let path = clean_directory("debian-page").join("page.1");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn shells_complete_commands() {
    let share = UNPACKED.join("usr/share");
    let script = "source bash-completion/completions/hookshift; COMP_WORDS=(hookshift che); COMP_CWORD=1; \
                  _hookshift hookshift che hookshift; echo \"${COMPREPLY[*]}\"; complete -p hookshift";
    let found = succeed(command("bash", &share).args(["--norc", "-c", script]));
    assert!(found.starts_with("check\n"), "{found}");
    let script = "source fish/vendor_completions.d/hookshift.fish; complete --do-complete 'hookshift che'";
    let home = clean_directory("home");
    let found = succeed(command("fish", &share).env("HOME", home).args(["--no-config", "--command", script]));
    assert!(found.starts_with("check\tSay what"), "{found}");
    let script = "fpath=($PWD/zsh/vendor-completions $fpath); autoload -U compinit; compinit -u -D; \
                  print $_comps[hookshift]; autoload +X _hookshift && print loaded";
    let found = succeed(command("zsh", &share).args(["-f", "-c", script]));
    assert_eq!(found, "_hookshift\nloaded\n");
}
