//! Laying a team's own files over a catalog: what they add, and what they say in place of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use super::super::files::{full_version, sort_release};
use super::super::known::{Catalog, KnownRelease, Part, Step};
use super::super::model::{Api, ApiHeader, ApiModule, ChangeKind, Changes, Hook, Release};
use super::super::version::Version;
use super::super::{check, model};
use super::{File, Files, OwnError, OwnHook, OwnRelease};

/// The catalog with the files over it.
pub(super) fn over(catalog: &Catalog, files: &Files) -> Result<Catalog, Vec<OwnError>> {
    let mut layer = Layer {
        catalog,
        files,
        releases: BTreeMap::new(),
        bases: BTreeMap::new(),
        other_apis: BTreeSet::new(),
        errors: Vec::new(),
    };
    let hooks = layer.hooks_of_all();
    layer.releases(&hooks);
    layer.apis_have_releases();
    // With a release that is wrong, what is said of steps would only look wrong, too.
    let steps = if layer.errors.is_empty() { layer.steps() } else { Vec::new() };
    if layer.errors.is_empty() {
        Ok(Catalog { releases: layer.releases.into_values().collect(), steps })
    } else {
        Err(layer.errors)
    }
}

struct Layer<'a> {
    catalog: &'a Catalog,
    files: &'a Files,
    releases: BTreeMap<Version, KnownRelease>,
    /// What the team's own releases are made of.
    bases: BTreeMap<Version, Version>,
    /// Releases whose API is another one than ours.
    other_apis: BTreeSet<Version>,
    errors: Vec<OwnError>,
}

/// A hook of `hooks.toml`, and the releases that have it.
struct Lasting {
    hook: Hook,
    since: Option<Version>,
    until: Option<Version>,
}

