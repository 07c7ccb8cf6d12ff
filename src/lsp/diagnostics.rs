//! What is found, file by file, and what the client was told last.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Diagnostic, DiagnosticSeverity, Position, Range};

use super::convert::SOURCE;
use crate::project::config::Mistake;

/// What a configuration file's mistakes look like in it.
pub(super) fn of_mistakes(mistakes: &[Mistake]) -> Vec<Diagnostic> {
    let diagnostics = mistakes.iter().map(|mistake| {
        let number = |it: usize| u32::try_from(it.saturating_sub(1)).unwrap_or(u32::MAX);
        let (line, character) = mistake.at.map_or((0, 0), |(line, column)| (number(line), number(column)));
        // The whole line from there on: a column behind its end is drawn in.
        let end = Position { line, character: character.saturating_add(1_000) };
        Diagnostic {
            range: Range { start: Position { line, character }, end },
            severity: Some(DiagnosticSeverity::Error),
            source: Some(SOURCE.to_owned()),
            message: mistake.message.clone().into(),
            ..Diagnostic::default()
        }
    });
    diagnostics.collect()
}

/// The same for the same diagnostics, in this process.
pub(super) fn fingerprint(diagnostics: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(diagnostics).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// What was found last for each file, by fingerprint. Files without anything are not kept.
#[derive(Default)]
pub(super) struct Told(BTreeMap<PathBuf, u64>);

impl Told {
    /// Notes what is found for a file now. Returns whether it is something else than before.
    pub fn note(&mut self, path: &Path, diagnostics: &[Diagnostic]) -> bool {
        let new = (!diagnostics.is_empty()).then(|| fingerprint(diagnostics));
        let old = match new {
            Some(new) => self.0.insert(path.to_path_buf(), new),
            None => self.0.remove(path),
        };
        old != new
    }

    /// Files for which something is found.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_told() {
        let mistake = |line| Mistake { at: Some((line, 3)), message: "x".to_owned() };
        let (one, two) = (of_mistakes(&[mistake(1)]), of_mistakes(&[mistake(2)]));
        let path = Path::new("a");
        let mut told = Told::default();
        assert!(!told.note(path, &[]));
        assert!(told.note(path, &one));
        assert!(!told.note(path, &one));
        assert!(told.note(path, &two));
        assert_eq!(told.files().count(), 1);
        assert!(told.note(path, &[]));
        assert_eq!(told.files().count(), 0);
    }

    #[test]
    fn mistakes_stand_at_their_lines() {
        let found = of_mistakes(&[
            Mistake { at: Some((3, 7)), message: "m".to_owned() },
            Mistake { at: None, message: "n".to_owned() },
        ]);
        assert_eq!((found[0].range.start.line, found[0].range.start.character), (2, 6));
        assert_eq!((found[1].range.start.line, found[1].range.start.character), (0, 0));
    }
}
