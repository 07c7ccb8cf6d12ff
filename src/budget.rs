//! How much a piece of work may cost, in steps: what it looks at is counted, and work that has used up its steps ends.
//!
//! Steps are counted and not measured, so that what is too much is the same on every machine, with any number of threads. A step
//! is about what one node of a tree costs to look at, some ten nanoseconds. Whoever walks or searches says so by [`spend`], wherever
//! work can grow faster than what it is about; who starts it sets the bound by [`within`], and tells what was left out. Work that
//! ends in the middle unwinds up to there, as no walk has anything sensible to return then.
//!
//! What is found out once and kept for all who ask must cost each of them the same, whoever was first: [`unmetered`] where
//! it costs little more than to read it, else [`measured`].

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The steps of work that nobody has bounded, of which there are always more.
const UNBOUNDED: u64 = u64::MAX;

thread_local! {
    /// What the work that this thread does may still cost.
    static LEFT: Cell<u64> = const { Cell::new(UNBOUNDED) };
}

/// A piece of work has used up its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

/// Counts steps. Ends the work when none are left.
#[inline]
pub fn spend(steps: usize) {
    let left = LEFT.get();
    if left == UNBOUNDED {
        return;
    }
    match left.checked_sub(steps as u64) {
        Some(left) => LEFT.set(left),
        None => end(),
    }
}

#[cold]
fn end() -> ! {
    LEFT.set(0);
    // Nothing is wrong, so no hook is to say that something is.
    resume_unwind(Box::new(Exhausted))
}

/// How many steps are left; `None` where nobody has set a bound.
#[must_use]
pub fn left() -> Option<u64> {
    Some(LEFT.get()).filter(|&left| left != UNBOUNDED)
}

/// Does something that may cost so many steps, and not more than what is left of those of the work around it.
///
/// # Errors
/// It has used them up.
pub fn within<R>(steps: u64, work: impl FnOnce() -> R) -> Result<R, Exhausted> {
    let outer = LEFT.get();
    let given = steps.min(outer);
    LEFT.set(given);
    let done = catch_unwind(AssertUnwindSafe(work));
    let used = given - LEFT.get().min(given);
    LEFT.set(if outer == UNBOUNDED { UNBOUNDED } else { outer - used });
    match done {
        Ok(done) => Ok(done),
        // Where that was all that is left of the work around it, it ends as well.
        Err(why) if why.is::<Exhausted>() && steps <= outer => Err(Exhausted),
        Err(why) => resume_unwind(why),
    }
}

/// The steps for all that there is to do about something of a known size, for one piece of work after the other.
pub struct Purse {
    left: u64,
}

/// What there is for each byte.
const STEPS_PER_BYTE: u64 = 16;

/// What there is for something very small.
const LEAST_STEPS: u64 = 40_000;

impl Purse {
    /// The steps for this many bytes.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self { left: LEAST_STEPS + STEPS_PER_BYTE * bytes as u64 }
    }

    /// The same where much more is done about each byte, and there are few such pieces of work in a run.
    #[must_use]
    pub fn of_single(bytes: usize) -> Self {
        Self { left: 100 * LEAST_STEPS + STEPS_PER_BYTE * bytes as u64 }
    }

    /// Does something for at most half of what is left, so that there is some for whatever comes next.
    ///
    /// # Errors
    /// It has used that up.
    pub fn spend<R>(&mut self, work: impl FnOnce() -> R) -> Result<R, Exhausted> {
        let given = self.left / 2;
        let (done, used) = measured(|| within(given, work));
        self.left -= (used as u64).min(given);
        done
    }
}

/// Counts steps, if so many are left: what comes next can then be left out, and the work goes on.
#[must_use]
pub fn can_spend(steps: usize) -> bool {
    let affordable = left().is_none_or(|left| left / 2 >= steps as u64);
    if affordable {
        spend(steps);
    }
    affordable
}

/// Does something for at most half of what is left of the work around it.
///
/// # Errors
/// It has used that up.
pub fn within_half<R>(work: impl FnOnce() -> R) -> Result<R, Exhausted> {
    within(left().map_or(UNBOUNDED, |left| left / 2), work)
}

/// Does something that is kept for all who ask, at no cost for who happens to be the first.
pub fn unmetered<R>(work: impl FnOnce() -> R) -> R {
    let _restore = Restore(LEFT.replace(UNBOUNDED));
    work()
}

/// Puts back what was left, also when the work panics.
struct Restore(u64);

impl Drop for Restore {
    fn drop(&mut self) {
        LEFT.set(self.0);
    }
}

/// Does something, and says how many steps it took: whoever takes the result from elsewhere later [`spend`]s as many.
pub fn measured<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let outer = LEFT.get();
    // Work without a bound is counted, too.
    let before = if outer == UNBOUNDED { UNBOUNDED - 1 } else { outer };
    LEFT.set(before);
    let done = catch_unwind(AssertUnwindSafe(work));
    let used = before - LEFT.get().min(before);
    LEFT.set(if outer == UNBOUNDED { UNBOUNDED } else { outer - used });
    match done {
        Ok(done) => (done, usize::try_from(used).unwrap_or(usize::MAX)),
        Err(why) => resume_unwind(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(steps: usize) {
        (0..steps).for_each(|_| spend(1));
    }

    #[test]
    fn work_ends_when_its_steps_are_used_up() {
        assert_eq!(within(10, || cost(10)), Ok(()));
        assert_eq!(within(10, || cost(11)), Err(Exhausted));
        // Afterwards there is no bound.
        cost(1000);
        assert_eq!(left(), None);
    }

    #[test]
    fn what_is_inside_counts_outside() {
        let done = within(10, || {
            assert_eq!(within(5, || cost(6)), Err(Exhausted));
            assert_eq!(left(), Some(5));
            assert_eq!(within(100, || cost(5)), Ok(()));
            cost(1);
        });
        assert_eq!(done, Err(Exhausted));
        let done = within(10, || {
            let _ = within(100, || cost(11));
            unreachable!("what is left of the work around it was all used up");
        });
        assert_eq!(done, Err(Exhausted));
    }

    #[test]
    fn what_is_kept_costs_all_who_ask_the_same() {
        assert_eq!(within(5, || unmetered(|| cost(1000))), Ok(()));
        assert_eq!(within(5, || measured(|| cost(3)).1), Ok(3));
        assert_eq!(within(5, || measured(|| cost(6)).1), Err(Exhausted));
        assert_eq!(measured(|| cost(7)), ((), 7));
        assert_eq!(left(), None);
    }

    #[test]
    fn other_panics_go_on() {
        let done = catch_unwind(|| within(5, || resume_unwind(Box::new("a bug"))));
        assert_eq!(done.unwrap_err().downcast_ref(), Some(&"a bug"));
        assert_eq!(left(), None);
    }
}
