//! Which files are looked at: those with one of the words without which nothing can be found in them.
//!
//! What the filter lets through costs time; what it held back wrongly would be lost, so the words are those that
//! code cannot do without: the names of the modules through which handlers are registered, the `hooks(` of the
//! callback, and the functions, headers and messages that changed between the two releases. Comments that are meant for
//! hookshift count, too, as something may be found about them.
//!
//! There are hundreds of words, and searching for all of them at once costs several times what searching for one
//! does. But all have something in common: a name of the hook API has `hook` in it, a call of a module's function
//! has a colon behind the module, a function that is handed on to be applied has the list of its arguments behind it,
//! an include ends in `.hrl`, an import starts with `import(`, a message is sent with `!`. So six searches for next to
//! nothing, and one for each record of which a field changed, find all places where a word can stand, and only there is looked closer.

use std::ops::Range;

use memchr::memmem::Finder;
use rustc_hash::{FxHashMap, FxHashSet};

use super::mentions::{Mentions, NameHash, Names};
use super::metrics::READERS;
use crate::catalog::Upgrade;
use crate::outline::directives;

/// Words of code that registers handlers, whatever the releases. What only runs hooks calls functions, which are looked for
/// when they changed.
pub const HOOK_WORDS: [&str; 3] = ["gen_hook", "ejabberd_hooks", "hooks("];

/// What all words of the hook API have in them.
const HOOK: &str = "hook";

/// What all headers end in.
const HRL: &str = ".hrl";
const IMPORT: &str = "import(";

/// How the attribute starts, in either spelling.
const BEHAVIOUR: &[u8] = b"-behavio";

/// The words for one upgrade.
pub struct Prefilter {
    hook: Finder<'static>,
    hrl: Finder<'static>,
    import: Finder<'static>,
    /// The functions that changed, by module; `None` for all.
    functions: FxHashMap<Vec<u8>, Option<FxHashSet<Vec<u8>>>>,
    /// The same modules, for a first look that few others pass.
    modules: Names<256>,
    headers: Vec<String>,
    /// The first elements of messages.
    messages: FxHashSet<Vec<u8>>,
    /// Behaviours of which a callback is called no longer.
    behaviours: FxHashSet<Vec<u8>>,
    /// The names of records of which a field has another form.
    records: Vec<Finder<'static>>,
}

/// A word that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset in the searched bytes.
    pub at: usize,
    /// It belongs to an interface that changed, rather than to the hook API.
    pub api: bool,
}

impl Prefilter {
    /// The words of the hook API and of everything that changed between the two releases. A module that is part of the
    /// checked code (`is_own`) is not the server's, and its functions are what they are.
    #[must_use]
    pub fn new(upgrade: &Upgrade, is_own: impl Fn(&str) -> bool) -> Self {
        let bytes = |text: &str| text.as_bytes().to_vec();
        let changed = upgrade.changed_functions().into_iter().filter(|(module, _)| !is_own(module));
        let functions = changed.map(|(module, functions)| {
            (bytes(module), functions.map(|functions| functions.into_iter().map(bytes).collect()))
        });
        let messages = upgrade.message_needles().into_iter().map(String::into_bytes);
        let mut functions: FxHashMap<_, Option<FxHashSet<_>>> = functions.collect();
        // What is sent to the processes that they give, or that call them, may have changed, whosever they are.
        let sessions = upgrade.session_pids().chain(upgrade.session_openers());
        for (module, function) in sessions.filter_map(|name| name.split_once(':')) {
            if let Some(known) = functions.entry(bytes(module)).or_insert_with(|| Some(FxHashSet::default())) {
                known.insert(bytes(function));
            }
        }
        for (module, names) in READERS {
            if let Some(known) = functions.entry(bytes(module)).or_insert_with(|| Some(FxHashSet::default())) {
                known.extend(names.iter().map(|name| bytes(name)));
            }
        }
        let behaviours = upgrade.behaviour_needles().into_iter().map(bytes).collect();
        let records = upgrade.record_needles().into_iter().map(|name| Finder::new(&name).into_owned()).collect();
        Self { behaviours, records, ..Self::of(functions, upgrade.header_needles(), messages.collect()) }
    }

    fn of(
        functions: FxHashMap<Vec<u8>, Option<FxHashSet<Vec<u8>>>>,
        headers: Vec<String>,
        messages: FxHashSet<Vec<u8>>,
    ) -> Self {
        let mut modules = Names::default();
        functions.keys().for_each(|module| modules.note(NameHash::of(module)));
        let [hook, hrl, import] = [HOOK, HRL, IMPORT].map(Finder::new);
        let (behaviours, records) = (FxHashSet::default(), Vec::new());
        Self { hook, hrl, import, functions, modules, headers, messages, behaviours, records }
    }

