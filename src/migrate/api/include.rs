//! The include of a header that the target release does not have.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::budget::can_spend;
use crate::catalog::{ApiChange, ApiHeader};
use crate::migrate::serving::Context;
use crate::outline::{Include, Module};
use crate::project::files::is_header;
use crate::rewrite::{Edit, Fix};
use crate::source::Span;
use crate::syntax::scan::{FormKind, Token, Tokens};

/// A module that includes headers which are gone, of which there may be several.
pub struct Includer<'a> {
    context: &'a Context<'a>,
    module: &'a Arc<Module>,
    /// What it uses itself.
    own: OnceCell<Names>,
    /// What each of the project's headers uses that it includes.
    headers: OnceCell<Vec<(Arc<Module>, Names)>>,
    /// The names of the files that it includes.
    included: OnceCell<HashSet<&'a str>>,
}

impl<'a> Includer<'a> {
    #[must_use]
    pub fn new(context: &'a Context<'a>, module: &'a Arc<Module>) -> Self {
        Self { context, module, own: OnceCell::new(), headers: OnceCell::new(), included: OnceCell::new() }
    }

    /// Deletes an include of which nothing is used any more, or names the header that has what is.
    ///
    /// # Errors
    /// Something of the header is still used: says what.
    pub fn fix(&self, include: &Include, name: &str, entry: Option<&ApiChange>) -> Result<Fix, String> {
        let (context, module) = (self.context, self.module);
        let old = context.upgrade.old_header(name).ok_or("what the header declared is not known")?;
        if is_header(module.source().path()) {
            return Err("what includes this header may use what it brings along".to_owned());
        }
        if self.own.get().is_none() && !can_spend(module.source().text().len() / 4) {
            return Err("to look for what is used of it takes too many steps".to_owned());
        }
        let own = self.own.get_or_init(|| Names::of(module));
        let others = self.headers.get_or_init(|| {
            let headers = context.modules.headers(module).into_iter();
            headers.map(|header| (header.clone(), Names::of(&header))).collect()
        });
        let brought = entry.and_then(|entry| included(&entry.instead)).map(file_name);
        let is = |header: &Arc<Module>, name: &str| header.source().path().file_name().is_some_and(|it| it == name);
        let mut used = Used(vec![own]);
        let mut copied = BTreeSet::new();
        for (header, names) in others {
            // A copy of the header itself, or of what it brings along, does not count as a use of it.
            if is(header, name) {
                copied.extend(&names.declared);
            } else if brought.is_none_or(|brought| !is(header, brought)) {
                used.0.push(names);
            }
        }
        // A copy may have been changed.
        if let Some(more) = copied.into_iter().find(|declared| used.has(declared)) {
            return Err(format!("`{more}` of the project's copy of it is still used"));
        }
        let types = entry.map_or("", |entry| entry.types.as_str());
        let left = used.among(old, types);
        if !left.is_empty() {
            return Err(format!("{} of it {} still used", left.join(", "), if left.len() == 1 { "is" } else { "are" }));
        }
        let place = |span| module.place(span);
        if let Some(brought) = brought {
            let header = context.upgrade.new_header(brought);
            let names = || module.header().includes.iter().map(|it| file_name(&it.path)).collect();
            let included_already = self.included.get_or_init(names).contains(brought);
            let needed = header.is_some_and(|header| !used.among(header, "").is_empty());
            if needed && !included_already {
                let text = module.source().slice(include.span);
                let at = text.find(name).ok_or("the header's name was not found")?;
                let start = include.span.start as usize + at;
                let edit = Edit::replace(place(Span::new(start, start + name.len())), brought);
                return Ok(Fix::new(format!("include `{brought}`, of which something is used"), vec![edit]));
            }
        }
        Ok(Fix::new("delete the include", vec![Edit::delete(place(line_of(module, include.span)))]))
    }
}

/// The last part of an include's path.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of an include that is written out.
fn included(code: &str) -> Option<&str> {
    code.split('"').nth(1)
}

