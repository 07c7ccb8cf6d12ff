//! Trees of modules with something to fix, and what a run leaves of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Files below a directory, by their names in it.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The program; another build of it where `HOOKSHIFT_BINARY` says so.
pub fn program() -> PathBuf {
    std::env::var_os("HOOKSHIFT_BINARY")
        .map_or_else(|| snapbox::cmd::cargo_bin!("hookshift").to_path_buf(), PathBuf::from)
}

pub fn hookshift(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.current_dir(directory).args(args).env("GITHUB_ACTIONS", "").env("GITLAB_CI", "").env("NO_COLOR", "1");
    command.stdin(Stdio::null());
    command
}

/// All files below a directory, hidden ones as well.
pub fn read(root: &Path) -> Files {
    let (mut found, mut open) = (Files::new(), vec![root.to_path_buf()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub fn write(root: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &files.iter().map(|(name, text)| (name.into(), text.as_bytes().to_vec())).collect());
    root
}

/// Modules from parts of the corpus that have something to fix, several times over. In each copy but the first, modules have names of their own.
pub fn large(parts: &[&str], copies: usize) -> Files {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut found = Files::new();
    for (name, bytes) in parts.iter().flat_map(|part| {
        read(&corpus.join(part)).into_iter().map(move |(name, bytes)| (Path::new(part).join(name), bytes))
    }) {
        let name = name.to_str().unwrap();
        let is_erlang = name.ends_with(".erl") || name.ends_with(".hrl");
        if !is_erlang || name.contains(".after.") || name.contains(".stage.") {
            continue;
        }
        let plain = name.replace(".before.", ".");
        let module = Path::new(&plain).file_stem().unwrap().to_str().unwrap();
        for copy in 0..copies {
            let bytes = if copy == 0 { bytes.clone() } else { renamed(&bytes, module, &format!("{module}_{copy}")) };
            found.insert(Path::new(&format!("copy_{copy}")).join(&plain), bytes);
        }
    }
    found
}

/// Puts a word in the place of another one.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_alphanumeric() || b"_@".contains(it));
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let before = at.checked_sub(1).and_then(|it| bytes.get(it));
        if bytes[at..].starts_with(from.as_bytes()) && !is_word(before) && !is_word(bytes.get(at + from.len())) {
            out.extend(to.as_bytes());
            at += from.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}
