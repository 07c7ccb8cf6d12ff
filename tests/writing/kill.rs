//! Runs that are killed while they write: each file is the old or the new one, and a second run completes the job.
//!
//! `HOOKSHIFT_KILLS` says how many, `HOOKSHIFT_SEED` repeats the moments as far as the machine does, and `HOOKSHIFT_BINARY` names another build.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::tree::{Files, hookshift, large, read, write};

const COMMAND: [&str; 4] = ["fix", "--write", "--unsafe", "--allow-dirty"];
const KILLS: usize = 30;
/// What fits into the tests is a small tree; who says how many kills there shall be has a larger one.
const SMALL: (&[&str], usize) = (&["acme/src", "fixes"], 1);
const LARGE: (&[&str], usize) = (&["acme/src", "fixes", "legacy", "steps"], 1);
/// Where a run keeps what it is about to write.
const UNFINISHED: &str = ".hookshift-unfinished";

#[test]
fn killed_at_any_moment_each_file_is_old_or_new_and_a_second_run_completes_the_job() {
    let number = |name: &str| std::env::var(name).ok().map(|it| it.parse::<u64>().unwrap());
    let asked = number("HOOKSHIFT_KILLS");
    let kills = asked.map_or(KILLS, |it| usize::try_from(it).unwrap());
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("HOOKSHIFT_SEED").unwrap_or(since.as_secs());
    println!("HOOKSHIFT_SEED={seed}");
    let range = Range::new(if asked.is_some() { LARGE } else { SMALL });
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut seen = Seen::default();
    for round in 0..kills {
        range.take_back();
        // Three of four within the writing, the others anywhere.
        if round % 4 == 0 {
            let moment = random.up_to(range.whole);
            range.run_and_kill(|_| sleep(moment));
        } else {
            let moment = random.up_to(range.writing);
            range.run_and_kill(|child| {
                range.wait_until_it_writes(child);
                sleep(moment);
            });
        }
        range.look(&mut seen).unwrap_or_else(|wrong| panic!("HOOKSHIFT_SEED={seed}, round {round}: {wrong}"));
        range.complete().unwrap_or_else(|wrong| panic!("HOOKSHIFT_SEED={seed}, round {round}: {wrong}"));
    }
    println!(
        "{kills} kills over {} files, {} of them to be written in {:?} of {:?}: {} while writing, {} of them with files of both \
         kinds, {} before, {} after; {} temporary files left, and none by the second runs",
        range.old.len(),
        range.changed(&range.new),
        range.writing,
        range.whole,
        seen.writing,
        seen.mixed,
        seen.before,
        seen.after,
        seen.temporary,
    );
    assert!(seen.mixed * 4 > kills, "too few kills were in the middle: {seen:?}");
}

#[test]
fn who_asks_for_something_else_is_told_and_who_takes_back_starts_anew() {
    let range = Range::new(SMALL);
    for moment in 1.. {
        assert!(moment < 200, "no run could be killed in the middle");
        range.take_back();
        range.run_and_kill(|child| {
            range.wait_until_it_writes(child);
            sleep(range.writing / 200 * (moment * 37 % 200));
        });
        let mut seen = Seen::default();
        range.look(&mut seen).unwrap();
        if seen.mixed > 0 {
            break;
        }
    }
    let half = read(range.root.path());
    let run = hookshift(range.root.path(), &["fix", "--write", "--allow-dirty"]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("`hookshift fix --write --unsafe --allow-dirty` was killed here when "), "{said}");
    let now = read(range.root.path());
    let named = |it: &Files| -> Files {
        it.iter().filter(|(name, _)| is_erlang(name)).map(|(a, b)| (a.clone(), b.clone())).collect()
    };
    assert_eq!(named(&now), named(&half));
    let said = hookshift(range.root.path(), &["fix"]).output().unwrap().stderr;
    assert!(String::from_utf8(said).unwrap().contains("a run was killed here while it wrote"));
    range.take_back();
    let run = hookshift(range.root.path(), &["fix", "--write", "--allow-dirty"]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains(" more findings could be fixed with --unsafe"), "{said}");
    assert!(!range.root.path().join(UNFINISHED).exists());
}

/// A tree that is fixed over and over, with what it is before and after.
struct Range {
    root: tempfile::TempDir,
    old: Files,
    new: Files,
    /// How long a run takes, and how long it writes.
    whole: Duration,
    writing: Duration,
}

