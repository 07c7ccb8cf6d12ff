//! A project that is kept in memory says after every edit what a fresh analysis of the same text says.
//!
//! Edits are random, and drawn from a fixed seed. Each is applied as an editor's are; now and then the whole is analysed
//! anew and compared. `HOOKSHIFT_REPLAY_EVERY=1` compares after each edit, which takes minutes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookshift::check::{Workspace, check};
use hookshift::finding::Finding;
use hookshift::outline::Module;
use hookshift::project::bounds::Bounds;
use hookshift::project::files::{self, Excludes};
use hookshift::project::options::Options;
use hookshift::source::Source;

/// How many edits are made in each project.
const EDITS: usize = 2_500;

/// A small generator of numbers that look random (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What people type, and what does harm.
const TYPED: [&str; 34] = [
    "x",
    "_",
    " ",
    ",",
    ".",
    ";",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "%",
    "$",
    "~",
    "?",
    "\n",
    ":",
    "->",
    "|",
    "#",
    "0",
    "A",
    "\u{e9}",
    "\u{1f980}",
    "when",
    "end",
    "case X of",
    "fun ",
    "ok",
    "stop",
    ".\n\n",
];

/// What matters to hooks.
const SNIPPETS: [&str; 27] = [
    "gen_hook:add_handlers(hooks(H)),",
    "gen_hook:delete_handlers(hooks(HostType)),",
    "{user_send_packet, HostType, fun ?MODULE:user_send_packet/3, #{}, 50},",
    "{c2s_remote_hook, HostType, fun ?MODULE:handle/3, #{}, 50}",
    "gen_hook:add_handler(acme_sent, global, fun ?MODULE:f/3, #{}, 5),",
    "ejabberd_hooks:add(user_receive_packet, Host, ?MODULE, f, 10),",
    "-include(\"acme.hrl\").\n",
    "-define(HOOKS, gen_hook).\n",
    "-export([hooks/1, f/3]).\n",
    "-module(mod_other).\n",
    "\nf(Acc, #{from := From}, _Extra) -> {stop, Acc}.\n",
    "\nhooks(HostType) -> [{remove_user, HostType, fun ?MODULE:f/3, #{}, 50}].\n",
    "{stop, drop}",
    "{ok, drop}",
    "mongoose_c2s:get_jid(C2SData)",
    "ejabberd_c2s:send(Pid, X)",
    "gen_hook:run_fold(acme_sent, HostType, ok, #{}),",
    "mongoose_hooks:user_send_packet(Acc, From, To, Packet),",
    "Pid ! {broadcast, X},",
    "<<<<<<< ours\n",
    "add_hook(H, a, f, 1),",
    "handlers(HostType)",
    "%% hookshift: ignore-file[removed-hook, changed-params] why not\n",
    "%% hookshift: ignore[changed-params, changed-stop, untagged-result, legacy-handler] why not\n",
    "%% hookshift: ignore[unknown-hook, local-handler, legacy-registration] why not\n",
    "%% hookshift: ignore[changed-meaning]\n",
    "%% hookshift: ",
];

struct Replay {
    originals: Vec<(PathBuf, String)>,
    workspace: Workspace,
    texts: Vec<Option<String>>,
    dice: Dice,
}

