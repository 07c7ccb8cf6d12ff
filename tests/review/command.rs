//! The command, as a service runs it.

use std::path::Path;
use std::process::{Command, Output};

use snapbox::cmd::cargo_bin;

/// The command in a directory, without anything that whoever runs the tests has in the environment.
pub fn hookshift(directory: &Path) -> Command {
    let mut command = Command::new(cargo_bin!("hookshift"));
    command.current_dir(directory).env_clear();
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What came of it.
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Told {
    pub fn by(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Self {
            code: status.code().unwrap(),
            out: String::from_utf8(stdout).unwrap(),
            err: String::from_utf8(stderr).unwrap(),
        }
    }
}
