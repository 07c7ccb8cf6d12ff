//! Standard input, output and error in all their states.

use std::process::{Command, Stdio};

fn hookshift() -> Command {
    Command::new(snapbox::cmd::cargo_bin!("hookshift"))
}

/// The schema is larger than what is written at once, so the writer does meet the closed pipe.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [["schema", "check"], ["completions", "bash"]] {
        let mut child = hookshift().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = hookshift().args(["schema", "check"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("error: cannot write to standard output: "), "{stderr}");
}

/// Neither is anything to panic about.
#[cfg(target_os = "linux")]
#[test]
fn nobody_hears_the_error_and_the_exit_code_is_right() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [&["check", "nope.erl"][..], &["chekc"][..], &["check", "--to", "x"][..]] {
        let status =
            hookshift().args(arguments).stderr(full.try_clone().unwrap()).stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}