impl Replay {
    fn of(directory: &str, seed: u64) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
        let found = files::find(&[root], &Excludes::default(), &Bounds::default()).paths;
        let read = |path: &PathBuf| (path.clone(), Source::read(path).unwrap().text().to_owned());
        let originals: Vec<_> = found.iter().map(read).collect();
        let mut workspace = Workspace::open(options(found)).unwrap();
        workspace.refresh().unwrap();
        let texts = vec![None; originals.len()];
        Self { originals, workspace, texts, dice: Dice(seed) }
    }

    fn text(&self, file: usize) -> String {
        self.texts[file].clone().unwrap_or_else(|| self.originals[file].1.clone())
    }

    fn step(&mut self) {
        let file = self.dice.below(self.originals.len());
        let mut text = self.text(file);
        match self.dice.below(20) {
            0 if self.texts[file].is_some() => {
                self.texts[file] = None;
                self.workspace.close_document(file);
                return;
            }
            // Otherwise nothing that can be understood would be left soon.
            0..=3 => text.clone_from(&self.originals[file].1),
            4..=8 => self.insert(&mut text, false),
            9..=12 => self.insert(&mut text, true),
            13..=15 => self.delete(&mut text),
            _ => self.copy_line(&mut text),
        }
        let path = self.originals[file].0.clone();
        let source = Arc::new(Source::from_text(path, text.clone()).unwrap());
        // Nobody could write such a file, and so nobody could read it anew.
        if source.encode(&text).is_none() {
            return;
        }
        let module = match self.workspace.document(file) {
            Some(old) => old.edited(source),
            None => Module::new(source),
        };
        self.texts[file] = Some(text);
        self.workspace.set_document(file, &Arc::new(module));
    }

    fn place_in(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.dice.below(text.len() + 1))
    }

    fn insert(&mut self, text: &mut String, snippet: bool) {
        let at = self.place_in(text);
        let new = if snippet { self.dice.one_of(&SNIPPETS) } else { self.dice.one_of(&TYPED) };
        // Snippets go to where they may be understood.
        let at = if snippet { text[..at].rfind('\n').map_or(0, |newline| newline + 1) } else { at };
        text.insert_str(at, new);
    }

    fn delete(&mut self, text: &mut String) {
        let from = self.place_in(text);
        let to = text.ceil_char_boundary((from + 1 + self.dice.below(30)).min(text.len()));
        text.replace_range(from..to, "");
    }

    /// Some line of some file.
    fn copy_line(&mut self, text: &mut String) {
        let file = self.dice.below(self.originals.len());
        let other = self.text(file);
        let lines: Vec<&str> = other.lines().collect();
        let line = lines.get(self.dice.below(lines.len())).copied().unwrap_or_default();
        let at = self.place_in(text);
        let at = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        text.insert_str(at, &format!("{line}\n"));
    }

    /// What is found now, from what is kept and from the start.
    fn compare(&mut self, step: usize) {
        self.workspace.refresh().unwrap();
        let mut options = options(self.originals.iter().map(|(path, _)| path.clone()).collect());
        for (text, (path, _)) in self.texts.iter().zip(&self.originals) {
            if let Some(text) = text {
                let source = Source::from_text(path.clone(), text.clone()).unwrap();
                options.overlay.insert(path.clone(), source.encode(text).unwrap());
            }
        }
        let mut fresh = check(&options).unwrap();
        fresh.settle(|_, own| Some(own), hookshift::finding::Severity::Info);
        let fresh: Vec<String> = fresh.findings.iter().map(show).collect();
        let kept = self.workspace.files_with_findings();
        let kept: Vec<String> =
            kept.iter().flat_map(|path| self.workspace.findings_in(path)).map(|finding| show(&finding)).collect();
        for known in self.workspace.known() {
            let file = self.workspace.index_of(known.module.source().path()).unwrap();
            let text = self.text(file);
            assert!(
                text == known.module.source().text(),
                "step {step}: {} is analysed as it was",
                self.originals[file].0.display()
            );
        }
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|it| !those.contains(it)).cloned().collect::<Vec<_>>().join("\n")
        };
        assert!(
            fresh == kept,
            "step {step}: found only anew:\n{}\nfound only in what is kept:\n{}",
            only(&fresh, &kept),
            only(&kept, &fresh)
        );
    }
}

fn options(files: Vec<PathBuf>) -> Options {
    Options { files, from: "6.0.0".to_owned(), from_is_guess: true, to: "6.1.0".to_owned(), ..Options::default() }
}

fn show(finding: &Finding) -> String {
    let related: Vec<_> = finding.related.iter().map(|it| format!("{:?} {}", it.place, it.message)).collect();
    format!(
        "{:?} {:?} {} {} {} {} {:?} {:?} {:?} {:?}",
        finding.place,
        finding.place.span,
        finding.severity,
        finding.rule,
        finding.message,
        finding.label,
        related,
        finding.notes,
        finding.help,
        finding.handler
    )
}

fn replay(directory: &str, seed: u64) {
    let every = std::env::var("HOOKSHIFT_REPLAY_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(100);
    let mut replay = Replay::of(directory, seed);
    replay.compare(0);
    for step in 1..=EDITS {
        replay.step();
        // As after each of an editor's changes.
        replay.workspace.refresh().unwrap();
        if step % every == 0 {
            replay.compare(step);
        }
    }
}

#[test]
fn a_realistic_project() {
    replay("corpus/acme", 0x5eed_0001);
}

#[test]
fn pairs_of_before_and_after() {
    replay("corpus/fixes", 0x5eed_0002);
}

#[test]
fn modules_of_the_old_style() {
    replay("corpus/legacy/registrations", 0x5eed_0003);
}

#[test]
fn handlers_of_the_old_style() {
    replay("corpus/legacy/handlers", 0x5eed_0004);
}
