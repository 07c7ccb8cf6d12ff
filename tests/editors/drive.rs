//! Runs an editor through a list of steps.
//!
//! The steps are handed to a script in the editor as JSON, and what came of each is written down by it. The editor has a home
//! directory of its own, and finds `hookshift` on its search path, as that of a person.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long a whole run may take.
const LIMIT: Duration = Duration::from_secs(150);

/// How long the editor's script waits for one thing, in milliseconds.
const PATIENCE: u64 = 40_000;

/// How often a key is pressed in an editor that has a keyboard. Nothing is bound to it: it only lets time pass there, as
/// what is put off until somebody pauses is put off for ever when nobody types at all.
const BEAT: Duration = Duration::from_millis(150);

/// What stands around an editor.
pub(crate) struct Desk {
    directory: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir(desk.path("bin")).unwrap();
        // Says on the way what the server says to nobody, and how it ends.
        let wrapper = format!(
            "#!/bin/sh\n'{}' \"$@\" 2>>'{}'\nstatus=$?\necho $status >>'{}'\nexit $status\n",
            env!("CARGO_BIN_EXE_hookshift"),
            desk.path("server.log").display(),
            desk.path("ends").display()
        );
        std::fs::write(desk.path("bin/hookshift"), wrapper).unwrap();
        std::fs::set_permissions(desk.path("bin/hookshift"), PermissionsExt::from_mode(0o755)).unwrap();
        desk
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Puts a file into the home directory.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.path("home").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A program that runs here.
    pub fn command(&self, program: &str, directory: &Path) -> Command {
        let home = self.path("home");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.current_dir(directory).env("HOME", &home);
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "VIMINIT", "NVIM"] {
            command.env_remove(variable);
        }
        command.env("PATH", format!("{}:{path}", self.path("bin").display()));
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        command.env("JOB", self.path("job.json")).env("REPORT", self.path("report.json"));
        command
    }

    /// Runs the editor, and returns what came of each step.
    pub fn run(&self, mut editor: Command, steps: &[Value]) -> Vec<Value> {
        let job = json!({"patience": PATIENCE, "steps": steps});
        std::fs::write(self.path("job.json"), job.to_string()).unwrap();
        let output = File::create(self.path("output")).unwrap();
        editor.stdin(Stdio::piped()).stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        let mut child = editor.spawn().unwrap_or_else(|error| panic!("{}: {error}", editor.get_program().display()));
        let mut keyboard = child.stdin.take().unwrap();
        let start = Instant::now();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if start.elapsed() > LIMIT {
                let group = format!("-{}", child.id());
                let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
                let _ = child.wait();
                break None;
            }
            // Nobody reads it in the end.
            let _ = keyboard.write_all(b"\x1e");
            std::thread::sleep(if start.elapsed() < BEAT { BEAT / 5 } else { BEAT });
        };
        let report = std::fs::read(self.path("report.json")).unwrap_or_default();
        let report: Value = serde_json::from_slice(&report).unwrap_or_default();
        match report["answers"].as_array() {
            Some(answers) if answers.len() == steps.len() => answers.clone(),
            _ => panic!(
                "the editor ended with {ended:?} after {:?}: {}\n{}",
                start.elapsed(),
                report["error"].as_str().unwrap_or("no report"),
                self.story(steps)
            ),
        }
    }

    /// The exit codes of the servers that ended by themselves.
    pub fn ends(&self) -> String {
        std::fs::read_to_string(self.path("ends")).unwrap_or_default()
    }

    /// Everything that was said, for somebody who has to find out what went wrong.
    pub fn story(&self, steps: &[Value]) -> String {
        let mut story = String::from("---- steps and what came of them\n");
        let report = std::fs::read(self.path("report.json")).unwrap_or_default();
        let report: Value = serde_json::from_slice(&report).unwrap_or_default();
        for (at, step) in steps.iter().enumerate() {
            story.push_str(&format!("{step}\n    {}\n", report["answers"][at]));
        }
        for (name, path) in [
            ("the editor's output", "output"),
            ("the server's standard error", "server.log"),
            ("the editor's log of the protocol", "home/.cache/nvim/lsp.log"),
            ("the editor's log of the protocol", "protocol.log"),
        ] {
            let Ok(bytes) = std::fs::read(self.path(path)) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(40)..];
            let short = last.iter().map(|line| line.chars().take(400).collect::<String>());
            story.push_str(&format!("---- {name}\n{}\n", short.collect::<Vec<_>>().join("\n")));
        }
        story
    }
}