impl Range {
    fn new((parts, copies): (&[&str], usize)) -> Self {
        let mut range = Self {
            root: tempfile::tempdir().unwrap(),
            old: large(parts, copies),
            new: Files::new(),
            whole: Duration::ZERO,
            writing: Duration::ZERO,
        };
        const MEASURED: u32 = 3;
        for _ in 0..MEASURED {
            write(range.root.path(), &range.old);
            let start = Instant::now();
            let mut child = range.run().spawn().unwrap();
            range.wait_until_it_writes(&mut child);
            let writes = Instant::now();
            child.wait().unwrap();
            range.whole += start.elapsed() / MEASURED;
            range.writing += writes.elapsed() / MEASURED;
        }
        range.new = read(range.root.path());
        assert_eq!(range.new.keys().collect::<Vec<_>>(), range.old.keys().collect::<Vec<_>>());
        assert!(range.changed(&range.new) > 40, "{} files change", range.changed(&range.new));
        range
    }

    fn run(&self) -> Command {
        let mut command = hookshift(self.root.path(), &COMMAND);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run_and_kill(&self, wait: impl FnOnce(&mut Child)) {
        let mut child = self.run().spawn().unwrap();
        wait(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The first thing that is written is what a run keeps.
    fn wait_until_it_writes(&self, child: &mut Child) {
        let first = self.root.path().join(UNFINISHED);
        while !first.exists() && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(200));
        }
    }

    /// Puts the old files back, and nothing else.
    fn take_back(&self) {
        for (name, bytes) in &self.old {
            let path = self.root.path().join(name);
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                fs::write(path, bytes).unwrap();
            }
        }
    }

    fn changed(&self, files: &Files) -> usize {
        self.old.iter().filter(|(name, old)| files.get(*name) != Some(old)).count()
    }

    /// What a killed run left.
    fn look(&self, seen: &mut Seen) -> Result<(), String> {
        let mut found = read(self.root.path());
        let unfinished = found.remove(Path::new(UNFINISHED)).is_some();
        let temporary = found.len();
        found.retain(|name, _| is_erlang(name));
        let temporary = temporary - found.len();
        for (name, old) in &self.old {
            let Some(bytes) = found.get(name) else { return Err(format!("{} is gone", name.display())) };
            if bytes != old && bytes != &self.new[name] {
                return Err(format!("{} is neither old nor new: {} bytes", name.display(), bytes.len()));
            }
        }
        let (written, all) = (self.changed(&found), self.changed(&self.new));
        seen.temporary += temporary;
        let is_mixed = written > 0 && written < all;
        match (unfinished || temporary > 0 || is_mixed, written) {
            (true, _) => seen.writing += 1,
            (false, 0) => seen.before += 1,
            (false, _) => seen.after += 1,
        }
        seen.mixed += usize::from(is_mixed);
        Ok(())
    }

    /// Runs a second time.
    fn complete(&self) -> Result<(), String> {
        let run = self.run().stderr(Stdio::piped()).output().unwrap();
        let found = read(self.root.path());
        let wrong: Vec<_> = self.new.iter().filter(|(name, new)| found.get(*name) != Some(new)).collect();
        let others: Vec<_> = found.keys().filter(|name| !self.new.contains_key(*name)).collect();
        if wrong.is_empty() && others.is_empty() && matches!(run.status.code(), Some(0 | 1)) {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        let wrong: Vec<_> = wrong.iter().map(|(name, _)| name).collect();
        Err(format!(
            "after a second run ({}), {wrong:?} are not what they should be, {others:?} are left: {said}",
            run.status
        ))
    }
}

fn is_erlang(name: &Path) -> bool {
    name.extension().is_some_and(|it| it == "erl" || it == "hrl")
}

/// What killed runs were doing.
#[derive(Debug, Default)]
struct Seen {
    before: usize,
    writing: usize,
    /// Those among them where some files were written and others not.
    mixed: usize,
    after: usize,
    /// Files, and not runs.
    temporary: usize,
}

/// Xorshift; no more is asked of it than to spread moments.
struct Random(u64);

impl Random {
    fn up_to(&mut self, longest: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        longest * u32::try_from(self.0 >> 44).unwrap() / (1 << 20)
    }
}
