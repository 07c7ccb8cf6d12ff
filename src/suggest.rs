//! "Did you mean": which known name somebody may have meant.

/// The candidate closest to a misspelt name, when one is close enough to be worth proposing: about one slip in
/// four letters, capitals aside, or the same name with or without `_hook` at its end. Of equally close ones the first.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (name.chars().count() / 4).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        // `min_by_key` returns the first of equals.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn distance(name: &str, candidate: &str) -> usize {
    let bare = |name: &str| name.strip_suffix("_hook").unwrap_or(name).to_owned();
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
