//! "Did you mean": the closest of a set of known names.

/// How alike two names must be, from 0 to 1. Lower, and unrelated names are proposed; higher, and a dropped
/// word is no longer recognised.
const ALIKE: f64 = 0.6;

/// The candidate that is most like `name`, when one is close enough to be what was meant.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let likeness = strsim::normalized_damerau_levenshtein(&name, &candidate.to_lowercase());
            (likeness, candidate)
        })
        .filter(|&(likeness, _)| likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
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

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(closest("remove-hook", RULES), Some("removed-hook"));
        assert_eq!(closest("Removed-Hook", RULES), Some("removed-hook"));
        assert_eq!(closest("chnaged-params", RULES), Some("changed-params"));
    }

    #[test]
    fn something_else_gets_no_suggestion() {
        assert_eq!(closest("E501", RULES), None);
        assert_eq!(did_you_mean("", RULES), "");
    }
}