    /// Looks for any word in a text. When there is none, this is what else the text mentions: the modules whose
    /// functions it calls or imports, and the file names of the headers that it includes.
    #[must_use]
    pub fn look(&self, bytes: &[u8]) -> Option<Mentions> {
        let mut mentions = Mentions::default();
        let found = self.hook.find_iter(bytes).any(|at| hook_word(bytes, at).is_some() || is_directive(bytes, at))
            || memchr::memchr2_iter(b':', b'!', bytes).any(|at| match bytes[at] {
                b'!' => self.message(bytes, at).is_some(),
                _ => {
                    let module = name_before(bytes, at);
                    let name = NameHash::of(&bytes[module.clone()]);
                    // What starts with another letter, or stands before two colons, is no module.
                    if bytes.get(module.start).is_some_and(u8::is_ascii_lowercase) && bytes.get(at + 1) != Some(&b':') {
                        mentions.note(name);
                    }
                    self.modules.may_have(name) && self.is_changed(bytes, module, at)
                }
            })
            || self.applied(bytes).next().is_some()
            || self.implemented(bytes).next().is_some()
            || self.import.find_iter(bytes).any(|at| {
                let module = &bytes[name_behind(bytes, at + IMPORT.len())];
                mentions.note(NameHash::of(module));
                self.functions.contains_key(module)
            })
            || self.hrl.find_iter(bytes).any(|at| {
                mentions.note(NameHash::of(&bytes[header_at(bytes, at)]));
                self.header_before(&bytes[..at + HRL.len()]).is_some()
            })
            || self.records(bytes).next().is_some();
        (!found).then_some(mentions)
    }

    /// All words in a text, in order.
    #[must_use]
    pub fn hits(&self, bytes: &[u8]) -> Vec<Hit> {
        let calls = self.calls(bytes).chain(self.applied(bytes)).chain(self.imports(bytes));
        let api = calls.chain(self.includes(bytes)).chain(self.messages(bytes));
        let api = api.chain(self.implemented(bytes)).chain(self.records(bytes));
        let api = api.map(|at| Hit { at, api: true });
        let mut hits: Vec<_> = self.hook_words(bytes).map(|at| Hit { at, api: false }).chain(api).collect();
        hits.sort_unstable();
        hits
    }

    /// Whether one of the commonest words is there. Where none is, [`Prefilter::look`] may find another one.
    #[must_use]
    pub fn has_hit(&self, bytes: &[u8]) -> bool {
        self.hook_words(bytes).next().is_some()
    }

    fn hook_words(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.hook.find_iter(bytes).filter_map(|at| hook_word(bytes, at))
    }

    /// Where functions that changed are called or referred to: the offset of the module's name.
    fn calls(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        memchr::memchr_iter(b':', bytes).filter_map(|colon| {
            let module = name_before(bytes, colon);
            self.is_changed(bytes, module.clone(), colon).then_some(module.start)
        })
    }

    /// The functions of this module that changed, if any did: the inner `None` is for all.
    fn changed_in(&self, module: &[u8]) -> Option<Option<&FxHashSet<Vec<u8>>>> {
        // Most names are told apart by their hash alone.
        let functions = || self.functions.get(module).map(Option::as_ref);
        self.modules.may_have(NameHash::of(module)).then(functions).flatten()
    }

    /// Whether the function behind the colon is one of this module that changed.
    fn is_changed(&self, bytes: &[u8], module: Range<usize>, colon: usize) -> bool {
        let Some(functions) = self.changed_in(&bytes[module]) else { return false };
        let function = name_behind(bytes, colon + 1);
        // What is no plain name, a macro or variable for example, can be any function.
        function.is_empty() || functions.is_none_or(|it| it.contains(&bytes[function]))
    }

    /// Where a function that changed is handed on to be applied, as in `rpc:call(Node, mod_x, f, [A])`: the offset of
    /// the module's name. Lists are rarer than commas, and few of them stand behind an atom and a comma.
    fn applied(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        memchr::memchr_iter(b'[', bytes).filter_map(|list| {
            let function = name_before(bytes, comma_before(bytes, list)?);
            if !bytes.get(function.start).is_some_and(u8::is_ascii_lowercase) {
                return None;
            }
            let module = name_before(bytes, comma_before(bytes, function.start)?);
            let functions = self.changed_in(&bytes[module.clone()])?;
            functions.is_none_or(|it| it.contains(&bytes[function])).then_some(module.start)
        })
    }

