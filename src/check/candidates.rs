//! Reading files: which of them have words that matter.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Check;
use super::analysis::{SkipKind, Skipped};
use crate::outline::Module;
use crate::project::files::is_header;
use crate::project::mentions::Mentions;
use crate::project::prefilter;
use crate::project::words::Words;
use crate::source::{self, Source};

/// A file with words that matter.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) module: Arc<Module>,
    /// Offsets in the decoded text of words of interfaces that changed.
    pub(super) api_words: Arc<[u32]>,
    pub(super) is_header: bool,
    /// There can be registrations in it, as far as its words tell.
    pub(super) may_register: bool,
}

/// What became of one file.
pub(super) enum Looked {
    Candidate(Box<Candidate>),
    /// Nothing that matters by itself.
    Nothing(Mentions),
    Unreadable(Skipped),
}

impl Check<'_> {
    /// Reads every file and keeps those with words that matter.
    pub(super) fn read(&mut self) -> Vec<Candidate> {
        let options = self.options;
        options.progress.start(options.files.len());
        let mut looked = self.map(&options.files, |path| {
            let looked = self.look(path);
            options.progress.advance();
            looked
        });
        source::release_buffer();
        looked.extend(options.stdin.as_ref().map(|stdin| {
            let bytes = stdin.bytes.len();
            (self.look_at(&stdin.path, stdin.bytes.clone()), bytes)
        }));
        let mut candidates = Vec::new();
        for (index, (looked, bytes)) in looked.into_iter().enumerate() {
            self.analysis.summary.bytes_read += bytes as u64;
            match looked {
                Looked::Candidate(candidate) => candidates.push(*candidate),
                Looked::Nothing(mentions) => self.modules.note(index, mentions),
                Looked::Unreadable(skipped) => {
                    self.analysis.skipped.push(skipped);
                    continue;
                }
            }
            self.analysis.summary.files += 1;
        }
        for candidate in &candidates {
            self.modules.insert(&candidate.module);
        }
        self.candidates_by_macro(&mut candidates);
        let erlang = |path: &&PathBuf| !is_header(path);
        self.analysis.summary.modules = options.files.iter().filter(erlang).count()
            + usize::from(options.stdin.as_ref().is_some_and(|stdin| !is_header(&stdin.path)));
        candidates
    }

    pub(super) fn look(&self, path: &Path) -> (Looked, usize) {
        let looked = self.options.overlay.with_bytes(path, |bytes| {
            let mentions = if self.options.no_prefilter { None } else { self.prefilter.look(bytes) };
            let looked = match mentions {
                // A binary file is told even when it has no word that matters: nobody meant to have it read.
                Some(mentions) if memchr::memchr(0, bytes).is_none() => Looked::Nothing(mentions),
                _ if bytes.len() > source::MAX_ANALYSED_BYTES => too_large(path, bytes),
                _ => self.look_at(path, bytes.to_vec()),
            };
            (looked, bytes.len())
        });
        looked.unwrap_or_else(|error| (unreadable(path, &error), 0))
    }

    pub(super) fn look_at(&self, path: &Path, bytes: Vec<u8>) -> Looked {
        if bytes.len() > source::MAX_ANALYSED_BYTES {
            return too_large(path, &bytes);
        }
        match Source::from_bytes(path.to_path_buf(), bytes) {
            Ok(source) => Looked::Candidate(Box::new(self.candidate(Arc::new(Module::new(Arc::new(source)))))),
            Err(error) => unreadable(path, &error),
        }
    }

    pub(super) fn candidate(&self, module: Arc<Module>) -> Candidate {
        let hits = self.prefilter.hits(module.source().text().as_bytes());
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let api_words = hits.iter().filter(|hit| hit.api).map(|hit| offset(hit.at)).collect();
        let is_header = is_header(module.source().path());
        let may_register = !is_header && (self.options.no_prefilter || hits.iter().any(|hit| !hit.api));
        Candidate { module, api_words, is_header, may_register }
    }

    /// A module can register through a macro of a header without a word of the hook API of its own.
    pub(super) fn candidates_by_macro(&self, candidates: &mut Vec<Candidate>) {
        let (mut macros, mut headers) = (Words::default(), Vec::new());
        for header in candidates.iter().filter(|candidate| candidate.is_header) {
            let mut names = hook_macros(&header.module).peekable();
            if names.peek().is_some() {
                headers
                    .extend(header.module.source().path().file_name().map(|name| name.to_string_lossy().into_owned()));
            }
            names.for_each(|name| macros.add_macro(name));
        }
        if macros.has_no_macro() || self.options.no_prefilter {
            return;
        }
        let known: FxHashSet<PathBuf> =
            candidates.iter().map(|candidate| candidate.module.source().path().to_path_buf()).collect();
        for candidate in candidates.iter_mut().filter(|candidate| !candidate.is_header) {
            candidate.may_register |= macros.are_in(candidate.module.source().text());
        }
        let headers = self.modules.headers_with(headers);
        for candidate in self.candidates_with(&known, &headers, &macros) {
            self.modules.insert(&candidate.module);
            candidates.push(candidate);
        }
        candidates.sort_by(|a, b| a.module.source().path().cmp(b.module.source().path()));
    }

    /// The modules that are not known yet and mention one of the modules or headers, and have one of the words.
    pub(super) fn candidates_with(
        &self,
        known: &FxHashSet<PathBuf>,
        mentioned: &BTreeSet<String>,
        words: &Words,
    ) -> Vec<Candidate> {
        let files = self.options.files.iter().enumerate();
        let others: Vec<&PathBuf> = files
            .filter(|(index, path)| {
                !is_header(path) && self.modules.may_mention(*index, mentioned) && !known.contains(*path)
            })
            .map(|(_, path)| path)
            .collect();
        self.map(others, |path| self.candidate_with(path, words)).into_iter().flatten().collect()
    }

    fn candidate_with(&self, path: &Path, words: &Words) -> Option<Candidate> {
        let has_word = |bytes: &[u8]| words.are_in(&String::from_utf8_lossy(bytes));
        // In a project that is kept, a file may have been loaded by an earlier run, or be a document.
        if let Some(module) = self.memory.and_then(|_| self.modules.loaded_from(path)) {
            let found = has_word(module.source().text().as_bytes());
            return found.then(|| Candidate { may_register: true, ..self.candidate(module) });
        }
        let bytes = self.options.overlay.with_bytes(path, |bytes| has_word(bytes).then(|| bytes.to_vec())).ok()??;
        match self.look_at(path, bytes) {
            Looked::Candidate(candidate) => Some(Candidate { may_register: true, ..*candidate }),
            _ => None,
        }
    }
}

pub(super) fn unreadable(path: &Path, error: &source::ReadError) -> Looked {
    Looked::Unreadable(Skipped::unreadable(path.to_path_buf(), error.reason()))
}

/// What is said of a file that has words which matter, and is larger than what is analysed.
fn too_large(path: &Path, bytes: &[u8]) -> Looked {
    if let Some(offset) = memchr::memchr(0, bytes) {
        return unreadable(path, &source::ReadError::Binary { path: path.to_path_buf(), offset });
    }
    let reason =
        format!("the file is {} bytes long, and only {} are analysed", bytes.len(), source::MAX_ANALYSED_BYTES);
    Looked::Unreadable(Skipped { path: path.to_path_buf(), place: None, reason, kind: SkipKind::NotAnalysed })
}

/// The macros of a header that name the hook API.
fn hook_macros(header: &Module) -> impl Iterator<Item = &str> {
    let names_it = |form| prefilter::HOOK_WORDS.iter().any(|word| header.text_of(form).contains(word));
    header.header().defines.iter().filter(move |it| names_it(it.form)).map(|it| it.name.as_str())
}
