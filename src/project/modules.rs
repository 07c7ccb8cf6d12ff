//! The modules and headers of a project by name, loaded when something asks for them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::bounds::Bounds;
use super::mentions::{Mentions, NameHash};
use super::trace;
use crate::outline::{self, FormIndex, Include, Module};
use crate::source::{MAX_ANALYSED_BYTES, Overlay, Source};
use crate::syntax::ast::Name;

/// All source files of a project; each is read at most once, and only if needed.
#[derive(Default)]
pub struct Modules {
    files: Vec<File>,
    modules: FxHashMap<Name, Vec<usize>>,
    headers: FxHashMap<Name, Vec<usize>>,
    /// Directories outside the checked files in which headers are looked up.
    include_paths: Vec<PathBuf>,
    /// Where code may lead.
    bounds: Bounds,
    /// Files that were looked for though they are not among the checked ones.
    outside: Mutex<FxHashMap<PathBuf, Option<Arc<Module>>>>,
    /// Texts in place of what is on disk.
    overlay: Overlay,
    /// The files in which words stand that somebody asked for.
    words: Mutex<FxHashMap<String, Vec<usize>>>,
    /// Macro definitions from the configuration, as the definitions of a header of its own.
    predefined: Option<Arc<Module>>,
}

struct File {
    path: PathBuf,
    loaded: OnceLock<Option<Arc<Module>>>,
    /// Of a file that was looked at and not loaded.
    mentions: OnceLock<Mentions>,
}

/// How many headers may include each other before the chain is cut.
const MAX_INCLUDE_DEPTH: usize = 16;

impl Modules {
    /// Indexes the files by their names; reads none of them. `macros` are definitions from the configuration:
    /// a name, or a name with parameters, and an Erlang expression.
    #[must_use]
    pub fn new(
        paths: impl IntoIterator<Item = PathBuf>,
        include_paths: &[PathBuf],
        macros: &[(String, String)],
    ) -> Self {
        let mut modules =
            Self { predefined: predefined(macros), include_paths: include_paths.to_vec(), ..Self::default() };
        for path in paths {
            modules.add(path);
        }
        modules.files.shrink_to_fit();
        modules
    }

    /// Reads files as they stand in `overlay`, where they do.
    #[must_use]
    pub fn with_overlay(mut self, overlay: &Overlay) -> Self {
        self.overlay = overlay.clone();
        self
    }

    /// Reads nothing outside because code names it.
    #[must_use]
    pub fn within(mut self, bounds: &Bounds) -> Self {
        self.bounds = bounds.clone();
        self
    }

    fn add(&mut self, path: PathBuf) -> usize {
        let index = self.files.len();
        let names = match path.extension().and_then(|extension| extension.to_str()) {
            Some("hrl") => &mut self.headers,
            _ => &mut self.modules,
        };
        names.entry(outline::stem(&path)).or_default().push(index);
        self.files.push(File { path, loaded: OnceLock::new(), mentions: OnceLock::new() });
        index
    }

    /// Puts a module that was read already in its place.
    pub fn insert(&self, module: &Arc<Module>) {
        let name = outline::stem(module.source().path());
        let candidates = self.modules.get(&name).or_else(|| self.headers.get(&name));
        for &index in candidates.into_iter().flatten() {
            if self.files[index].path == module.source().path() {
                let _ = self.files[index].loaded.set(Some(Arc::clone(module)));
            }
        }
    }

    /// The number of a file, counted in the order in which [`Modules::new`] got the paths.
    #[must_use]
    pub fn index_of(&self, path: &Path) -> Option<usize> {
        let name = outline::stem(path);
        let named = [&self.modules, &self.headers].into_iter().filter_map(|by_name| by_name.get(&name)).flatten();
        named.copied().find(|&index| self.files[index].path == path)
    }

    /// The module that a file was loaded as, if it was.
    #[must_use]
    pub fn loaded_from(&self, path: &Path) -> Option<Arc<Module>> {
        self.files[self.index_of(path)?].loaded.get().cloned().flatten()
    }

