//! Inputs to start from: the corpus of the tests, what it lacks, and what once broke something.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::mutate::Kind;

/// What is larger is no seed.
const MOST_BYTES: usize = 64 * 1024;

/// Directories with further seeds, with colons between them.
const MORE: &str = "HOOKSHIFT_FUZZ_SEEDS";

/// A file with its content.
pub struct Seed {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

/// What new inputs are made of.
pub struct Pool {
    modules: Vec<Seed>,
    configs: Vec<Seed>,
    sessions: Vec<Seed>,
}

impl Pool {
    /// Reads the seeds of this repository, and those in `more`.
    pub fn read(more: &[PathBuf]) -> Self {
        let root = root();
        let mut places = vec![root.join("corpus"), root.join("tests/cli"), root.join("fuzz/seeds")];
        places.extend(more.iter().cloned());
        let mut files = Vec::new();
        places.iter().for_each(|place| collect(place, &mut files));
        let read = |kind: Kind| {
            let own = files.iter().filter(|path| kind_of(path) == Some(kind));
            own.filter_map(|path| Seed::read(path)).filter(|seed| seed.bytes.len() <= MOST_BYTES).collect()
        };
        Self { modules: read(Kind::Module), configs: read(Kind::Config), sessions: read(Kind::Session) }
    }

    /// Read once for this program, with the directories that the environment names.
    pub fn shared() -> &'static Self {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(|| {
            let more = std::env::var_os(MORE).unwrap_or_default();
            Self::read(&std::env::split_paths(&more).filter(|it| it.is_dir()).collect::<Vec<_>>())
        })
    }

    pub fn of(&self, kind: Kind) -> &[Seed] {
        match kind {
            Kind::Module => &self.modules,
            Kind::Config => &self.configs,
            Kind::Session => &self.sessions,
        }
    }
}

impl Seed {
    fn read(path: &Path) -> Option<Self> {
        Some(Self { path: path.to_path_buf(), bytes: std::fs::read(path).ok()? })
    }
}

/// What once broke something in a target, and must not again.
pub fn former_crashes(target: &str) -> Vec<Seed> {
    let mut files = Vec::new();
    collect(&root().join("fuzz/crashes").join(target), &mut files);
    files.iter().filter_map(|path| Seed::read(path)).collect()
}

/// The root of the repository; this file is compiled in two packages of it.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if package.join("corpus").is_dir() { package } else { package.parent().unwrap_or(package) };
    root.to_path_buf()
}

fn kind_of(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()? {
        "erl" | "hrl" | "escript" => Some(Kind::Module),
        "toml" | "json" | "sarif" | "diff" | "config" => Some(Kind::Config),
        "jsonl" => Some(Kind::Session),
        _ => None,
    }
}

/// All files below a directory, in the order of their names.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}
