//! What several steps say of metrics, put together.

use super::Upgrade;
use crate::catalog::model::{MetricChange, MetricKind};

/// One entry on its way.
struct Fact {
    /// With the name of the old release.
    change: MetricChange,
    /// Its name after the steps so far; of a metric that is gone, none.
    now: String,
}

/// All entries of all steps, as far as they matter in the end.
pub(super) fn all(upgrade: &Upgrade) -> Vec<MetricChange> {
    let mut facts = Vec::new();
    for step in &upgrade.steps {
        self::step(&mut facts, &step.changes.get().metrics);
    }
    let whole = |fact: Fact| {
        let mut change = fact.change;
        match change.kind {
            MetricKind::Renamed => change.after = fact.now,
            MetricKind::Added => change.name = fact.now,
            MetricKind::Removed | MetricKind::Changed => {}
        }
        change
    };
    facts.into_iter().map(whole).collect()
}

fn step(facts: &mut Vec<Fact>, step: &[MetricChange]) {
    let before: Vec<String> = facts.iter().map(|fact| fact.now.clone()).collect();
    let known = facts.len();
    let mut gone = vec![false; known];
    for change in step {
        let (mut came, mut is_told) = (false, false);
        for at in 0..known {
            let Some(bound) = bind(&change.name, &before[at]) else { continue };
            let fact = &mut facts[at];
            came |= matches!(fact.change.kind, MetricKind::Added | MetricKind::Renamed);
            is_told |= fact.change.name == change.name;
            gone[at] |= !fact.then(change, &bound);
        }
        // What came on the way, nobody of the old release has.
        if change.kind == MetricKind::Added || !(came || is_told) {
            let now = match change.kind {
                MetricKind::Removed => String::new(),
                MetricKind::Renamed => change.after.clone(),
                MetricKind::Changed | MetricKind::Added => change.name.clone(),
            };
            facts.push(Fact { change: change.clone(), now });
        }
    }
    let mut at = 0;
    facts.retain(|_| {
        at += 1;
        !gone.get(at - 1).copied().unwrap_or_default()
    });
}

impl Fact {
    /// Adds what a later step says. `false` when nothing is left to tell.
    fn then(&mut self, next: &MetricChange, bound: &[&str]) -> bool {
        let known = self.change.kind;
        match next.kind {
            MetricKind::Removed if known == MetricKind::Added => return false,
            MetricKind::Removed => {
                self.now.clear();
                self.change.kind = MetricKind::Removed;
                self.change.after.clear();
                self.replaced_by(next);
            }
            MetricKind::Renamed => {
                self.now = fill(&next.after, bound);
                match known {
                    MetricKind::Added => {}
                    MetricKind::Changed => {
                        self.change.kind = MetricKind::Renamed;
                        self.joined_by(next);
                    }
                    MetricKind::Removed | MetricKind::Renamed => self.replaced_by(next),
                }
            }
            MetricKind::Changed if known != MetricKind::Added => self.joined_by(next),
            MetricKind::Changed | MetricKind::Added => {}
        }
        true
    }

    fn replaced_by(&mut self, next: &MetricChange) {
        self.change.summary.clone_from(&next.summary);
        self.change.advice.clone_from(&next.advice);
        self.proven_by(next);
    }

    fn joined_by(&mut self, next: &MetricChange) {
        for (text, more) in [(&mut self.change.summary, &next.summary), (&mut self.change.advice, &next.advice)] {
            if !text.contains(more.as_str()) {
                *text = format!("{text} {more}").trim().to_owned();
            }
        }
        self.proven_by(next);
    }

    fn proven_by(&mut self, next: &MetricChange) {
        let new: Vec<_> = next.evidence.iter().filter(|it| !self.change.evidence.contains(it)).cloned().collect();
        self.change.evidence.extend(new);
    }
}