    /// Puts another content in the place of a file's; with `None`, it is read again when somebody asks for it.
    pub fn replace(&mut self, index: usize, module: Option<Arc<Module>>) {
        let words = self.words.get_mut().unwrap_or_else(PoisonError::into_inner);
        match &module {
            Some(module) => {
                for (word, found) in words {
                    let has = module.source().text().contains(word.as_str());
                    match (has, found.binary_search(&index)) {
                        (true, Err(at)) => found.insert(at, index),
                        (false, Ok(at)) => drop(found.remove(at)),
                        _ => {}
                    }
                }
            }
            None => words.clear(),
        }
        let loaded = module.map_or_else(OnceLock::new, |module| OnceLock::from(Some(module)));
        let path = std::mem::take(&mut self.files[index].path);
        self.files[index] = File { path, loaded, mentions: OnceLock::new() };
    }

    /// Notes what the file of this number mentions, counted in the order in which [`Modules::new`] got the paths.
    pub fn note(&self, index: usize, mentions: Mentions) {
        let _ = self.files[index].mentions.set(mentions);
    }

    /// Whether the file of this number may mention one of the modules or headers; `true` when nobody looked.
    #[must_use]
    pub fn may_mention(&self, index: usize, names: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
        let mentions = self.files[index].mentions.get();
        mentions
            .is_none_or(|known| names.into_iter().any(|name| known.may_have(NameHash::of(name.as_ref().as_bytes()))))
    }

    /// The headers of the project that include one of these, directly or through others, and these: file names.
    #[must_use]
    pub fn headers_with(&self, names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = names.into_iter().collect();
        loop {
            let before = found.len();
            for &index in self.headers.values().flatten() {
                let Some(name) = self.files[index].path.file_name().and_then(OsStr::to_str) else { continue };
                // Unlike modules, headers are asked exactly: each that came in by mistake would bring in others.
                let includes = |text: &[u8]| found.iter().any(|it| memchr::memmem::find(text, it.as_bytes()).is_some());
                if !found.contains(name) && self.may_mention(index, &found) && self.file_has(index, includes) {
                    found.insert(name.to_owned());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    fn load(&self, index: usize) -> Option<Arc<Module>> {
        trace::file(index);
        let file = &self.files[index];
        file.loaded.get_or_init(|| self.read(&file.path)).clone()
    }

    /// A file that is not larger than what is looked into.
    fn read(&self, path: &Path) -> Option<Arc<Module>> {
        let source = self.overlay.read(path).ok().filter(|source| source.text().len() <= MAX_ANALYSED_BYTES)?;
        Some(Arc::new(Module::new(Arc::new(source))))
    }

    /// Whether a file of the project is named after this module.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.modules.contains_key(name)
    }

    /// A module by name. Of several with one name, the one whose path has most in common with `near`; of those that
    /// are not among the checked files, the one beside `near`.
    #[must_use]
    pub fn module(&self, name: &str, near: &Path) -> Option<Arc<Module>> {
        match self.modules.get(name) {
            Some(candidates) => self.load(self.nearest(candidates, near)?),
            None => self.beside([near.with_file_name(format!("{name}.erl"))]),
        }
    }

    fn nearest(&self, candidates: &[usize], near: &Path) -> Option<usize> {
        let common = |index: usize| {
            self.files[index].path.components().zip(near.components()).take_while(|(a, b)| a == b).count()
        };
        // The first of the best, so that the order of files decides and nothing else.
        candidates.iter().copied().rev().max_by_key(|&index| common(index))
    }

    /// The header that an include means: the project's own, else one in a configured directory.
    fn header(&self, include: &Include, from: &Path) -> Option<Arc<Module>> {
        let configured = || self.include_paths.iter().map(|directory| directory.join(&include.path));
        self.own_header(include, from).or_else(|| self.beside(configured()))
    }

    /// The project's header that an include means: one of the checked files, else one that is found as the compiler would
    /// find it, beside the file or in its application's `include`.
    #[must_use]
    pub fn own_header(&self, include: &Include, from: &Path) -> Option<Arc<Module>> {
        match self.checked_header(include, from) {
            Some(index) => self.load(index),
            None => self.beside(places_beside(include, from)),
        }
    }

    /// The header among the checked files that an include means.
    fn checked_header(&self, include: &Include, from: &Path) -> Option<usize> {
        let name = outline::stem(Path::new(&include.path));
        self.headers.get(&name).and_then(|candidates| self.nearest(candidates, from))
    }

    /// The includes of a module that mean a file outside of the project, which is not read.
    /// `known` has the files that were asked for already: whether they are inside, `None` for those that are not there.
    pub fn leading_out<'m>(
        &self,
        module: &'m Module,
        known: &mut FxHashMap<PathBuf, Option<bool>>,
    ) -> Vec<&'m Include> {
        if self.bounds.hold_all() {
            return Vec::new();
        }
        let from = module.source().path();
        let mut is_inside = |path: PathBuf| {
            let look = |path: &PathBuf| path.is_file().then(|| self.bounds.hold(path));
            *known.entry(path).or_insert_with_key(look)
        };
        let includes = module.header().includes.iter().filter(|include| {
            let configured = || self.include_paths.iter().map(|directory| directory.join(&include.path));
            let mut places = places_beside(include, from).chain(configured());
            self.checked_header(include, from).is_none() && places.find_map(&mut is_inside) == Some(false)
        });
        includes.collect()
    }

    /// The first of these files that there is, although it is not among the checked ones.
    fn beside(&self, candidates: impl IntoIterator<Item = PathBuf>) -> Option<Arc<Module>> {
        let mut known = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        candidates.into_iter().find_map(|path| {
            let read = |path: &Path| {
                let source = self.bounds.hold(path).then(|| self.overlay.read(path).ok()).flatten();
                source.map(|source| Arc::new(Module::new(Arc::new(source))))
            };
            known.entry(path).or_insert_with_key(|path| read(path)).clone()
        })
    }

    /// The definitions of a macro as `module` sees them: its own, then those of the headers that it includes, then
    /// those of the configuration. `arity` is `None` for a use without parentheses.
    #[must_use]
    pub fn definitions(&self, module: &Arc<Module>, name: &str, arity: Option<usize>) -> Vec<(Arc<Module>, FormIndex)> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        self.collect_definitions(module, name, arity, &mut seen, &mut found);
        if found.is_empty()
            && let Some(predefined) = &self.predefined
        {
            definitions_in(predefined, name, arity, &mut found);
        }
        found
    }

