//! Fixes that lead to a release on the way, rewritten to the end.
//!
//! A module that takes a step at a time would be rewritten once for each, and would be seen in between as nobody wants it: with
//! handlers that are registered and never called. So what comes of such fixes is rewritten in memory until nothing is left to
//! do, and the whole is one fix, from the code that is there to the code for the target release.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Applied, Key, MAX_PASSES, Session, with_release_of, written};
use crate::check::Analysis;
use crate::finding::{Finding, Mfa, Severity};
use crate::project::options::{Earlier, Options, RuleSelection};
use crate::rewrite::Fix;
use crate::rewrite::compose::Composition;
use crate::rewrite::pieces::Pieces;

/// Rewrites what the stages among the fixes of an analysis lead to, and puts the whole in their place. Returns what will be
/// found of the code when these fixes are made: things that were not seen before, as only the new code shows them.
///
/// # Errors
/// Those of [`crate::check::check`].
pub(super) fn complete(options: &Options, earlier: &Earlier, analysis: &mut Analysis) -> anyhow::Result<BTreeSet<Key>> {
    let stages = stages(analysis);
    if stages.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rules = RuleSelection { select: None, ..options.rules.clone() };
    // Which release a module was written for shows in the code that is there, and not in what comes of it.
    let mut earlier = earlier.clone();
    for (path, release) in &analysis.written_for {
        earlier.written_for.entry(path.clone()).or_insert(*release);
    }
    let options = Options { rules, ..with_release_of(options, analysis) };
    let mut way = Way::new(Session::new(options, earlier), stages);
    let after = way.go()?;
    let mut expected = BTreeSet::new();
    for group in way.groups() {
        expected.extend(after.findings.iter().map(Key::of).filter(|key| group.contains(&key.path)));
        let fix = way.whole(&group, &after);
        let of_group = |finding: &&mut Finding| {
            let stage = finding.fix.as_ref().filter(|fix| fix.is_stage);
            stage.is_some_and(|fix| touched(fix).any(|path| group.contains(path)))
        };
        analysis.findings.iter_mut().filter(of_group).for_each(|finding| finding.fix = Some(fix.clone()));
    }
    for (stage, why) in &way.refused {
        let of_stage = |finding: &&mut Finding| finding.fix.as_ref().is_some_and(|fix| fix.is_stage && fix.same(stage));
        analysis.findings.iter_mut().filter(of_stage).for_each(|finding| {
            finding.fix = None;
            finding.no_fix = Some(why.clone());
        });
    }
    Ok(expected)
}

/// The stages among the fixes of an analysis, each once.
fn stages(analysis: &Analysis) -> Vec<Fix> {
    let mut found: Vec<Fix> = Vec::new();
    for fix in analysis.findings.iter().filter_map(|finding| finding.fix.as_ref()).filter(|fix| fix.is_stage) {
        if !found.iter().any(|known| known.same(fix)) {
            found.push(fix.clone());
        }
    }
    found
}

fn touched(fix: &Fix) -> impl Iterator<Item = &Path> {
    fix.edits.iter().map(|edit| edit.place.source.path())
}

/// The way from the stages to the target release.
struct Way {
    session: Session,
    /// Those that are made together.
    stages: Vec<Fix>,
    refused: Vec<(Fix, String)>,
    /// Each changed file as it is on disk, with what becomes of it.
    pieces: BTreeMap<PathBuf, Pieces>,
}

impl Way {
    fn new(session: Session, stages: Vec<Fix>) -> Self {
        Self { session, stages, refused: Vec::new(), pieces: BTreeMap::new() }
    }

    /// Makes the stages, then everything that the handlers need which they lead to.
    fn go(&mut self) -> anyhow::Result<Analysis> {
        self.make_stages();
        let mut after = self.session.analyse()?;
        for _ in 0..MAX_PASSES {
            let handlers = self.handlers();
            let mut wanted = |finding: &Finding, fix: &Fix| {
                let concerns = finding.handler.as_ref().is_some_and(|handler| handlers.contains(handler));
                // Advice is not worth a person's look here: it can be asked for afterwards.
                concerns && (fix.is_safe() || finding.severity > Severity::Info)
            };
            match self.session.pass(&after, &mut wanted)? {
                Some(next) => after = next,
                None => break,
            }
        }
        for composition in std::mem::take(&mut self.session.history) {
            self.note(&composition);
        }
        Ok(after)
    }

    /// Makes all stages that go together and come out well.
    fn make_stages(&mut self) {
        loop {
            let mut composition = Composition::default();
            let mut clashing = None;
            for (at, stage) in self.stages.iter().enumerate() {
                if composition.add(stage).is_err() {
                    clashing = Some((at, "another rewrite of the same code comes first".to_owned()));
                    break;
                }
            }
            let overlay = self.session.options.overlay.clone();
            let bad = clashing.or_else(|| self.put(&composition));
            let Some((at, why)) = bad else { return self.note(&composition) };
            self.session.options.overlay = overlay;
            let stage = self.stages.remove(at);
            self.refused.push((stage, why));
        }
    }

    /// Puts new texts in the place of the old ones. Returns the stage that spoiled one, and how.
    fn put(&mut self, composition: &Composition) -> Option<(usize, String)> {
        for (source, text) in composition.texts() {
            match written(source, &text) {
                Ok(bytes) => self.session.options.overlay.insert(source.path().to_path_buf(), bytes),
                Err(why) => {
                    let guilty = self.stages.iter().position(|stage| touched(stage).any(|it| it == source.path()));
                    return Some((guilty?, why));
                }
            }
        }
        None
    }

    fn note(&mut self, composition: &Composition) {
        for (source, edits) in composition.edits() {
            let new = || Pieces::new(Arc::clone(source));
            let pieces = self.pieces.entry(source.path().to_path_buf()).or_insert_with(new);
            pieces.apply(edits.iter().map(|(span, text)| (*span, text.as_str())));
        }
    }