/// What `*` stands for in a name, where another one is of its form. Behind the last word it stands for one or more parts.
fn bind<'a>(pattern: &str, name: &'a str) -> Option<Vec<&'a str>> {
    let mut bound = Vec::new();
    let mut rest = (!name.is_empty()).then_some(name);
    let mut parts = pattern.split('.').peekable();
    while let Some(part) = parts.next() {
        let text = rest?;
        let is_last = parts.peek().is_none();
        if part == "*" && is_last {
            bound.push(text);
            return Some(bound);
        }
        let (first, behind) = text.split_once('.').map_or((text, None), |(first, behind)| (first, Some(behind)));
        match part {
            "*" => bound.push(first),
            _ if part == first => {}
            _ => return None,
        }
        rest = behind;
    }
    rest.is_none().then_some(bound)
}

fn fill(pattern: &str, bound: &[&str]) -> String {
    let mut bound = bound.iter();
    let fill = |part| if part == "*" { bound.next().copied().unwrap_or(part) } else { part };
    pattern.split('.').map(fill).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{V1_0, V1_2, catalog_with};
    use super::*;

    /// What holds in the end, as `kind name after | summary`.
    fn told(first: &[(&str, MetricKind, &str)], second: &[(&str, MetricKind, &str)]) -> Vec<String> {
        let catalog = catalog_with(|step, changes| {
            let change = |&(name, kind, after): &(&str, MetricKind, &str)| MetricChange {
                name: name.to_owned(),
                kind,
                under: String::new(),
                after: after.to_owned(),
                summary: format!("{} {name}", step + 1),
                advice: String::new(),
                evidence: Vec::new(),
            };
            changes.metrics = [first, second][step].iter().map(change).collect();
        });
        let upgrade = catalog.upgrade(V1_0, V1_2).unwrap();
        upgrade.metric_changes().map(|it| format!("{:?} {} {} | {}", it.kind, it.name, it.after, it.summary)).collect()
    }

    #[test]
    fn the_last_name_counts() {
        use MetricKind::{Added, Changed, Removed, Renamed};
        assert_eq!(
            told(&[("*.sent", Renamed, "*.element.sent")], &[("*.element.*", Renamed, "*.xmpp.client.*")]),
            ["Renamed *.sent *.xmpp.client.sent | 2 *.element.*"]
        );
        assert_eq!(
            told(&[("*.sent", Changed, "")], &[("*.sent", Renamed, "*.out")]),
            ["Renamed *.sent *.out | 1 *.sent 2 *.sent"]
        );
        assert_eq!(told(&[("*.a", Renamed, "*.b")], &[("*.b", Removed, "")]), ["Removed *.a  | 2 *.b"]);
        assert_eq!(told(&[("*.a", Changed, "")], &[("*.a", Removed, "")]), ["Removed *.a  | 2 *.a"]);
        assert_eq!(told(&[("*.a", Renamed, "*.b")], &[("*.b", Changed, "")]), ["Renamed *.a *.b | 1 *.a 2 *.b"]);
        assert_eq!(told(&[("*.a", Added, "")], &[("*.a", Removed, "")]), [""; 0]);
        assert_eq!(told(&[("*.a", Added, "")], &[("*.a", Renamed, "*.b")]), ["Added *.b  | 1 *.a"]);
        assert_eq!(
            told(&[("*.{hook}", Renamed, "*.hook.{hook}")], &[("*.hook.{hook}", Renamed, "*.h.{hook}.n")]),
            ["Renamed *.{hook} *.h.{hook}.n | 2 *.hook.{hook}"]
        );
    }

    #[test]
    fn what_is_another_metric_stays_apart() {
        use MetricKind::{Changed, Removed, Renamed};
        assert_eq!(
            told(
                &[("*.a", Renamed, "*.b")],
                &[("*.a.b", Removed, ""), ("*.c", Changed, ""), ("global.*", Changed, "")]
            ),
            [
                "Renamed *.a *.b | 1 *.a",
                "Removed *.a.b  | 2 *.a.b",
                "Changed *.c  | 2 *.c",
                "Changed global.*  | 2 global.*"
            ]
        );
    }
}