    fn collect_definitions(
        &self,
        module: &Arc<Module>,
        name: &str,
        arity: Option<usize>,
        seen: &mut Vec<PathBuf>,
        found: &mut Vec<(Arc<Module>, FormIndex)>,
    ) {
        let path = module.source().path();
        if seen.len() >= MAX_INCLUDE_DEPTH || seen.iter().any(|known| known == path) {
            return;
        }
        seen.push(path.to_path_buf());
        definitions_in(module, name, arity, found);
        for include in &module.header().includes {
            if !found.is_empty() {
                return;
            }
            if let Some(header) = self.header(include, path) {
                self.collect_definitions(&header, name, arity, seen, found);
            }
        }
    }

    /// The headers that a module includes, directly or through others, as far as they can be read.
    #[must_use]
    pub fn headers(&self, module: &Arc<Module>) -> Vec<Arc<Module>> {
        let mut found: Vec<Arc<Module>> = Vec::new();
        let mut next: Vec<Arc<Module>> = vec![Arc::clone(module)];
        for _ in 0..MAX_INCLUDE_DEPTH {
            let mut deeper = Vec::new();
            for from in next {
                for include in &from.header().includes {
                    let known = |header: &Arc<Module>| {
                        found.iter().any(|other| other.source().path() == header.source().path())
                    };
                    if let Some(header) = self.header(include, from.source().path()).filter(|header| !known(header)) {
                        found.push(Arc::clone(&header));
                        deeper.push(header);
                    }
                }
            }
            if deeper.is_empty() {
                break;
            }
            next = deeper;
        }
        found
    }

    /// Whether a header of this file name is part of the project.
    #[must_use]
    pub fn has_header(&self, file_name: &str) -> bool {
        file_name.strip_suffix(".hrl").is_some_and(|stem| self.headers.contains_key(stem))
    }

