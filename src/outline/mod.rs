//! What one module (or header) says, without judgement. Every part is found when it is asked for, and only the
//! forms that somebody looks into are parsed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

mod alike;
pub mod directives;
mod trouble;

pub use trouble::{GivenUp, Trouble};

use crate::budget::{spend, unmetered};
use crate::source::{Place, Source, Span};
use crate::syntax::ast::{Ast, Clause, Name};
use crate::syntax::scan::{self, Form, FormKind, Token, Tokens};
use crate::syntax::uses::{Unread, Use};
use crate::syntax::{self, Refused};
use alike::{common_end, common_start};
use directives::Directive;

/// A module or header: its text, split into forms.
pub struct Module {
    source: Arc<Source>,
    name: Name,
    split: OnceLock<SplitForms>,
    /// Sorted by name, then by form.
    functions: OnceLock<Vec<(Name, FunctionForm)>>,
    header: OnceLock<Header>,
    /// See [`Module::find_heads_inside`].
    heads_inside: OnceLock<Vec<(Name, FormIndex)>>,
    directives: OnceLock<Box<[Directive]>>,
    /// Bytes that were parsed without keeping a tree.
    parsed_besides: AtomicUsize,
    /// What somebody wanted to follow and gave up.
    given_up: Mutex<BTreeSet<(Span, GivenUp)>>,
    /// It will be asked the same again, so that more is kept.
    is_edited: bool,
}

/// The text, split into forms.
struct SplitForms {
    forms: Vec<ParsedForm>,
    broken: Vec<Span>,
    conflicts: Vec<Span>,
}

struct ParsedForm {
    form: Form,
    /// Behind a pointer as a whole: there are many forms, and few of them are parsed.
    ast: OnceLock<Parsed>,
    /// Why it is not known what the form uses, when somebody asked. Its tree may be known all the same: code of a plain shape needs no grammar.
    unread: OnceLock<Unread>,
    /// What is kept of a form of a module that is edited; apart, as most modules are not.
    kept: Option<Box<KeptForm>>,
}

#[derive(Default)]
struct KeptForm {
    /// The same form before the text around it was edited, with how many bytes it was moved by.
    before: Option<(Parsed, i64)>,
    /// What it uses, with how many bytes the form was moved by since.
    uses: OnceLock<(Used, i64)>,
}

type Parsed = Arc<Result<Ast, Refused>>;
type Used = Arc<Result<Vec<Use>, Unread>>;

impl ParsedForm {
    fn new(form: Form, is_edited: bool) -> Self {
        Self { form, ast: OnceLock::new(), unread: OnceLock::new(), kept: is_edited.then(Box::default) }
    }

    /// Takes what is known of the same form, which stood elsewhere.
    fn take_from(&mut self, known: &Self, by: i64) {
        let before = match (known.ast.get(), known.before()) {
            (Some(parsed), _) => Some((Arc::clone(parsed), by)),
            (None, Some((parsed, earlier))) => Some((Arc::clone(parsed), earlier + by)),
            (None, None) => None,
        };
        let uses = known.kept.as_ref().and_then(|kept| kept.uses.get());
        let uses = uses.map(|(used, earlier)| (Arc::clone(used), earlier + by));
        self.kept = Some(Box::new(KeptForm { before, uses: uses.map_or_else(OnceLock::new, OnceLock::from) }));
    }

    fn before(&self) -> Option<&(Parsed, i64)> {
        self.kept.as_ref()?.before.as_ref()
    }

    /// The tree, when there is one; moved where it has to be.
    fn so_far(&self) -> Option<Parsed> {
        self.ast.get().cloned().or_else(|| self.moved())
    }

    fn moved(&self) -> Option<Parsed> {
        let (parsed, by) = self.before()?;
        Some(match &**parsed {
            Ok(ast) if *by != 0 => Arc::new(Ok(ast.shifted(*by))),
            _ => Arc::clone(parsed),
        })
    }

    fn is_parsed(&self) -> bool {
        self.ast.get().is_some() || self.before().is_some()
    }
}

/// A function's form: all of its clauses in one place. With `-ifdef`, a function can have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionForm {
    pub arity: usize,
    pub form: FormIndex,
}

/// The number of a form in its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormIndex(usize);

