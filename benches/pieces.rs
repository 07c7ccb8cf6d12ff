//! How fast the pieces of a check are, each alone: `cargo bench`, or `cargo bench -- DIRECTORY` over other Erlang than the
//! corpus. Prints the best of many rounds, which other work on the machine disturbs least.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hookshift::catalog::{Upgrade, Version};
use hookshift::project::bounds::Bounds;
use hookshift::project::files::{self, Excludes};
use hookshift::project::options::Options;
use hookshift::project::prefilter::Prefilter;
use hookshift::source::Source;
use hookshift::syntax;
use hookshift::syntax::scan;

/// How long each piece is measured.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() {
    // Cargo hands `--bench` on.
    let directory = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let directory =
        directory.map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/acme")), PathBuf::from);
    let files = files::find(&[directory], &Excludes::default(), &Bounds::default()).paths;
    let sources: Vec<Source> = files.iter().filter_map(|path| Source::read(path).ok()).collect();
    let bytes: usize = sources.iter().map(|source| source.text().len()).sum();
    println!("{} files, {bytes} bytes", sources.len());

    let upgrade = upgrade();
    let prefilter = Prefilter::new(&upgrade, |_| false);
    measure("prefilter", bytes, || sources.iter().map(|source| prefilter.hits(source.text().as_bytes()).len()).sum());
    measure("split into forms", bytes, || sources.iter().map(|source| scan::split(source.text()).forms.len()).sum());
    measure("parse all forms", bytes, || sources.iter().map(parse_forms).sum());
    let options = options(files);
    measure("check, one thread", bytes, || hookshift::check::check(&options).map_or(0, |it| it.findings.len()));
}

fn upgrade() -> Upgrade {
    let (from, to) = (Version { major: 6, minor: 0, patch: 0 }, Version { major: 6, minor: 1, patch: 0 });
    match Upgrade::between(from, to) {
        Ok(upgrade) => upgrade,
        Err(error) => panic!("the catalog that is built in describes this upgrade: {error}"),
    }
}

fn options(files: Vec<PathBuf>) -> Options {
    Options {
        files,
        from: "6.0.0".to_owned(),
        to: "6.1.0".to_owned(),
        threads: std::num::NonZeroUsize::new(1),
        ..Options::default()
    }
}

fn parse_forms(source: &Source) -> usize {
    let forms = scan::split(source.text()).forms;
    let parse = |form: &scan::Form| syntax::parse(source.slice(form.span), form.span.start as usize);
    forms.iter().filter_map(|form| parse(form).ok()).map(|ast| ast.items.len()).sum()
}

fn measure(name: &str, bytes: usize, work: impl Fn() -> usize) {
    let started = Instant::now();
    let mut best = Duration::MAX;
    while started.elapsed() < PATIENCE {
        let round = Instant::now();
        black_box(work());
        best = best.min(round.elapsed());
    }
    println!("{name:20} {:9.1} MB/s {:12.3} ms", bytes as f64 / best.as_secs_f64() / 1e6, best.as_secs_f64() * 1e3);
}