    /// Where functions of changed modules are imported: the offset of the module's name.
    fn imports(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.import.find_iter(bytes).filter_map(|at| {
            let module = name_behind(bytes, at + IMPORT.len());
            self.functions.contains_key(&bytes[module.clone()]).then_some(module.start)
        })
    }

    fn includes(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.hrl.find_iter(bytes).filter_map(|at| {
            let end = at + HRL.len();
            Some(end - self.header_before(&bytes[..end])?.len())
        })
    }

    /// Where a behaviour is implemented of which a callback is called no longer: the offset of its name.
    fn implemented(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        // Most upgrades have none, and then nothing is looked for.
        let text = if self.behaviours.is_empty() { &[] } else { bytes };
        memchr::memmem::find_iter(text, BEHAVIOUR).filter_map(|at| {
            let open = at + memchr::memchr(b'(', &text[at..])?;
            let name = name_behind(text, open + 1);
            self.behaviours.contains(&text[name.clone()]).then_some(name.start)
        })
    }

    /// The header that changed whose name ends here.
    fn header_before(&self, bytes: &[u8]) -> Option<&String> {
        self.headers.iter().find(|header| bytes.ends_with(header.as_bytes()))
    }

    /// Where a record is named of which a field has another form.
    fn records(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.records.iter().flat_map(|record| record.find_iter(bytes))
    }

    /// Where a tuple is sent that starts like a message which changed: the offset of its first element.
    fn messages(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        memchr::memchr_iter(b'!', bytes).filter_map(|bang| self.message(bytes, bang))
    }

    fn message(&self, bytes: &[u8], bang: usize) -> Option<usize> {
        let blanks = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let brace = bang + 1 + blanks(bang + 1);
        let tag = (bytes.get(brace) == Some(&b'{')).then(|| brace + 1 + blanks(brace + 1))?;
        let length = bytes[tag..].iter().take_while(|&&byte| is_name(byte)).count();
        self.messages.contains(&bytes[tag..tag + length]).then_some(tag)
    }
}

/// Where the word of the hook API starts that has its `hook` here.
fn hook_word(bytes: &[u8], at: usize) -> Option<usize> {
    HOOK_WORDS.iter().find_map(|word| {
        let start = at.checked_sub(word.find(HOOK)?)?;
        bytes[start..].starts_with(word.as_bytes()).then_some(start)
    })
}

/// Whether a comment for hookshift may start here.
fn is_directive(bytes: &[u8], at: usize) -> bool {
    directives::STARTS.iter().any(|start| bytes[at..].starts_with(start.as_bytes()))
}

/// The file name of a header, without directories, whose extension stands at an offset.
fn header_at(bytes: &[u8], extension: usize) -> Range<usize> {
    let is_directory = |&byte: &u8| matches!(byte, b'/' | b'"');
    let length = bytes[..extension].iter().rev().take_while(|byte| !is_directory(byte)).count();
    extension - length..extension + HRL.len()
}

/// The name that ends before a colon or comma, blanks and quotes left out; empty when there is none.
fn name_before(bytes: &[u8], colon: usize) -> Range<usize> {
    let end = colon - bytes[..colon].iter().rev().take_while(|&&byte| is_between(byte)).count();
    let length = bytes[..end].iter().rev().take_while(|&&byte| is_name(byte)).count();
    end - length..end
}

/// The comma that stands before an offset, blanks and quotes between them left out.
fn comma_before(bytes: &[u8], end: usize) -> Option<usize> {
    let between = bytes[..end].iter().rev().take_while(|&&byte| is_between(byte)).count();
    let comma = (end - between).checked_sub(1)?;
    (bytes[comma] == b',').then_some(comma)
}

/// The atom that starts behind a colon, blanks and quotes left out; empty when it is something else.
fn name_behind(bytes: &[u8], from: usize) -> Range<usize> {
    let start = from + bytes[from..].iter().take_while(|&&byte| is_between(byte)).count();
    if !bytes.get(start).is_some_and(u8::is_ascii_lowercase) {
        return start..start;
    }
    start..start + bytes[start..].iter().take_while(|&&byte| is_name(byte)).count()
}

