//! What a release puts into a template: `vars-toml.config` and its like, Erlang terms as `{name, "value"}.`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::template::variables;
use crate::outline::Module;
use crate::source::{Overlay, ReadError, Source, Span};
use crate::syntax::scan::{Token, Tokens};

/// The variables that one file sets.
#[derive(Debug)]
pub struct Vars {
    pub source: Arc<Source>,
    /// Each with where it is set.
    set: Vec<(String, Span)>,
    /// Those that values are made of.
    used: Vec<String>,
    /// Some of it is no term.
    pub is_broken: bool,
}

impl Vars {
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: &Path, overlay: &Overlay) -> Result<Self, ReadError> {
        Ok(Self::of(overlay.read(path)?))
    }

    fn of(source: Source) -> Self {
        let module = Module::new(Arc::new(source));
        let (source, mut set, mut is_broken) = (Arc::clone(module.source()), Vec::new(), false);
        let is_whole = |span: Span| !module.broken().iter().any(|broken| broken.contains(span));
        for (_, form) in module.forms().filter(|(_, form)| is_whole(form.span)) {
            let mut tokens = Tokens::new(source.slice(form.span), form.span.start as usize);
            match [tokens.next(), tokens.next(), tokens.next()] {
                [Some((Token::Punct(b'{'), _)), Some((Token::Atom, name)), Some((Token::Punct(b','), _))] => {
                    set.push((source.slice(name).trim_matches('\'').to_owned(), name));
                }
                // The name of a file that is put in as well.
                [Some((Token::String, _)), ..] => {}
                _ => is_broken = true,
            }
        }
        is_broken |= !module.broken().is_empty() || !module.conflicts().is_empty();
        let used = variables(source.text()).into_iter().map(|(name, _)| name.to_owned()).collect();
        Self { source, set, used, is_broken }
    }

    /// Where a variable is set; the last one counts.
    #[must_use]
    pub fn set(&self, name: &str) -> Option<Span> {
        self.set.iter().rev().find(|(known, _)| known == name).map(|(_, span)| *span)
    }

    /// Whether the value of another variable has it in it.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.used.iter().any(|known| known == name)
    }
}

/// `vars-toml.config`, and what stands for one node or one place, as `prod.vars-toml.config`.
#[must_use]
pub fn is_named_as_vars(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix("vars-toml.config").is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The files that are put into a template: among those of the project the ones in its directory or above it, as `rel/` is above
/// `rel/files/`, otherwise all. Those in its directory and in the one above it count where nobody has listed them.
#[must_use]
pub fn vars_for(template: &Path, listed: &[PathBuf]) -> Vec<PathBuf> {
    let directory = |path: &Path| path.parent().unwrap_or(Path::new("")).to_path_buf();
    let own = directory(template);
    let near: Vec<PathBuf> = listed.iter().filter(|path| own.starts_with(directory(path))).cloned().collect();
    if !near.is_empty() {
        return near;
    }
    let mut beside: Vec<PathBuf> = own.ancestors().take(2).flat_map(named_in).collect();
    beside.sort();
    if beside.is_empty() { listed.to_vec() } else { beside }
}

fn named_in(directory: &Path) -> Vec<PathBuf> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let entries = std::fs::read_dir(here).into_iter().flatten().flatten();
    let named = entries.map(|entry| directory.join(entry.file_name()));
    named.filter(|path| is_named_as_vars(path) && path.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(text: &str) -> Vars {
        Vars::of(Source::from_text("rel/vars-toml.config".into(), text.to_owned()).unwrap())
    }

    #[test]
    fn terms_set_variables() {
        let text = "%% {no, \"\"}.\n{zlib, \"10_000\"}.\n{ 'c2s-port' , 5222}.\n{text,\n \"a = \\\"{{zlib }}\\\"\n\n b.\n\"}.\n\n\"./more.config\".\n{zlib, \"1\"}.\n";
        let vars = vars(text);
        let line = |name: &str| vars.set(name).map(|span| vars.source.line_index(span.start) + 1);
        assert_eq!(["no", "zlib", "c2s-port", "text", "b"].map(line), [None, Some(11), Some(3), Some(4), None]);
        assert!(vars.uses("zlib") && !vars.uses("text"));
        assert!(!vars.is_broken);
    }

    #[test]
    fn what_is_no_term_is_known_to_be_none() {
        for text in ["{a, \"1\"}.\n{b, \"2}.\n", "[{a, 1}].\n", "zlib = 1.\n"] {
            assert!(vars(text).is_broken, "{text}");
        }
        assert!(!vars("").is_broken);
    }

    #[test]
    fn files_are_known_by_their_names() {
        let is = |path: &str| is_named_as_vars(Path::new(path));
        assert!(is("rel/vars-toml.config") && is("prod.vars-toml.config"));
        assert!(!is("rel/vars.config") && !is("xvars-toml.config") && !is("rel/vars-toml.config.bak"));
    }

    #[test]
    fn those_that_are_near_are_taken() {
        let listed = ["rel/vars-toml.config", "other/vars-toml.config"].map(PathBuf::from);
        assert_eq!(vars_for(Path::new("rel/files/mongooseim.toml"), &listed), [listed[0].clone()]);
        assert_eq!(vars_for(Path::new("none/files/mongooseim.toml"), &listed), listed);
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("files")).unwrap();
        let path = root.path().join("vars-toml.config");
        std::fs::write(&path, "").unwrap();
        assert_eq!(vars_for(&root.path().join("files/mongooseim.toml"), &[]), [path]);
    }
}