impl Layer<'_> {
    fn hooks_of_all(&mut self) -> Vec<Lasting> {
        let Some(file) = &self.files.hooks else { return Vec::new() };
        let mut hooks: Vec<Lasting> = Vec::new();
        for spanned in &file.content.hooks {
            let own = spanned.get_ref();
            let mut end = |text: &Option<String>| {
                let version = full_version(text.as_deref()?);
                version.map_err(|cause| self.errors.push(file.mistake(spanned.span().start, cause))).ok()
            };
            let lasting = Lasting { since: end(&own.since), until: end(&own.until), hook: described(file, spanned) };
            let meet = |it: &Lasting| {
                let before = |a: Option<Version>, b: Option<Version>| a.zip(b).is_some_and(|(a, b)| a < b);
                it.hook.name == own.name && !before(it.until, lasting.since) && !before(lasting.until, it.since)
            };
            if hooks.iter().any(meet) {
                let cause = format!("hook `{}` is there twice", own.name);
                self.errors.push(file.mistake(spanned.span().start, cause));
            }
            hooks.push(lasting);
        }
        hooks
    }

    fn releases(&mut self, lasting: &[Lasting]) {
        let maps_since = self.catalog.last_positional().map(|(_, since)| since);
        let is_known = |version: Version| self.catalog.known(version).is_some();
        let own = self.files.releases.keys().copied().filter(|version| !is_known(*version));
        let mut versions: Vec<Version> = self.catalog.releases().chain(own).collect();
        versions.sort_unstable();
        for version in versions {
            let file = self.files.releases.get(&version);
            let Some(known) = self.start(version, file) else { continue };
            let mut named: Vec<Hook> = Vec::new();
            for it in lasting {
                let positional = maps_since.is_some_and(|since| version < since);
                let lasts = it.since.is_none_or(|since| since <= version) && it.until.is_none_or(|end| version <= end);
                let mut hook = it.hook.clone();
                // Of a time when arguments had places, a description of a map says nothing, and the other way round.
                let described = if positional { !hook.arguments.is_empty() } else { is_of_maps(&hook) };
                if lasts && described {
                    if positional {
                        hook.parameters.clear();
                    } else {
                        hook.arguments.clear();
                    }
                    named.push(hook);
                }
            }
            let release = self.with_hooks(version, file, &known, named);
            let api = self.api(version, &known);
            self.releases.insert(version, KnownRelease { version, release, api });
        }
    }

    /// What the files start from: our release, the base of one of the team's own, or nothing.
    fn start(&mut self, version: Version, file: Option<&File<OwnRelease>>) -> Option<KnownRelease> {
        let ours = self.catalog.known(version);
        let base = file.and_then(|file| Some((file, file.content.base.as_ref()?)));
        match (ours, base) {
            (Some(_), Some((file, base))) => {
                let cause = format!("{version} is a release of MongooseIM, to which this file adds: it has no `base`");
                self.errors.push(file.mistake(base.span().start, cause));
                None
            }
            (Some(ours), None) => Some(ours.clone()),
            (None, Some((file, base))) => {
                let known = full_version(base.get_ref()).and_then(|base| {
                    let known = self.releases.get(&base).map(|it| (base, it.clone()));
                    known.ok_or_else(|| format!("there is no release {base} before {version}"))
                });
                match known {
                    Ok((base, known)) => {
                        self.bases.insert(version, base);
                        Some(known)
                    }
                    Err(cause) => {
                        self.errors.push(file.mistake(base.span().start, cause));
                        None
                    }
                }
            }
            (None, None) => {
                let release = Release { release: version.to_string(), ..Release::default() };
                Some(KnownRelease { version, release: Part::given(release), api: None })
            }
        }
    }

    fn with_hooks(
        &mut self,
        version: Version,
        file: Option<&File<OwnRelease>>,
        known: &KnownRelease,
        mut hooks: Vec<Hook>,
    ) -> Arc<Part<Release>> {
        if file.is_none() && hooks.is_empty() {
            return known.release.clone();
        }
        let mut release = known.release.get().clone();
        release.release = version.to_string();
        if let Some(file) = file {
            for without in &file.content.without {
                let before = release.hooks.len();
                release.hooks.retain(|hook| hook.name != *without.get_ref());
                release.handlers.retain(|handler| handler.hook != *without.get_ref());
                if release.hooks.len() == before {
                    let cause = format!("there is no hook `{}` to do without", without.get_ref());
                    self.errors.push(file.mistake(without.span().start, cause));
                }
            }
            let mut names = BTreeSet::new();
            for spanned in &file.content.hooks {
                let own = spanned.get_ref();
                let cause = if own.since.is_some() || own.until.is_some() {
                    Some("`since` and `until` are for hooks.toml: this file is about one release".to_owned())
                } else {
                    (!names.insert(own.name.as_str())).then(|| format!("hook `{}` is there twice", own.name))
                };
                self.errors.extend(cause.map(|cause| file.mistake(spanned.span().start, cause)));
                hooks.retain(|hook| hook.name != own.name);
                hooks.push(described(file, spanned));
            }
            for handler in &file.content.handlers {
                if !release.handlers.contains(handler) {
                    release.handlers.push(handler.clone());
                }
            }
        }
        release.hooks.retain(|hook| !hooks.iter().any(|own| own.name == hook.name));
        release.hooks.extend(hooks);
        sort_release(&mut release);
        Part::given(release)
    }

    fn api(&mut self, version: Version, known: &KnownRelease) -> Option<Arc<Part<Api>>> {
        let Some(file) = self.files.apis.get(&version) else { return known.api.clone() };
        self.other_apis.insert(version);
        let mut api = known.api.as_ref().map(|api| api.get().clone()).unwrap_or_default();
        api.release = version.to_string();
        add_api(&mut api, &file.content);
        Some(Part::given(api))
    }

    fn apis_have_releases(&mut self) {
        for (version, file) in &self.files.apis {
            if !self.releases.contains_key(version) && !self.files.releases.contains_key(version) {
                let path = file.path.clone();
                let cause = format!("there is no {version}.toml beside it, and no such release of MongooseIM");
                self.errors.push(OwnError { path, at: None, cause });
            }
        }
    }

    fn steps(&mut self) -> Vec<Step> {
        let mut steps: Vec<Step> = self.catalog.steps.iter().map(|step| self.kept(step)).collect();
        for (&(from, to), file) in &self.files.changes {
            let Some(ground) = self.ground(from, to, file) else { continue };
            let step = self.described(ground, file);
            steps.retain(|it| (it.from, it.to) != (from, to));
            steps.push(step);
        }
        self.undescribed();
        steps
    }

    /// A step of ours. Where the team's releases have other functions, the two APIs have to be compared anew.
    fn kept(&self, step: &Step) -> Step {
        let others = [step.from, step.to].iter().any(|version| self.other_apis.contains(version));
        Step { delta: step.delta.clone().filter(|_| !others), ..step.clone() }
    }

    /// The step whose entries hold for this one as well: ours of the same releases, or of those that the team's are made of.
    fn ground(&mut self, from: Version, to: Version, file: &File<Changes>) -> Option<Step> {
        let unknown = [from, to].into_iter().find(|version| !self.releases.contains_key(version));
        if let Some(version) = unknown {
            let cause = format!("there is no release {version}, neither of MongooseIM nor in releases/");
            self.errors.push(file.blame(cause));
            return None;
        }
        let base = |version: Version| {
            let mut base = version;
            while let Some(next) = self.bases.get(&base) {
                base = *next;
            }
            base
        };
        let ours = |from: Version, to: Version| self.catalog.steps.iter().find(|it| (it.from, it.to) == (from, to));
        let is_ours = |version: Version| self.catalog.known(version).is_some();
        let found = ours(base(from), base(to));
        if found.is_none() && is_ours(from) && is_ours(to) {
            let mut near: Vec<String> = Vec::new();
            near.extend(
                self.catalog.steps().filter(|it| it.0 == from || it.1 == to).map(|(a, b)| format!("{a}-to-{b}")),
            );
            let cause = format!(
                "between releases of MongooseIM, files are about the steps of the catalog, which has {}",
                if near.is_empty() { "none from the one or to the other".to_owned() } else { near.join(" and ") }
            );
            self.errors.push(OwnError { path: file.path.clone(), at: None, cause });
            return None;
        }
        let mut step = found.map_or_else(
            || Step { from, to, changes: Part::given(Changes::default()), delta: None, ends_positional: false },
            |step| self.kept(step),
        );
        // The comparison that is ready is one of our two releases.
        if (step.from, step.to) != (from, to) {
            step.delta = None;
        }
        (step.from, step.to) = (from, to);
        Some(step)
    }

    fn described(&mut self, ground: Step, file: &File<Changes>) -> Step {
        let mut changes = ground.changes.get().clone();
        lay_changes(&mut changes, &file.content);
        if let (Some(old), Some(new)) = (self.releases.get(&ground.from), self.releases.get(&ground.to)) {
            let (before, after) = (old.release.get(), new.release.get());
            // What the team's releases contradict is not so for them.
            let own = |name: &str| file.content.hooks.iter().any(|it| it.hook == name);
            changes.hooks.retain(|it| {
                let there = (before.hook(&it.hook).is_some(), after.hook(&it.hook).is_some());
                own(&it.hook)
                    || match it.kind {
                        ChangeKind::Added => there == (false, true),
                        ChangeKind::Removed => there == (true, false),
                        ChangeKind::Changed | ChangeKind::Meaning => there == (true, true),
                    }
            });
            let mut wrong = check::changes_against(&changes, before, after);
            if let (Some(old), Some(new)) = (&old.api, &new.api) {
                wrong.extend(check::api_changes_against(&file.content, old.get(), new.get()));
            }
            self.errors.extend(wrong.into_iter().map(|cause| file.blame(cause)));
        }
        Step { changes: Part::given(changes), ..ground }
    }

    /// Hooks that differ between two releases of which the team has files, with no file about the step.
    fn undescribed(&mut self) {
        for step in &self.catalog.steps {
            let (old, new) = (self.files.releases.get(&step.from), self.files.releases.get(&step.to));
            let (Some(_), Some(file)) = (old, new) else { continue };
            if self.files.changes.contains_key(&(step.from, step.to)) {
                continue;
            }
            let (Some(old), Some(new)) = (self.releases.get(&step.from), self.releases.get(&step.to)) else { continue };
            let wrong = check::changes_against(step.changes.get(), old.release.get(), new.release.get());
            self.errors.extend(wrong.into_iter().map(|cause| {
                file.blame(format!("{cause}: a file changes/{}-to-{}.toml has to say", step.from, step.to))
            }));
        }
    }
}

