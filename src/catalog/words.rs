//! How the catalog's terms read in a sentence or a table.

use std::fmt;

use super::model::{Aspect, ChangeKind, Condition, ParameterFate, RewriteClass, Scope};

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Scope::HostType => "host-type",
            Scope::Global => "global",
        })
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
            ChangeKind::Meaning => "meaning",
        })
    }
}

impl fmt::Display for RewriteClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RewriteClass::None => "none",
            RewriteClass::Mechanical => "mechanical",
            RewriteClass::Suggestion => "suggestion",
            RewriteClass::Advice => "advice",
        })
    }
}

impl RewriteClass {
    /// What can be left to the tool, as a sentence.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            RewriteClass::None => "There is nothing to rewrite.",
            RewriteClass::Mechanical => "Mechanical: the rewrite keeps the meaning.",
            RewriteClass::Suggestion => "Suggestion: code can be proposed, and a person has to look at it.",
            RewriteClass::Advice => "Advice: only a person can decide what to write.",
        }
    }
}

impl fmt::Display for ParameterFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ParameterFate::Gone => "gone",
            ParameterFate::Retyped => "retyped",
            ParameterFate::Revalued => "revalued",
        })
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Aspect::Order => "order",
            Aspect::Stop => "stop",
            Aspect::Values => "values",
            Aspect::Process => "process",
            Aspect::Moment => "moment",
            Aspect::Precondition => "precondition",
        })
    }
}

impl Condition {
    /// What must be true of the handler or its module, as a clause: "the handler ...".
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Condition::IgnoresParameters => "the handler reads no parameter",
            Condition::ReturnsOnlyOk => "the handler returns `{ok, _}` on every path",
            Condition::NeverStops => "the handler returns `{stop, _}` on no path",
            Condition::NoResultDrop => "the handler neither reads nor sets `hook`/`result` in the accumulator",
            Condition::ToleratesAnyElement => "the handler has a clause for any element",
            Condition::PassesAccumulator => "the handler passes its accumulator on and does not look into it",
            Condition::ParametersInHead => {
                "the handler takes every changed parameter by a plain map pattern in its head"
            }
            Condition::ReadsNoGoneParameter => "the handler reads none of the parameters that are gone",
            Condition::DropIsLiteral => "`drop` stands as a literal in the tuple that the handler returns",
            Condition::DoesNotUpdateStanza => "the handler does not change the stanza in the accumulator",
            Condition::ServesOneKind => {
                "the handler acts on one kind of stanza only and has a fall-through for the others"
            }
            Condition::GoneParametersReplaceable => {
                "of the parameters that are gone, the handler reads only those whose value can be had in another way"
            }
            Condition::RetypedParametersUntouched => {
                "the handler does nothing with parameters of another type but compare them with atoms that both \
                 releases use"
            }
            Condition::NoHandlerForReplacement => {
                "the module registers no handler for the hook that takes this one's place"
            }
            Condition::ChangedParametersUnread => "the handler looks at no parameter that changed",
            Condition::PriorityAbovePrivacy => {
                "the handler is registered with a priority above 10, behind the privacy check"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_on_fixing_has_every_condition_of_the_catalog() {
        let page = include_str!("../../docs/fixing.md");
        let (from, to) = (crate::catalog::Version::new(6, 0, 0), crate::catalog::Version::new(6, 1, 0));
        let upgrade = crate::catalog::Upgrade::between(from, to).unwrap();
        let fates = upgrade.changes();
        let conditions: Vec<Condition> =
            fates.iter().flat_map(|fate| &fate.changes).flat_map(|change| change.conditions.clone()).collect();
        assert!(conditions.len() > 10);
        for condition in conditions {
            assert!(page.contains(condition.describe()), "docs/fixing.md lacks: {}", condition.describe());
        }
    }
}