/// The whole line of an attribute, when nothing else stands in it, and one of two blank lines around it.
fn line_of(module: &Module, span: Span) -> Span {
    let text = module.source().text();
    let (start, end) = (span.start as usize, span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[end..];
    let next = rest.find('\n').map_or(text.len(), |at| end + at + 1);
    if !text[line..start].trim().is_empty() || !text[end..next].trim().is_empty() {
        return span;
    }
    let is_blank_before = line == 0 || text[..line - 1].rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let following = &text[next..];
    let blank = following.find('\n').filter(|&at| following[..at].trim().is_empty());
    match blank.filter(|_| is_blank_before) {
        Some(at) => Span::new(line, next + at + 1),
        None => Span::new(line, next),
    }
}

/// The names of records, macros and local types that files use, and those that they declare themselves.
#[derive(Default)]
struct Names {
    records: BTreeSet<String>,
    macros: BTreeSet<String>,
    types: BTreeSet<String>,
    /// With what stands before them where they are used: `#` or `?`, and nothing before a type.
    declared: BTreeSet<String>,
}

impl Names {
    fn of(module: &Module) -> Self {
        let mut names = Self::default();
        for (_, form) in module.forms() {
            let attribute = (form.kind == FormKind::Attribute).then(|| module.source().slice(form.name));
            let typed = matches!(attribute, Some("spec" | "type" | "opaque" | "callback" | "record"));
            let tokens: Vec<(Token, Span)> =
                Tokens::new(module.source().slice(form.span), form.span.start as usize).collect();
            if matches!(attribute, Some("type" | "opaque"))
                && let Some((_, name)) = tokens.get(2)
            {
                names.declared.insert(module.source().slice(*name).to_owned());
            }
            // Behind the dash and the attribute's name stands the name of what is specified.
            let start = if typed { 3 } else { 0 };
            for (at, (token, span)) in tokens.iter().enumerate().skip(start) {
                let name = || module.source().slice(*span).trim_matches('\'').to_owned();
                let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map(|(token, _)| *token);
                let called = tokens.get(at + 1).map(|(token, _)| *token) == Some(Token::Punct(b'('));
                match (token, before) {
                    (Token::Atom, Some(Token::Punct(b'#'))) => names.records.insert(name()),
                    (Token::Atom | Token::Var, Some(Token::Punct(b'?'))) => names.macros.insert(name()),
                    (Token::Atom, before) if typed && called && before != Some(Token::Punct(b':')) => {
                        names.types.insert(name())
                    }
                    // `is_record(X, state)` and `record_info(fields, state)`
                    (Token::Atom, _) if matches!(name().as_str(), "is_record" | "record_info") => {
                        let mut inner = tokens[at..].iter().take(8).filter(|(token, _)| *token == Token::Atom).skip(1);
                        inner.any(|(_, span)| names.records.insert(module.source().slice(*span).to_owned()))
                    }
                    _ => false,
                };
            }
        }
        let header = module.header();
        names.declared.extend(header.records.iter().map(|(name, _)| format!("#{name}")));
        names.declared.extend(header.defines.iter().map(|known| format!("?{}", known.name)));
        names
    }
}

/// The names of several files together.
struct Used<'a>(Vec<&'a Names>);