    /// The modules in which one of the functions, given with their modules, may be called; those that were not loaded
    /// yet are read for it.
    pub(super) fn callers_of(&self, functions: &[(&str, &str)]) -> Vec<Arc<Module>> {
        let called = |text: &[u8]| {
            functions.iter().any(|(_, function)| memchr::memmem::find(text, function.as_bytes()).is_some())
        };
        let modules = || functions.iter().map(|(module, _)| module);
        functions.iter().for_each(|(_, function)| trace::word(function));
        let mut found = Vec::new();
        for &index in self.modules.values().flatten() {
            if self.may_mention(index, modules()) && self.file_has(index, called) {
                found.extend(self.load(index));
            }
        }
        found
    }

    /// The modules and headers in whose texts all of the words stand, in the order of files. Nothing is kept of it, so this is
    /// for what is asked once, and reads no file for longer than it takes to look.
    pub fn with_words<'a>(&'a self, words: &[&str]) -> impl Iterator<Item = Arc<Module>> + use<'a> {
        words.iter().for_each(|word| trace::word(word));
        let words: Vec<_> =
            words.iter().map(|word| memchr::memmem::Finder::new(word.as_bytes()).into_owned()).collect();
        let has_all = move |text: &[u8]| words.iter().all(|word| word.find(text).is_some());
        (0..self.files.len()).filter(move |&index| self.file_has(index, &has_all)).filter_map(|index| self.load(index))
    }

    /// The modules and headers in whose text a word stands, in the order of files; those that were not loaded yet are read
    /// for it when a word is first asked for.
    #[must_use]
    pub fn with_word(&self, word: &str) -> Vec<Arc<Module>> {
        trace::word(word);
        let mut known = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry(word.to_owned()).or_insert_with(|| {
            let has = |text: &[u8]| memchr::memmem::find(text, word.as_bytes()).is_some();
            (0..self.files.len()).filter(|&index| self.file_has(index, has)).collect()
        });
        found.iter().filter_map(|&index| self.load(index)).collect()
    }

    /// Whether a file's text has something; when it is not loaded, it is read for the question alone.
    fn file_has(&self, index: usize, has: impl Fn(&[u8]) -> bool) -> bool {
        let file = &self.files[index];
        match file.loaded.get() {
            Some(module) => module.as_ref().is_some_and(|module| has(module.source().text().as_bytes())),
            None => self.overlay.with_bytes(&file.path, has).unwrap_or(false),
        }
    }

    /// The header files of the project.
    pub fn header_paths(&self) -> impl Iterator<Item = &Path> {
        self.headers.values().flatten().map(|&index| self.files[index].path.as_path())
    }

    /// Every module that was read so far, for what they say about what could not be analysed.
    pub fn loaded(&self) -> impl Iterator<Item = &Arc<Module>> {
        self.files.iter().filter_map(|file| file.loaded.get()?.as_ref())
    }
}

/// Where the compiler would find a header: beside the file, or in its application's `include`.
fn places_beside(include: &Include, from: &Path) -> impl Iterator<Item = PathBuf> {
    let directory = from.parent().unwrap_or(Path::new(""));
    let own = (!include.lib).then(|| [directory.join(&include.path), directory.join("../include").join(&include.path)]);
    own.into_iter().flatten()
}

fn definitions_in(module: &Arc<Module>, name: &str, arity: Option<usize>, found: &mut Vec<(Arc<Module>, FormIndex)>) {
    for definition in &module.header().defines {
        if definition.name == name && definition.arity == arity {
            found.push((Arc::clone(module), definition.form));
        }
    }
}

fn predefined(macros: &[(String, String)]) -> Option<Arc<Module>> {
    if macros.is_empty() {
        return None;
    }
    let text: String = macros.iter().map(|(name, value)| format!("-define({name}, {value}).\n")).collect();
    let source = Source::from_bytes("hookshift.toml".into(), text.into_bytes()).ok()?;
    Some(Arc::new(Module::new(Arc::new(source))))
}