/// A hook as a file describes it.
fn described<T>(file: &File<T>, spanned: &Spanned<OwnHook>) -> Hook {
    let (line, _) = super::position(&file.text, spanned.span().start);
    spanned.get_ref().hook(&format!("{}:{line}", file.path.display()))
}

fn is_of_maps(hook: &Hook) -> bool {
    hook.arguments.is_empty() || !hook.parameters.is_empty()
}

/// Puts a team's entries to ours. One for the same thing takes our entry's place.
fn lay_changes(ours: &mut Changes, own: &Changes) {
    ours.from.clone_from(&own.from);
    ours.to.clone_from(&own.to);
    replace(&mut ours.hooks, &own.hooks, |a, b| a.hook == b.hook);
    ours.hooks.sort_by(|a, b| a.hook.cmp(&b.hook));
    replace(&mut ours.api, &own.api, |a, b| a.name == b.name);
    replace(&mut ours.config, &own.config, |a, b| a.path == b.path);
    replace(&mut ours.metrics, &own.metrics, |a, b| a.name == b.name);
    replace(&mut ours.tasks, &own.tasks, |a, b| a.title == b.title);
    replace(&mut ours.session_pids, &own.session_pids, |a, b| a == b);
    replace(&mut ours.kept_in_mnesia, &own.kept_in_mnesia, |a, b| a == b);
    for (ours, own) in [(&mut ours.no_rolling, &own.no_rolling), (&mut ours.pause, &own.pause)] {
        if !own.is_empty() {
            ours.clone_from(own);
        }
    }
}

