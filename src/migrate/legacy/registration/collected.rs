//! Edits of many registrations, among which each is made once and none contradicts another.

use crate::migrate::legacy::Rewritten;
use crate::rewrite::Edit;

#[derive(Debug, Default)]
pub struct Collected(Rewritten);

impl Collected {
    /// Takes an edit in, if it is not known yet.
    ///
    /// # Errors
    /// Another registration needs something else at the same place.
    pub fn edit(&mut self, edit: Edit) -> Result<(), String> {
        if self.0.edits.iter().any(|known| known.same(&edit)) {
            return Ok(());
        }
        if self.0.edits.iter().any(|known| contradict(known, &edit)) {
            let line = super::sites::line_in(&edit.place);
            return Err(format!(
                "what stands in {line} is used for several handlers, which need different things there"
            ));
        }
        self.0.edits.push(edit);
        Ok(())
    }

    /// Whether an edit covers a byte of a file.
    #[must_use]
    pub fn covers(&self, near: &Edit) -> bool {
        self.0.edits.iter().any(|known| contradict(known, near))
    }

    pub fn because(&mut self, reason: impl Into<String>) {
        let reason = reason.into();
        if !self.0.reasons.contains(&reason) {
            self.0.reasons.push(reason);
        }
    }

    #[must_use]
    pub fn finish(self) -> Rewritten {
        self.0
    }
}

/// Whether two different edits cannot both be made.
fn contradict(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (one.place.span, other.place.span);
    let apart = a.end <= b.start || b.end <= a.start;
    let same_insertion = a == b && a.is_empty();
    one.place.source.path() == other.place.source.path() && (!apart || same_insertion)
}
