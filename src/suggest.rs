//! "Did you mean": which known name somebody may have meant.

use crate::budget::spend;

/// What stands at the end of many hooks' names, and may be missing or too much.
const ENDING: &str = "_hook";

/// No name is longer, in bytes, that somebody may have misspelt.
const LONGEST: usize = 256;

/// The candidate closest to a misspelt name, when one is close enough to be worth proposing: about one slip in
/// four letters, capitals aside, or the same name with or without `_hook` at its end. Of equally close ones the first.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 4).clamp(1, 4);
    let lower = name.to_lowercase();
    // A name that long differs from another one by more than its length, or is none that somebody has typed.
    if lower.len() > LONGEST {
        return None;
    }
    // Each slip changes the length by a letter at most, of up to four bytes; the ending may be there or not.
    let is_near = |other: &str| lower.len().abs_diff(other.len()) <= (4 * allowed).max(ENDING.len());
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && is_near(candidate))
        .map(|candidate| {
            spend(candidate.len());
            (distance(&lower, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        // `min_by_key` returns the first of equals.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn distance(name: &str, candidate: &str) -> usize {
    fn bare(name: &str) -> &str {
        name.strip_suffix(ENDING).unwrap_or(name)
    }
    if bare(name) == bare(candidate) {
        return 0;
    }
    strsim::osa_distance(name, candidate)
}

/// `; did you mean ...?` to append to a message about an unknown name, or nothing.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(name, candidates).map_or_else(String::new, |it| format!("; did you mean `{it}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [&str; 3] = ["removed-hook", "changed-params", "unknown-hook"];
    const HOOKS: [&str; 4] = ["user_send_packet", "user_receive_packet", "offline_message_hook", "auth_failed"];

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(closest("remove-hook", RULES), Some("removed-hook"));
        assert_eq!(closest("Removed-Hook", RULES), Some("removed-hook"));
        assert_eq!(closest("chnaged-params", RULES), Some("changed-params"));
        assert_eq!(closest("user_send_pakcet", HOOKS), Some("user_send_packet"));
        assert_eq!(closest("user_sent_packets", HOOKS), Some("user_send_packet"));
    }

    #[test]
    fn the_ending_of_many_hooks_may_be_missing_or_too_much() {
        assert_eq!(closest("offline_message", HOOKS), Some("offline_message_hook"));
        assert_eq!(closest("auth_failed_hook", HOOKS), Some("auth_failed"));
    }

    #[test]
    fn another_name_is_not_taken_for_a_slip() {
        assert_eq!(closest("E501", RULES), None);
        assert_eq!(closest("acme_order_placed", HOOKS), None);
        assert_eq!(closest("x", HOOKS), None);
        assert_eq!(closest("auth_failed", HOOKS), None);
        assert_eq!(did_you_mean("", RULES), "");
    }
}