fn is_name(byte: u8) -> bool {
    // A table, as this is asked of every letter before every colon.
    const NAME: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@';
            byte += 1;
        }
        table
    };
    NAME[byte as usize]
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefilter() -> Prefilter {
        let some = |names: &[&str]| Some(names.iter().map(|name| name.as_bytes().to_vec()).collect());
        let functions = [(b"mod_x".to_vec(), some(&["f", "g"])), (b"mod_gone".to_vec(), None)];
        let headers = ["c2s.hrl", "sub/deep.hrl"].map(ToOwned::to_owned);
        let messages = [b"route".to_vec()];
        Prefilter::of(functions.into_iter().collect(), headers.into(), messages.into_iter().collect())
    }

    fn hits(text: &str) -> Vec<(usize, bool)> {
        let prefilter = prefilter();
        let hits: Vec<_> = prefilter.hits(text.as_bytes()).iter().map(|hit| (hit.at, hit.api)).collect();
        assert_eq!(prefilter.look(text.as_bytes()).is_none(), !hits.is_empty(), "{text}");
        hits
    }

    #[test]
    fn every_word_of_the_hook_api_is_found() {
        for word in HOOK_WORDS {
            assert!(word.contains(HOOK), "{word}");
            assert_eq!(hits(&format!("a {word} b")), [(2, false)], "{word}");
            assert_eq!(hits(word), [(0, false)], "{word}");
        }
        assert_eq!(hits("webhook(hook) hooks mongoose_hooks:f()"), []);
    }

    #[test]
    fn comments_for_hookshift_are_looked_at() {
        let prefilter = prefilter();
        for start in directives::STARTS {
            assert!(start.starts_with(HOOK), "{start}");
            assert!(prefilter.look(format!("f() -> a. %% {start}").as_bytes()).is_none(), "{start}");
            assert_eq!(prefilter.hits(start.as_bytes()), [], "no handler is registered by it");
        }
        assert!(prefilter.look(b"%% hookshift ignores this, hookshift ignore").is_some());
    }

    #[test]
    fn calls_of_changed_functions_are_found() {
        assert_eq!(hits("mod_x:f()"), [(0, true)]);
        assert_eq!(hits("'mod_x':'f'(), mod_x : g()"), [(1, true), (15, true)]);
        assert_eq!(hits("fun mod_x\n  :f/1"), [(4, true)]);
        assert_eq!(hits("mod_x:F(), mod_x:?G()"), [(0, true), (11, true)]);
        assert_eq!(hits("mod_gone:any()"), [(0, true)]);
        assert_eq!(hits("my_mod_x:f(), mod_xy:f(), mod_x:h(), mod_x, X :: mod_y:t(), :"), []);
    }

    #[test]
    fn functions_that_are_handed_on_are_found() {
        assert_eq!(hits("rpc(N, mod_x, f, [A])"), [(7, true)]);
        assert_eq!(hits("spawn('mod_x' , 'f',\n  [])"), [(7, true)]);
        assert_eq!(hits("{mod_x,g,[]}, [mod_gone, any, [a]]"), [(1, true), (15, true)]);
        assert_eq!(
            hits("{mod_x, h, []}, {mod_x, f}, {mod_x, F, []}, {my_mod_x, f, []}, {f, []}, [mod_x, f], [], ,["),
            []
        );
    }

    #[test]
    fn includes_of_changed_headers_are_found() {
        assert_eq!(hits("-include(\"c2s.hrl\")."), [(10, true)]);
        assert_eq!(hits("-include_lib(\"a/include/sub/deep.hrl\")."), [(24, true)]);
        assert_eq!(hits("\"other.hrl\" \"deep.hrl\""), []);
    }

    #[test]
    fn what_else_is_mentioned_is_noted() {
        let text = "-include_lib(\"app/include/own.hrl\").\n-import(own_b, [f/1]).\ng() -> own_a:g().\n";
        let mentions = prefilter().look(text.as_bytes()).unwrap();
        assert!(["own.hrl", "own_b", "own_a"].iter().all(|name| mentions.may_have(NameHash::of(name.as_bytes()))));
        assert!(!mentions.may_have(NameHash::of(b"own_c")));
    }

    #[test]
    fn hits_come_in_order() {
        assert_eq!(hits("\"c2s.hrl\" mod_x:f(gen_hook)"), [(1, true), (10, true), (18, false)]);
    }

    #[test]
    fn messages_that_are_sent_are_found() {
        assert_eq!(hits("P ! {route, F, T, A}"), [(5, true)]);
        assert_eq!(hits("P!\n  { route, A}"), [(7, true)]);
        assert_eq!(hits("P ! route, {route, A}, P ! {router, A}, P ! {"), []);
    }
}
