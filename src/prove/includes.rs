//! Whether what a module includes stays inside of the project. The compiler quotes what it cannot understand, so a header that
//! is no header would be told word for word.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ProveOptions;
use super::headers::SearchPath;
use crate::outline::Module;
use crate::project::bounds::Bounds;
use crate::project::config::OUTSIDE;
use crate::source::Source;
use crate::syntax::scan::{Token, Tokens};

/// More headers than this have no real project.
const MOST: usize = 2_000;

/// Follows the includes of a text that is compiled in the first of some directories, which must be there, in place of what is at
/// `path`.
///
/// # Errors
/// One leads out, or may; says which.
pub fn stay_inside(
    path: &Path,
    directories: &[PathBuf],
    text: &[u8],
    search: &SearchPath,
    options: &ProveOptions,
) -> Result<(), String> {
    let mut bounds = options.bounds.clone();
    for directory in options.include_dirs.iter().chain(&options.server) {
        bounds = bounds.and(directory);
    }
    let mut seen = BTreeSet::new();
    let places: Vec<&Path> = directories.iter().chain(&search.include).map(PathBuf::as_path).collect();
    let mut next = vec![(path.to_path_buf(), text.to_vec())];
    while let Some((path, text)) = next.pop() {
        // What is no text is no header either, and not for this to tell.
        let Ok(source) = Source::from_bytes(path.clone(), text) else { continue };
        let module = Module::new(Arc::new(source));
        for include in includes(&module) {
            let place = || format!("{}:{}", path.display(), module.source().line_index(include.start) + 1);
            let name = &include.name;
            let beside = path.parent().into_iter().chain(places.iter().copied());
            let found = follow(&include, beside, &bounds).map_err(|()| format!("{}: `{name}` {OUTSIDE}", place()))?;
            if let Some(header) = found.filter(|it| seen.insert(it.clone())) {
                if seen.len() > MOST {
                    return Err(format!("{}: more than {MOST} headers are included", place()));
                }
                let Ok(text) = std::fs::read(&header) else { continue };
                next.push((header, text));
            }
        }
    }
    Ok(())
}

struct Included {
    /// As it is written, without quotes.
    name: String,
    start: u32,
    lib: bool,
    /// It is more than one string, or has escapes in it: what it means is not worth knowing.
    is_odd: bool,
}

fn includes(module: &Module) -> Vec<Included> {
    let source = module.source();
    let mut found = Vec::new();
    for (_, form) in module.forms() {
        let name = source.slice(form.name);
        let (lib, is_spelled_out) = match name.trim_matches('\'') {
            "include" => (false, true),
            "include_lib" => (true, true),
            // Any name can be written with escapes.
            other if other.contains('\\') => (false, false),
            _ => continue,
        };
        let tokens = Tokens::new(source.slice(form.span), form.span.start as usize);
        let strings: Vec<_> =
            tokens.filter(|(token, _)| *token == Token::String).map(|(_, span)| source.slice(span)).collect();
        let Some(first) = strings.first() else { continue };
        let is_odd = !is_spelled_out
            || strings.len() > 1
            || first.contains('\\')
            || !first.starts_with('"')
            || first.starts_with("\"\"");
        found.push(Included { name: first.trim_matches('"').to_owned(), start: form.span.start, lib, is_odd });
    }
    found
}

/// The file that is included, where it is one of the project; `None` where there is none, or it is one of Erlang's own.
fn follow<'p>(
    include: &Included,
    places: impl Iterator<Item = &'p Path>,
    bounds: &Bounds,
) -> Result<Option<PathBuf>, ()> {
    let name = Path::new(&include.name);
    let climbs = name.components().any(|it| it == std::path::Component::ParentDir);
    // A name that starts with `$` is a variable of the environment; a library's name may be any application of Erlang.
    if include.is_odd || include.name.starts_with('$') || include.lib && climbs {
        return Err(());
    }
    match places.map(|it| it.join(name)).find(|it| it.exists()) {
        Some(path) if bounds.hold(&path) => Ok(Some(path)),
        Some(_) => Err(()),
        None => Ok(None),
    }
}
