//! What bad input costs: `cargo bench --bench worst`, or with `-- [--bytes N,N] [--over] [WORDS]` for some of it. For each input of
//! `inputs` it prints time and memory per byte of whole commands, one thread each.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

mod inputs;

/// How long a command may take before it is ended.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a byte may cost, in seconds.
const ALLOWED: f64 = 2e-6;

/// The commands that are measured, by the heads of their columns.
const COMMANDS: &[(&str, &[&str])] = &[
    ("check", &["check", "--threads", "1", "--from", "6.0.0", "--format", "concise"]),
    ("json", &["check", "--threads", "1", "--from", "6.0.0", "--format", "json"]),
    ("html", &["check", "--threads", "1", "--from", "6.0.0", "--format", "html"]),
    ("fix", &["fix", "--unsafe", "--threads", "1", "--from", "6.0.0"]),
];

struct Measured {
    /// Time on the processor, which other work on the machine does not change much; where the system does not tell, all time.
    elapsed: Duration,
    /// The most memory that it had, in bytes.
    peak: u64,
    /// The exit code, unless it was ended.
    code: Option<i32>,
}

fn main() {
    let mut sizes = vec![10_000, 100_000, 1_000_000];
    let (mut only_over, mut words, mut commands, mut keep) = (false, Vec::new(), Vec::new(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bytes" => {
                sizes =
                    arguments.next().unwrap_or_default().split(',').map(|it| it.parse().expect("a number")).collect()
            }
            "--over" => only_over = true,
            "--command" => commands.push(arguments.next().unwrap_or_default()),
            "--keep" => keep = arguments.next().map(PathBuf::from),
            // Cargo hands it on.
            "--bench" => {}
            _ => words.push(argument),
        }
    }
    let program =
        std::env::var_os("HOOKSHIFT").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hookshift")), PathBuf::from);
    let commands: Vec<_> =
        COMMANDS.iter().filter(|(name, _)| commands.is_empty() || commands.iter().any(|it| it == name)).collect();
    let heads: Vec<_> = commands.iter().map(|(name, _)| format!("{name} µs/B | MiB")).collect();
    println!("| input | bytes | {} |\n|---|---|{}", heads.join(" | "), "---|---|".repeat(commands.len()));
    let base: Vec<Measured> =
        commands.iter().map(|(_, command)| measure(&program, &tree(&Vec::new(), None), command)).collect();
    for input in inputs::ALL.iter().filter(|it| words.is_empty() || words.iter().any(|word| is_meant(it.name, word))) {
        for &size in &sizes {
            let files = (input.make)(size);
            let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
            let tree = tree(&files, keep.as_deref());
            let (mut line, mut is_over, mut is_ended) = (format!("| {} | {bytes}", input.name), false, false);
            for ((_, command), base) in commands.iter().zip(&base) {
                let it = measure(&program, &tree, command);
                let each = it.elapsed.saturating_sub(base.elapsed).as_secs_f64() / bytes as f64;
                let note = match it.code {
                    Some(0 | 1) => String::new(),
                    Some(code) => format!(" exit {code}"),
                    None => " ENDED".to_owned(),
                };
                let mark = if each > ALLOWED { "**" } else { "" };
                is_over |= each > ALLOWED || it.code.is_none();
                is_ended |= it.code.is_none();
                line += &format!(" | {mark}{:.2}{mark}{note} | {:.0}", each * 1e6, it.peak as f64 / 1048576.0);
            }
            if !only_over || is_over {
                println!("{line} |");
            }
            if is_ended {
                break;
            }
        }
    }
}

/// The files in a directory of their own, gone when it goes unless it is kept.
fn tree(files: &inputs::Files, keep: Option<&Path>) -> Directory {
    let path = keep.map_or_else(
        || std::env::temp_dir().join(format!("hookshift-worst-{}", std::process::id())),
        Path::to_path_buf,
    );
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a directory");
    for (name, content) in files {
        let file = path.join(name);
        std::fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        std::fs::write(file, content).expect("a file");
    }
    Directory { path, is_kept: keep.is_some() }
}

struct Directory {
    path: PathBuf,
    is_kept: bool,
}

impl Drop for Directory {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn measure(program: &Path, tree: &Directory, arguments: &[&str]) -> Measured {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .arg(&tree.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    // What it prints is read, as by whoever waits for it.
    let output = child.stdout.take().map(|mut output| {
        std::thread::spawn(move || {
            let mut sink = vec![0; 65536];
            while output.read(&mut sink).is_ok_and(|read| read > 0) {}
        })
    });
    let (mut peak, mut busy) = (0, Duration::ZERO);
    let code = loop {
        peak = peak.max(peak_of(child.id()));
        busy = busy.max(time_of(child.id()));
        if let Ok(Some(status)) = child.try_wait() {
            break status.code();
        }
        let spent = if busy.is_zero() { started.elapsed() } else { busy };
        if spent > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let elapsed = if busy.is_zero() { started.elapsed() } else { busy };
    let _ = output.map(std::thread::JoinHandle::join);
    Measured { elapsed, peak, code }
}

/// The most memory that a process had so far, in bytes; nothing where the system does not tell.
fn peak_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// How long the threads of a process were on a processor so far.
fn time_of(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().filter_map(Result::ok);
    let times = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    });
    times.sum()
}

/// Whether a word on the command line means an input: a part of its name, or with `=` before it all of it.
fn is_meant(name: &str, word: &str) -> bool {
    word.strip_prefix('=').map_or_else(|| name.contains(word), |whole| name == whole)
}