impl Used<'_> {
    fn any(&self, of: impl Fn(&Names) -> &BTreeSet<String>, name: &str) -> bool {
        self.0.iter().any(|names| of(names).contains(name))
    }

    /// Whether a name that is declared somewhere is among the names.
    fn has(&self, declared: &str) -> bool {
        let has = match (declared.strip_prefix('#'), declared.strip_prefix('?')) {
            (Some(record), _) => self.any(|it| &it.records, record),
            (_, Some(name)) => self.any(|it| &it.macros, name),
            _ => self.any(|it| &it.types, declared),
        };
        has && !self.any(|it| &it.declared, declared)
    }

    /// What of a header is among the names.
    fn among(&self, header: &ApiHeader, types: &str) -> Vec<String> {
        let bare = |name: &str| name.split('/').next().unwrap_or(name).to_owned();
        let foreign = |sigil: &str, name: &str| !self.any(|it| &it.declared, &format!("{sigil}{name}"));
        let records = header.records.iter().map(|it| it.name.as_str());
        let records = records.filter(|name| self.any(|it| &it.records, name) && foreign("#", name));
        let records = records.map(|name| format!("`#{name}{{}}`"));
        let macros = header.macros.split(' ').map(bare);
        let macros = macros.filter(|name| self.any(|it| &it.macros, name) && foreign("?", name));
        let macros = macros.map(|name| format!("`?{name}`"));
        let types = types.split(' ').filter(|name| self.any(|it| &it.types, name) && foreign("", name));
        let types = types.map(|name| format!("`{name}()`"));
        let mut found: Vec<String> = records.chain(macros).chain(types).collect();
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, fixed, unfixed, untouched};

    const RULE: &str = "removed-header";

    #[test]
    fn nothing_of_it_is_used() {
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -include("mongoose.hrl").
            -include("ejabberd_c2s.hrl").
            -include("jlib.hrl").

            -spec state(jid:jid()) -> ok.
            state(_) -> ?LOG_INFO(#{what => state}), ok.
            "#,
            r#"
            -module(mod_a).
            -include("mongoose.hrl").
            -include("jlib.hrl").

            -spec state(jid:jid()) -> ok.
            state(_) -> ?LOG_INFO(#{what => state}), ok.
            "#,
        );
    }

    #[test]
    fn one_of_two_blank_lines_goes_as_well() {
        fixed(
            RULE,
            r#"
            -module(mod_a).

            -include_lib("mongooseim/include/ejabberd_c2s.hrl").

            f() -> ok.
            "#,
            r#"
            -module(mod_a).

            f() -> ok.
            "#,
        );
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl"). % for the state
            f() -> ok.
            "#,
            r#"
            -module(mod_a).
             % for the state
            f() -> ok.
            "#,
        );
    }

    #[test]
    fn what_it_brought_along() {
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -include_lib("mongooseim/include/ejabberd_c2s.hrl").
            empty() -> #userlist{}.
            "#,
            r#"
            -module(mod_a).
            -include_lib("mongooseim/include/mod_privacy.hrl").
            empty() -> #userlist{}.
            "#,
        );
        fixed(
            RULE,
            r#"
            -module(mod_a).
            -include("mod_privacy.hrl").
            -include("ejabberd_c2s.hrl").
            empty() -> #userlist{}.
            "#,
            r#"
            -module(mod_a).
            -include("mod_privacy.hrl").
            empty() -> #userlist{}.
            "#,
        );
    }

    #[test]
    fn what_is_still_used() {
        unfixed(
            RULE,
            "`#state{}` of it is still used",
            r#"
            -include("ejabberd_c2s.hrl").
            jid(#state{jid = Jid}) -> Jid.
            "#,
        );
        unfixed(
            RULE,
            "`?STREAM_MGMT_H_MAX`, `broadcast()` of it are still used",
            r#"
            -include("ejabberd_c2s.hrl").
            -spec f(broadcast()) -> integer().
            f(_) -> ?STREAM_MGMT_H_MAX.
            "#,
        );
        unfixed(
            RULE,
            "`#state{}` of it is still used",
            r#"
            -include("acme.hrl").
            -include("ejabberd_c2s.hrl").
            f(S) -> ?OWNER(S).
            //- include/acme.hrl
            -define(OWNER(S), S#state.jid).
            "#,
        );
        unfixed(
            RULE,
            "`?IDLE` of the project's copy of it is still used",
            r#"
            -module(mod_a).
            -include("ejabberd_c2s.hrl").
            f() -> ?IDLE.
            //- include/ejabberd_c2s.hrl
            -define(IDLE, 60).
            "#,
        );
        unfixed(
            RULE,
            "what includes this header may use",
            r#"
            -module(mod_a).
            -include("acme.hrl").
            f() -> #state{}.
            //- include/acme.hrl
            -include("ejabberd_c2s.hrl").
            "#,
        );
    }

    #[test]
    fn when_the_last_use_is_gone() {
        let before = r#"
            -include("ejabberd_c2s.hrl").
            sent(Acc, #{c2s_data := State}, _Extra) ->
                {ok, mark(Acc, State#state.jid)}.
            "#;
        let done = Case::new(before).rules(&[RULE, "removed-record-field"]).fix(false);
        let text = &done.outcome.files[0].text;
        assert_eq!(
            text.trim_end(),
            "sent(Acc, #{c2s_data := State}, _Extra) ->\n    {ok, mark(Acc, mongoose_c2s:get_jid(State))}."
        );
    }

    #[test]
    fn other_headers_stay() {
        untouched(RULE, "-include(\"mod_privacy.hrl\").\n-include(\"my_ejabberd_c2s.hrl\").\nf() -> ok.\n");
    }
}