/// What the attributes say.
#[derive(Debug, Default)]
pub struct Header {
    pub exports: Vec<(Name, usize)>,
    pub export_all: bool,
    /// Function, arity and the module that it is imported from.
    pub imports: Vec<(Name, usize, Name)>,
    pub includes: Vec<Include>,
    pub defines: Vec<Definition>,
    pub behaviours: Vec<Name>,
    /// Record names with the form that declares them.
    pub records: Vec<(Name, FormIndex)>,
}

/// A handler function: `module:function/arity`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mfa {
    pub module: String,
    pub function: String,
    pub arity: u8,
}

impl std::fmt::Display for Mfa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.module, self.function, self.arity)
    }
}

#[derive(Clone, Debug)]
pub struct Include {
    /// The path between the quotes.
    pub path: String,
    /// The whole attribute.
    pub span: Span,
    /// `-include_lib` rather than `-include`.
    pub lib: bool,
}

#[derive(Clone, Debug)]
pub struct Definition {
    pub name: Name,
    /// `None` for a macro without parentheses.
    pub arity: Option<usize>,
    pub form: FormIndex,
}

impl Module {
    /// Looks for the declared name, and does nothing else before something is asked.
    #[must_use]
    pub fn new(source: Arc<Source>) -> Self {
        let name = declared_name(source.text()).unwrap_or_else(|| stem(source.path()));
        Self {
            source,
            name,
            split: OnceLock::new(),
            functions: OnceLock::new(),
            header: OnceLock::new(),
            heads_inside: OnceLock::new(),
            directives: OnceLock::new(),
            parsed_besides: AtomicUsize::new(0),
            given_up: Mutex::default(),
            is_edited: false,
        }
    }

    /// A module that is open in an editor.
    #[must_use]
    pub fn for_editor(source: Arc<Source>) -> Self {
        Self { is_edited: true, ..Self::new(source) }
    }

    fn split(&self) -> &SplitForms {
        self.split.get_or_init(|| {
            let split = scan::split(self.source.text());
            let forms = split.forms.into_iter().map(|form| ParsedForm::new(form, self.is_edited)).collect();
            SplitForms { forms, broken: split.broken, conflicts: split.conflicts }
        })
    }

    /// The same module with another text. Forms are not parsed again that stand before or behind everything that is
    /// different.
    #[must_use]
    pub fn edited(&self, source: Arc<Source>) -> Self {
        let module = Self::for_editor(source);
        let Some(old) = self.split.get() else { return module };
        let (old_text, new_text) = (self.source.text().as_bytes(), module.source.text().as_bytes());
        let same_before = common_start(old_text, new_text);
        // The same bytes are not counted twice where text repeats itself.
        let same_behind = common_end(&old_text[same_before..], &new_text[same_before..]);
        let behind_from = new_text.len() - same_behind;
        let offset = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let by = offset(new_text.len()) - offset(old_text.len());
        let split = scan::split(module.source.text());
        let mut forms: Vec<ParsedForm> = split.forms.into_iter().map(|form| ParsedForm::new(form, true)).collect();
        for new in &mut forms {
            let span = new.form.span;
            let by = match span {
                _ if span.end as usize <= same_before => 0,
                _ if span.start as usize >= behind_from => by,
                _ => continue,
            };
            let was = span.shifted(-by);
            let at = old.forms.partition_point(|known| known.form.span.start < was.start);
            if let Some(known) = old.forms.get(at).filter(|known| known.form.span == was) {
                new.take_from(known, by);
            }
        }
        let _ = module.split.set(SplitForms { forms, broken: split.broken, conflicts: split.conflicts });
        module
    }

    fn index(&self) -> &[(Name, FunctionForm)] {
        self.functions.get_or_init(|| {
            let mut functions = Vec::new();
            for (index, form) in self.forms().filter(|(_, form)| form.kind == FormKind::Function) {
                let behind_name = (form.name.end - form.span.start) as usize;
                if let Some(arity) = scan::arity_at(self.source.slice(form.span), behind_name) {
                    let name = unquoted(self.source.slice(form.name));
                    functions.push((name, FunctionForm { arity, form: index }));
                }
            }
            functions.sort_by(|(a, _), (b, _)| a.cmp(b));
            functions.shrink_to_fit();
            functions
        })
    }

