//! The script that compares two builds, on one build which is given different settings.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::programs::{HOOKSHIFT, command, git_repository, repository, run};

/// One handler that is never called any more, and one that is to be looked at.
const MODULE: &str = "-module(mod_acme).\n-export([hooks/1, seen/3, sent/3]).\nhooks(HostType) ->\n    \
    [{c2s_update_presence, HostType, fun ?MODULE:seen/3, #{}, 50},\n     {user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50}].\n\
    seen(Acc, _Params, _Extra) ->\n    {ok, Acc}.\nsent(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n";
const QUIET: &str = "-module(mod_quiet).\n-export([start/2]).\nstart(_HostType, _Opts) ->\n    ok.\n";

struct Comparison {
    directory: TempDir,
}

impl Comparison {
    fn new() -> Self {
        let comparison = Self { directory: tempfile::tempdir().unwrap() };
        for (project, module) in [("acme", MODULE), ("quiet", QUIET)] {
            let checkout = git_repository(&[("src/a.erl", module)]);
            std::fs::rename(checkout.keep(), comparison.path(project)).unwrap();
        }
        std::fs::write(comparison.path("list"), "acme # it has handlers\n\n# nothing\nquiet\n").unwrap();
        comparison
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A build that answers `check` and `fix` in another way.
    fn build(&self, name: &str, case: &str) -> PathBuf {
        let path = self.path(name);
        let script = format!("#!/bin/sh\ncase $1 in\n{case}\n*) exec {HOOKSHIFT} \"$@\" ;;\nesac\n");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn run(&self, old: &Path, new: &Path, options: &[&str]) -> (Option<i32>, String, String) {
        let mut script = command(repository().join("ci/ecosystem"), self.directory.path());
        run(script.args([old, new, Path::new("list")]).arg("--").args(options))
    }
}

/// The figures of a project in the report, without the times.
fn row(report: &str, project: &str) -> Vec<usize> {
    let line =
        report.lines().find(|line| line.starts_with(&format!("| {project} |"))).unwrap_or_else(|| panic!("{report}"));
    line.split('|').skip(2).take(8).map(|it| it.trim().parse().unwrap()).collect()
}

#[test]
fn a_build_does_not_differ_from_itself() {
    let comparison = Comparison::new();
    let program = Path::new(HOOKSHIFT);
    let (code, report, stderr) = comparison.run(program, program, &["--from=6.0.0", "--to=6.1.0"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(report.starts_with("# Ecosystem: 0 of 2 projects differ\n"), "{report}");
    let acme = row(&report, "acme");
    assert!(acme[0] > 0 && acme[0] == acme[1], "{acme:?}");
    assert_eq!((&acme[2..], row(&report, "quiet")), (&[0; 6][..], vec![0; 8]));
    assert!(!report.contains("<details>"), "{report}");
}

#[test]
fn what_one_build_finds_and_fixes_alone_is_shown() {
    let comparison = Comparison::new();
    let old = comparison.build("old", &format!("check|fix) exec {HOOKSHIFT} \"$@\" --ignore removed-hook ;;"));
    let (code, report, _) = comparison.run(&old, Path::new(HOOKSHIFT), &[]);
    assert_eq!(code, Some(1), "{report}");
    let acme = row(&report, "acme");
    assert_eq!((acme[1] - acme[0], acme[2], acme[3], acme[7]), (1, 1, 0, 0), "{report}");
    assert!(acme[6] == 1 && report.contains("a new fix") || report.contains("another fix"), "{report}");
    assert!(report.contains("+`src/a.erl:4` error [removed-hook] 'c2s_update_presence' is not run"), "{report}");
    assert!(report.contains("## acme") && !report.contains("## quiet"), "{report}");
    // The other way round it is what went.
    let (_, report, _) = comparison.run(Path::new(HOOKSHIFT), &old, &[]);
    assert!(report.contains("-`src/a.erl:4` error [removed-hook]"), "{report}");
    assert_eq!(row(&report, "acme")[2..4], [0, 1]);
}

/// Each finding names the target: that alone is no difference.
#[test]
fn another_target_is_told_once() {
    let comparison = Comparison::new();
    let build = |name: &str, to: &str| {
        comparison.build(name, &format!("check|fix) exec {HOOKSHIFT} \"$@\" --select removed-hook --to {to} ;;"))
    };
    let (code, report, _) = comparison.run(&build("old", "6.1.0"), &build("new", "6.2.0"), &["--from=6.0.0"]);
    let acme = row(&report, "acme");
    assert_eq!((code, &acme[..5]), (Some(0), &[1, 1, 0, 0, 0][..]), "{report}");
}

#[test]
fn a_build_that_fails_is_told() {
    let comparison = Comparison::new();
    let new = comparison.build("new", "fix) echo 'it <b>broke</b>' >&2; exit 101 ;;");
    let (code, report, _) = comparison.run(Path::new(HOOKSHIFT), &new, &[]);
    assert_eq!(code, Some(2), "{report}");
    assert!(report.contains("exit code 101: it &lt;b>broke&lt;/b>"), "{report}");
    let silent = comparison.build("silent", "check) exit 0 ;;");
    let (code, report, _) = comparison.run(Path::new(HOOKSHIFT), &silent, &[]);
    assert!(code == Some(2) && report.contains("check: no report"), "{report}");
}