    /// The handlers that came out of the stages, and what became of them since.
    fn handlers(&self) -> BTreeSet<Mfa> {
        let later = self.session.applied.iter().map(|applied| &applied.fix);
        let all = self.stages.iter().chain(later).flat_map(|fix| &fix.settles);
        all.map(|(_, handler)| handler.clone()).collect()
    }

    /// Files that have to change together.
    fn groups(&self) -> Vec<BTreeSet<PathBuf>> {
        let later = self.session.applied.iter().map(|applied| &applied.fix);
        let mut groups: Vec<BTreeSet<PathBuf>> = Vec::new();
        for fix in self.stages.iter().chain(later) {
            let mut own: BTreeSet<PathBuf> = touched(fix).map(Path::to_path_buf).collect();
            let (joined, others) = groups.into_iter().partition(|group| !group.is_disjoint(&own));
            groups = others;
            let joined: Vec<BTreeSet<PathBuf>> = joined;
            own.extend(joined.into_iter().flatten());
            groups.push(own);
        }
        groups
    }

    /// The one fix for a group of files.
    fn whole(&self, group: &BTreeSet<PathBuf>, after: &Analysis) -> Fix {
        let ours = |fix: &&Fix| touched(fix).any(|path| group.contains(path));
        let stages: Vec<&Fix> = self.stages.iter().filter(ours).collect();
        let later: Vec<&Applied> = self.session.applied.iter().filter(|applied| ours(&&applied.fix)).collect();
        let handlers = self.handlers();
        let edits = self.pieces.iter().filter(|(path, _)| group.contains(*path)).flat_map(|(_, pieces)| pieces.edits());
        let title = stages.first().map(|stage| stage.title.clone()).unwrap_or_default();
        let reasons = stages.iter().flat_map(|stage| stage.reasons.iter().cloned());
        let of_handlers = later.iter().flat_map(|applied| {
            let about =
                applied.finding.handler.as_ref().map(|handler| format!("`{}/{}`: ", handler.function, handler.arity));
            let about = about.unwrap_or_default();
            applied.fix.reasons.iter().map(move |reason| format!("{about}{reason}"))
        });
        // What only somebody can decide, and not what merely has to be known about the server.
        let is_open = |finding: &Finding| match finding.severity {
            Severity::Error => true,
            Severity::Warning => finding.no_fix.is_some(),
            Severity::Info => false,
        };
        let left = after.findings.iter().filter(|finding| {
            is_open(finding)
                && group.contains(finding.place.source.path())
                && finding.handler.as_ref().is_some_and(|handler| handlers.contains(handler))
        });
        let left = left.map(|finding| match &finding.no_fix {
            Some(why) => format!("left to you: {} ({why})", finding.message),
            None => format!("left to you: {}", finding.message),
        });
        let mut fix = Fix::new(title, edits.collect()).because(reasons.chain(of_handlers).chain(left));
        fix.comes_first = true;
        fix.settles = later.iter().flat_map(|applied| applied.fix.settles.iter().cloned()).collect();
        fix
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fixed, fixed_unsafely};

    const RULE: &str = "legacy-registration";

    #[test]
    fn what_is_written_is_for_the_target_release() {
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _Opts) ->
                ejabberd_hooks:add(user_receive_packet, HostType, mod_b, got, 50).
            //- src/mod_b.erl
            -module(mod_b).
            -export([got/5]).
            got(Acc, JID, _From, _To, _El) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> mongoose_acc:set(acme, at, JID, Acc);
                    _ -> Acc
                end.
            "#,
            r#"
            -module(mod_a).
            -export([start/2]).
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_receive_message, HostType, fun mod_b:got/3, #{}, 50).
            //- src/mod_b.erl
            -module(mod_b).
            -export([got/3]).
            got(Acc, #{c2s_data := C2SData}, _Extra) ->
                case mongoose_acc:stanza_name(Acc) of
                    <<"message">> -> {ok, mongoose_acc:set(acme, at, mongoose_c2s:get_jid(C2SData), Acc)};
                    _ -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn what_stopping_does_now_is_something_to_look_at() {
        fixed_unsafely(
            RULE,
            "left to you: stopping `user_send_packet` means something else",
            r#"
            -module(mod_a).
            -export([start/2, sent/4]).
            start(HostType, _Opts) ->
                ejabberd_hooks:add(user_send_packet, HostType, ?MODULE, sent, 50).
            sent(Acc, _From, _To, _Packet) ->
                case mongoose_acc:get(acme, done, false, Acc) of
                    true -> {stop, Acc};
                    false -> Acc
                end.
            "#,
            r#"
            -module(mod_a).
            -export([start/2, sent/3]).
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:sent/3, #{}, 50).
            sent(Acc, _Params, _Extra) ->
                case mongoose_acc:get(acme, done, false, Acc) of
                    true -> {stop, Acc};
                    false -> {ok, Acc}
                end.
            "#,
        );
    }

    #[test]
    fn what_only_the_server_does_otherwise_is_no_reason() {
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -export([start/2, here/2]).
            start(HostType, _Opts) ->
                ejabberd_hooks:add(user_available_hook, HostType, ?MODULE, here, 50).
            here(Acc, JID) ->
                note(JID),
                Acc.
            "#,
            r#"
            -module(mod_a).
            -export([start/2, here/3]).
            start(HostType, _Opts) ->
                gen_hook:add_handler(user_available_hook, HostType, fun ?MODULE:here/3, #{}, 50).
            here(Acc, #{jid := JID}, _Extra) ->
                note(JID),
                {ok, Acc}.
            "#,
        );
    }
}