    /// The forms of all functions of one name, in source order.
    fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = FunctionForm> + use<'a> {
        let index = self.index();
        let start = index.partition_point(|(known, _)| known.as_str() < name);
        let length = index[start..].partition_point(|(known, _)| known == name);
        index[start..start + length].iter().map(|(_, form)| *form)
    }

    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The declared name, or the file's name without its extension.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        Place::new(&self.source, span)
    }

    /// The forms, if anybody asked for one so far.
    fn split_so_far(&self) -> impl Iterator<Item = &ParsedForm> {
        self.split.get().into_iter().flat_map(|split| &split.forms)
    }

    /// Spans of forms in which a string or quoted atom never ends; none while nobody asked for a form.
    #[must_use]
    pub fn broken(&self) -> &[Span] {
        self.split.get().map_or(&[], |split| &split.broken)
    }

    /// Lines between forms that mark a conflict of a merge; none while nobody asked for a form.
    #[must_use]
    pub fn conflicts(&self) -> &[Span] {
        self.split.get().map_or(&[], |split| &split.conflicts)
    }

    #[must_use]
    pub fn form(&self, index: FormIndex) -> &Form {
        &self.split().forms[index.0].form
    }

    pub fn forms(&self) -> impl Iterator<Item = (FormIndex, &Form)> {
        self.split().forms.iter().enumerate().map(|(index, parsed)| (FormIndex(index), &parsed.form))
    }

    /// The form that an offset lies in.
    #[must_use]
    pub fn form_at(&self, offset: u32) -> Option<FormIndex> {
        let index = self.split().forms.partition_point(|parsed| parsed.form.span.end <= offset);
        self.split().forms.get(index).filter(|parsed| parsed.form.span.start <= offset).map(|_| FormIndex(index))
    }

    #[must_use]
    pub fn text_of(&self, index: FormIndex) -> &str {
        self.source.slice(self.form(index).span)
    }

    /// Whether an atom stands in a form. Comments and strings do not count, unless nobody can say where they end.
    #[must_use]
    pub fn has_atom(&self, index: FormIndex, name: &str) -> bool {
        let (text, span) = (self.text_of(index), self.form(index).span);
        if self.broken().iter().any(|broken| broken.contains(span)) {
            return text.contains(name);
        }
        Tokens::new(text, 0)
            .any(|(token, at)| token == Token::Atom && text.get(at.range()).map(unquoted).as_deref() == Some(name))
    }

    /// The form's tree; parsed at the first call.
    ///
    /// # Errors
    /// The form is too long or nested too deeply to be parsed.
    pub fn ast(&self, index: FormIndex) -> Result<&Ast, Refused> {
        let parsed = &self.split().forms[index.0];
        let span = parsed.form.span;
        let no_tree = match parsed.unread.get() {
            Some(Unread::NoTree(refused)) => Some(*refused),
            _ => None,
        };
        let parse = || {
            let text = || self.source.slice(span);
            parsed.moved().unwrap_or_else(|| Arc::new(syntax::parse_unless(text(), span.start as usize, no_tree)))
        };
        (**parsed.ast.get_or_init(|| unmetered(parse))).as_ref().map_err(|&refused| refused)
    }

    /// What a form uses of other modules. Nothing of it is kept unless the module is edited.
    ///
    /// # Errors
    /// The form cannot be parsed, or has more in it than can be looked for.
    pub fn uses_in(&self, index: FormIndex) -> Result<Vec<Use>, Unread> {
        let parsed = &self.split().forms[index.0];
        let kept = parsed.kept.as_ref().map(|kept| &kept.uses);
        let uses = match kept.and_then(OnceLock::get) {
            Some((used, by)) => {
                (**used).clone().map(|uses| uses.into_iter().map(|used| used.shifted(*by)).collect::<Vec<_>>())
            }
            None => {
                let span = parsed.form.span;
                self.parsed_besides.fetch_add(span.len(), Ordering::Relaxed);
                let uses = syntax::uses::of_form(self.source.slice(span), span.start as usize);
                if let Some(kept) = kept {
                    let _ = kept.set((Arc::new(uses.clone()), 0));
                }
                uses
            }
        };
        uses.map_err(|unread| *parsed.unread.get_or_init(|| unread))
    }

    /// How many bytes were parsed so far; those that were parsed twice count twice.
    #[must_use]
    pub fn parsed_bytes(&self) -> usize {
        let kept = self.split_so_far().filter(|parsed| parsed.is_parsed());
        kept.map(|parsed| parsed.form.span.len()).sum::<usize>() + self.parsed_besides.load(Ordering::Relaxed)
    }

    /// The forms of a function: usually one, several when `-ifdef` chooses between definitions.
    #[must_use]
    pub fn function(&self, name: &str, arity: usize) -> Vec<FormIndex> {
        let forms: Vec<_> =
            self.named(name).filter(|function| function.arity == arity).map(|function| function.form).collect();
        if forms.is_empty() { self.behind_a_missing_dot(name, arity) } else { forms }
    }

    /// A function whose predecessor lacks its final dot stands in the predecessor's form.
    fn behind_a_missing_dot(&self, name: &str, arity: usize) -> Vec<FormIndex> {
        let heads = self.heads_inside.get_or_init(|| unmetered(|| self.find_heads_inside()));
        let start = heads.partition_point(|(known, _)| known.as_str() < name);
        let named = heads[start..].iter().take_while(|(known, _)| known == name);
        named.map(|(_, form)| *form).filter(|&form| self.clauses_in(form, name, arity).next().is_some()).collect()
    }

    /// The names with which lines start as a function's clause does and its form does not, each with its form; sorted.
    fn find_heads_inside(&self) -> Vec<(Name, FormIndex)> {
        let bytes = self.source.text().as_bytes();
        let mut found = Vec::new();
        for line in memchr::memchr_iter(b'\n', bytes).map(|newline| newline + 1) {
            let Some(length) = scan::head_at(&bytes[line..]) else { continue };
            let Some(form) = self.form_at(u32::try_from(line).unwrap_or(u32::MAX)) else { continue };
            let name = &self.source.text()[line..line + length];
            // A function of many clauses has as many such lines.
            let is_known = found.last().is_some_and(|(known, last): &(Name, _)| *last == form && known == name);
            if self.form(form).span.start as usize != line && !is_known {
                found.push((Name::new(name), form));
            }
        }
        found.sort_by(|(a, a_form), (b, b_form)| (a, a_form).cmp(&(b, b_form)));
        found.dedup();
        found
    }

    /// The arities with which a function of this name is defined.
    #[must_use]
    pub fn arities(&self, name: &str) -> Vec<usize> {
        let mut arities: Vec<_> = self.named(name).map(|function| function.arity).collect();
        arities.sort_unstable();
        arities.dedup();
        arities
    }

    /// All function names, for suggestions.
    pub fn function_names(&self) -> impl Iterator<Item = &Name> {
        self.index().iter().map(|(name, _)| name)
    }

    /// Every function with its arity and form, in source order.
    #[must_use]
    pub fn functions(&self) -> Vec<(&Name, FunctionForm)> {
        let mut all: Vec<_> = self.index().iter().map(|(name, function)| (name, *function)).collect();
        all.sort_by_key(|(_, function)| function.form);
        all
    }

    /// The clauses of a function in one of its forms, with the form's tree.
    pub fn clauses_in(&self, form: FormIndex, name: &str, arity: usize) -> impl Iterator<Item = (&Ast, &Clause)> {
        let ast = self.ast(form).ok();
        spend(ast.map_or(0, |ast| ast.items.len()));
        ast.into_iter().flat_map(move |ast| {
            ast.function_clauses()
                .filter(move |clause| {
                    clause.patterns.len() == arity
                        && clause.name.is_some_and(|id| ast.atom(id).is_some_and(|atom| atom == name))
                })
                .map(move |clause| (ast, clause))
        })
    }

    /// All clauses of a function, in order, whichever form they stand in.
    #[must_use]
    pub fn clauses(&self, name: &str, arity: usize) -> Vec<(&Ast, &Clause)> {
        self.function(name, arity)
            .into_iter()
            .flat_map(|form| self.clauses_in(form, name, arity).collect::<Vec<_>>())
            .collect()
    }

    #[must_use]
    pub fn defines(&self, name: &str, arity: usize) -> bool {
        !self.function(name, arity).is_empty()
    }

    /// Whether the function can be called from outside.
    #[must_use]
    pub fn exports(&self, name: &str, arity: usize) -> bool {
        let header = self.header();
        header.export_all || header.exports.iter().any(|(exported, n)| exported == name && *n == arity)
    }

    /// What the attributes say; read at the first call.
    #[must_use]
    pub fn header(&self) -> &Header {
        self.header.get_or_init(|| unmetered(|| self.read_header()))
    }

    /// The comments that are meant for hookshift; looked for at the first call.
    #[must_use]
    pub fn directives(&self) -> &[Directive] {
        self.directives.get_or_init(|| match directives::may_have(self.source.text()) {
            true => unmetered(|| directives::of(&self.source, &self)),
            false => Box::default(),
        })
    }

    /// The tokens behind an attribute's name.
    fn attribute_tokens(&self, form: &Form) -> Tokens<'_> {
        let rest = Span { start: form.name.end, end: form.span.end };
        Tokens::new(self.source.slice(rest), rest.start as usize)
    }

    fn read_header(&self) -> Header {
        let mut header = Header::default();
        for (index, form) in self.forms() {
            if form.kind != FormKind::Attribute {
                continue;
            }
            match self.source.slice(form.name) {
                "export" => header.exports.extend(self.names_with_arity(form)),
                "compile" => header.export_all |= self.attribute_atoms(form).any(|atom| atom == "export_all"),
                "import" => {
                    if let Some(module) = self.attribute_atoms(form).next() {
                        let functions = self.names_with_arity(form);
                        header.imports.extend(functions.into_iter().map(|(f, n)| (f, n, module.clone())));
                    }
                }
                "include" | "include_lib" => header.includes.extend(self.include(form)),
                "define" => header.defines.extend(self.definition(index, form)),
                "behaviour" | "behavior" => header.behaviours.extend(self.attribute_atoms(form).next()),
                "record" => header.records.extend(self.attribute_atoms(form).next().map(|name| (name, index))),
                _ => {}
            }
        }
        header
    }

    fn attribute_atoms<'a>(&'a self, form: &Form) -> impl Iterator<Item = Name> + 'a {
        self.attribute_tokens(form)
            .filter(|(token, _)| *token == Token::Atom)
            .map(|(_, span)| unquoted(self.source.slice(span)))
    }

    fn names_with_arity(&self, form: &Form) -> Vec<(Name, usize)> {
        let tokens: Vec<_> = self.attribute_tokens(form).collect();
        tokens
            .windows(3)
            .filter_map(|window| match window {
                [(Token::Atom, name), (Token::Punct(b'/'), _), (Token::Number, arity)] => {
                    let arity = self.source.slice(*arity).parse().ok()?;
                    Some((unquoted(self.source.slice(*name)), arity))
                }
                _ => None,
            })
            .collect()
    }

    fn include(&self, form: &Form) -> Option<Include> {
        let (_, span) = self.attribute_tokens(form).find(|(token, _)| *token == Token::String)?;
        let path = self.source.slice(span).trim_matches('"').to_owned();
        Some(Include { path, span: form.span, lib: self.source.slice(form.name) == "include_lib" })
    }

    fn definition(&self, index: FormIndex, form: &Form) -> Option<Definition> {
        let mut tokens = self.attribute_tokens(form).skip(1);
        let (Token::Atom | Token::Var, span) = tokens.next()? else {
            return None;
        };
        let has_params = self.source.text().as_bytes().get(span.end as usize) == Some(&b'(');
        let arity = has_params
            .then(|| scan::arity_at(self.source.slice(Span { start: span.end, end: form.span.end }), 0))
            .flatten();
        Some(Definition { name: unquoted(self.source.slice(span)), arity, form: index })
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("name", &self.name).field("source", &self.source).finish_non_exhaustive()
    }
}

/// What the module attribute says, which is found without splitting the text up.
fn declared_name(text: &str) -> Option<Name> {
    memchr::memmem::find_iter(text.as_bytes(), "module").find_map(|at| {
        let before = text[..at].trim_ascii_end().strip_suffix('-')?;
        // A comment or string can hold the same letters; an attribute starts its line.
        (before.is_empty() || before.ends_with('\n')).then_some(())?;
        let mut tokens = Tokens::new(&text[at + "module".len()..], 0);
        (tokens.next()?.0 == Token::Punct(b'(')).then_some(())?;
        let (token, span) = tokens.next()?;
        let from = at + "module".len();
        (token == Token::Atom).then(|| unquoted(&text[from + span.start as usize..from + span.end as usize]))
    })
}

fn unquoted(text: &str) -> Name {
    Name::new(text.trim_matches('\''))
}

/// The module name that a file name stands for.
#[must_use]
pub fn stem(path: &Path) -> Name {
    Name::new(path.file_stem().unwrap_or_default().to_string_lossy())
}

#[cfg(test)]
mod tests;