fn replace<T: Clone>(ours: &mut Vec<T>, own: &[T], same: impl Fn(&T, &T) -> bool) {
    ours.retain(|it| !own.iter().any(|other| same(it, other)));
    ours.extend(own.iter().cloned());
}

/// Adds what a team's server exports and declares besides. A module or a header that is there is added to.
fn add_api(api: &mut Api, own: &Api) {
    for module in &own.modules {
        match api.modules.iter_mut().find(|it| it.name == module.name) {
            Some(known) => known.exports = words_of_both(&known.exports, &module.exports),
            None => api.modules.push(ApiModule::clone(module)),
        }
    }
    api.modules.sort_by(|a, b| a.name.cmp(&b.name));
    for header in &own.headers {
        match api.headers.iter_mut().find(|it| it.name == header.name) {
            Some(known) => {
                known.macros = words_of_both(&known.macros, &header.macros);
                replace(&mut known.records, &header.records, |a: &model::ApiRecord, b| a.name == b.name);
            }
            None => api.headers.push(ApiHeader::clone(header)),
        }
    }
    api.headers.sort_by(|a, b| a.name.cmp(&b.name));
}

fn words_of_both(one: &str, other: &str) -> String {
    let words: BTreeSet<&str> = one.split(' ').chain(other.split(' ')).filter(|word| !word.is_empty()).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}
