//! `legacy-handler`.

use super::{Rule, Serving};
use crate::catalog::{Catalog, EarlierForm, HookStatus, Positional, Version};
use crate::finding::{Finding, Label, Rewrite};
use crate::project::eval::Style;
use crate::project::handlers::{Contract, Return};
use crate::syntax::ast::Expr;

rule! {
    /// Finds a handler with positional arguments and a bare result, as handlers were before MongooseIM 6.0.0.
    ///
    /// ## Why it matters
    ///
    /// Since 6.0.0 a handler is called with three arguments: the accumulator, a map of parameters, and a map of extras, in
    /// which the host type is. It returns `{ok, Acc}` or `{stop, Acc}`. Anything else that it returns is a `case_clause` in the
    /// process that runs the hook.
    ///
    /// The finding says from where each argument that the handler uses comes now, and which of its results need a tag. The fix
    /// is that of its module: see `legacy-registration`.
    ///
    /// A function with another number of arguments than the hook called it with in 5.1.0 never worked there. Where this is how
    /// an older release called it, the finding says which; before 2.1.0, for instance, most handlers had no accumulator.
    ///
    /// ## Example
    ///
    /// ```erlang
    /// offline(Acc, From, To, Packet) ->
    ///     case is_wanted(Packet) of
    ///         true -> store(To, Packet), Acc;
    ///         false -> stop
    ///     end.
    /// ```
    ///
    /// ```erlang
    /// offline(Acc, #{to := To, packet := Packet}, _Extra) ->
    ///     case is_wanted(Packet) of
    ///         true -> store(To, Packet), {ok, Acc};
    ///         false -> {stop, stopped}
    ///     end.
    /// ```
    LegacyHandler, "legacy-handler", Error
}

impl Rule for LegacyHandler {
    declared!();

    fn judges(&self, style: Style) -> bool {
        style == Style::EjabberdHooks
    }

    fn serving(&self, serving: &Serving<'_>, out: &mut Vec<Finding>) {
        let Contract::Positional(known) = serving.handler.contract else { return };
        if serving.context.has_ejabberd_hooks() {
            return;
        }
        let (Some(place), Some((last, since))) = (serving.handler.head(), Catalog::embedded().last_positional()) else {
            return;
        };
        let about = About { serving, last, since };
        let arity = serving.handler.arity;
        let message = match known {
            Some(positional) if positional.arguments.len() + 1 != arity => about.other_arity(positional),
            Some(_) => about.outdated(),
            None => about.not_described(),
        };
        let mut finding =
            serving.finding(self, place, message).label("positional arguments").rewrite(Rewrite::Suggestion);
        if let Some(positional) = known {
            finding = finding.help(format!(
                "write `{}`, and return `{{ok, Acc}}` or `{{stop, Acc}}`",
                new_head(serving, positional)
            ));
            finding.notes.extend(notes(positional, &used(serving, positional)));
        }
        finding.related.extend(results(serving));
        finding.related.push(serving.registered_here());
        out.push(finding.fix(serving.context.legacy_fix(serving.registration.module.name())));
    }
}

/// A handler and the releases between which its form changed.
struct About<'a> {
    serving: &'a Serving<'a>,
    last: Version,
    since: Version,
}

impl About<'_> {
    fn outdated(&self) -> String {
        let Self { serving, since, .. } = self;
        format!(
            "`{}` takes positional arguments: since {since} a handler of `{}` is called with an accumulator and two maps, and \
             returns a tagged result",
            serving.handler.mfa(),
            serving.hook,
        )
    }

    /// Of a hook whose arguments the catalog does not know.
    fn not_described(&self) -> String {
        let Self { serving, last, .. } = self;
        let known = Catalog::embedded().release(*last).and_then(|release| release.hook(serving.hook));
        if known.is_some_and(|hook| !hook.parameters.is_empty()) {
            return format!(
                "`{}` cannot be a handler of `{}`, which called handlers with a map already in {last}: with \
                 `ejabberd_hooks` each call failed",
                serving.handler.mfa(),
                serving.hook,
            );
        }
        match (known, serving.status()) {
            (Some(_), _) | (None, HookStatus::Unknown) => self.outdated(),
            // It came later.
            _ => format!(
                "`{}` takes positional arguments, and no handler of `{}` ever did",
                serving.handler.mfa(),
                serving.hook
            ),
        }
    }

    /// Of a function that the hook did not call with as many arguments as it takes.
    fn other_arity(&self, positional: &Positional) -> String {
        let Self { serving, last, .. } = self;
        let (mfa, hook, arity) = (serving.handler.mfa(), serving.hook, serving.handler.arity);
        let called = listed(&positional.arguments);
        match earlier(positional, arity) {
            Some(form) => {
                let without = if form.accumulator { "" } else { ", without an accumulator" };
                format!(
                    "`{mfa}` has the form that handlers of `{hook}` had up to {}{without}; in {last} it was called with {called}, and failed",
                    form.until
                )
            }
            None => format!(
                "`{mfa}` takes {arity} arguments, and `{hook}` called handlers with {called} in {last}: it failed each time"
            ),
        }
    }
}

/// The form of an older release with this many arguments.
fn earlier(positional: &Positional, arity: usize) -> Option<&EarlierForm> {
    positional.earlier.iter().find(|form| form.arguments.len() == arity)
}

/// What a handler was called with, the accumulator first.
fn listed(arguments: &[String]) -> String {
    let all: Vec<&str> = std::iter::once("Acc").chain(arguments.iter().map(String::as_str)).collect();
    format!("`({})`", all.join(", "))
}

/// The arguments, as the catalog names them, with which the handler does something. Of a function of another form it
/// is not known which is which, except by the names that an older form has in common with the last one.
fn used<'a>(serving: &Serving<'_>, positional: &'a Positional) -> Vec<&'a str> {
    let arity = serving.handler.arity;
    let names: Vec<Option<&'a str>> = if arity == positional.arguments.len() + 1 {
        std::iter::once(None).chain(positional.arguments.iter().map(|name| Some(name.as_str()))).collect()
    } else if let Some(form) = earlier(positional, arity) {
        form.arguments
            .iter()
            .map(|name| positional.arguments.iter().find(|it| *it == name).map(String::as_str))
            .collect()
    } else {
        return positional.arguments.iter().map(String::as_str).collect();
    };
    let mut found: Vec<&str> = Vec::new();
    for at in serving.handler.clauses() {
        let Some(clause) = at.clause() else { continue };
        let ast = at.ast();
        for (name, &pattern) in names.iter().zip(ast.list(clause.patterns)) {
            let ignored = matches!(ast.expr(pattern), Expr::Var(var) if var.starts_with('_'));
            found.extend(name.filter(|name| !ignored && !found.contains(name)));
        }
    }
    found.sort_by_key(|name| positional.arguments.iter().position(|it| it == name));
    found
}

/// The head that the handler has afterwards, as far as keys say it.
fn new_head(serving: &Serving<'_>, positional: &Positional) -> String {
    let used = used(serving, positional);
    let of = |keys: &std::collections::BTreeMap<String, String>| -> Vec<String> {
        let with_keys = used.iter().filter_map(|&name| Some(format!("{} := {name}", keys.get(name)?)));
        with_keys.collect()
    };
    let mut parameters = of(&positional.keys);
    for computed in
        positional.computed.iter().filter(|computed| used.iter().any(|name| has_word(&computed.pattern, name)))
    {
        let taken = computed.take.iter().map(|(key, pattern)| format!("{key} := {pattern}"));
        parameters.extend(taken.filter(|it| !parameters.contains(it)).collect::<Vec<_>>());
    }
    let map = |fields: &[String], ignored: &str| match fields {
        [] => ignored.to_owned(),
        fields => format!("#{{{}}}", fields.join(", ")),
    };
    let parameters = match used.iter().find(|name| **name == positional.whole) {
        Some(whole) => (*whole).to_owned(),
        None => map(&parameters, "_Params"),
    };
    let extra = map(&of(&positional.extra), "_Extra");
    format!("{}(Acc, {parameters}, {extra})", serving.handler.name)
}

/// Where values come from that are in neither map.
fn notes(positional: &Positional, used: &[&str]) -> Vec<String> {
    let mut notes = Vec::new();
    for computed in &positional.computed {
        let wanted: Vec<&&str> = used.iter().filter(|name| has_word(&computed.pattern, name)).collect();
        match wanted[..] {
            [] => {}
            [&one] if computed.alone.contains_key(one) => notes.push(format!("`{one}` is `{}`.", computed.alone[one])),
            _ => notes.push(format!("`{}` is `{}`.", computed.pattern, computed.value)),
        }
    }
    notes.extend(Some(positional.note.clone()).filter(|note| !note.is_empty()));
    notes
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|it| it == word)
}

/// How many results are pointed at.
const MAX_RESULTS: usize = 8;

/// The results that need a tag.
fn results(serving: &Serving<'_>) -> Vec<Label> {
    let say = |what: &Return, text: &str| match what {
        Return::Stop(_) if text == "stop" => Some("`{stop, stopped}` has the meaning of this `stop`"),
        Return::Stop(_) => None,
        Return::Ok(_) | Return::Untagged(_) => Some("to be returned as `{ok, _}`"),
        Return::Unknown(_) => Some("may be a value or `{stop, _}`, and needs a tag when it is a value"),
    };
    let mut labels: Vec<Label> = Vec::new();
    for path in serving.handler.returns() {
        let Some(message) = say(&path.what, path.place.source.slice(path.place.span)) else { continue };
        if labels.len() < MAX_RESULTS && !labels.iter().any(|known| known.place.sort_key() == path.place.sort_key()) {
            labels.push(Label { place: path.place.clone(), message: message.to_owned() });
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{Case, check_rule, untouched};

    const RULE: &str = "legacy-handler";

    #[test]
    fn arguments_and_results_are_told() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) -> ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, offline, 50).

            offline(Acc, _From, To, Packet) ->
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-handler]: `mod_a:offline/4` takes positional arguments: since 6.0.0 a handler of `offline_message_hook` is called with an accumulator and two maps
            %% = help: write `offline(Acc, #{to := To, packet := Packet}, _Extra)`, and return `{ok, Acc}` or `{stop, Acc}`
            %% = related: to be returned as `{ok, _}`
            %% = related: `{stop, stopped}` has the meaning of this `stop`
            %% = related: may be a value or `{stop, _}`
            %% = related: `mod_a:offline/4` is registered for `offline_message_hook` here
            %% = hook: offline_message_hook
            %% = handler: mod_a:offline/4
                case acme:wants(To, Packet) of
                    true -> Acc;
                    maybe_later -> acme:later(Acc);
                    never -> {stop, Acc};
                    false -> stop
                end.
            "#,
        );
    }

    #[test]
    fn values_that_have_to_be_computed() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) ->
                ejabberd_hooks:add(remove_user, Host, ?MODULE, removed, 50),
                ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50),
                ejabberd_hooks:add(set_vcard, Host, ?MODULE, vcard, 50).
            removed(Acc, LUser, _) -> acme:forget(LUser), Acc.
            %%<^^^^^^^^^^^^^^^^^^^ error[legacy-handler]:
            %% = help: write `removed(Acc, #{jid := JID}, _Extra)`
            %% = note: `{LUser, LServer}` is `jid:to_lus(JID)`.
            sent(Acc, _From, _To, Packet) -> acme:sent(Packet), Acc.
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-handler]:
            %% = help: write `sent(Acc, _Params, _Extra)`
            %% = note: `Packet` is `mongoose_acc:element(Acc)`.
            vcard(_Acc, HostType, _User, VCard) -> {error, {HostType, VCard}}.
            %%<^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-handler]:
            %% = help: write `vcard(Acc, #{vcard := VCard}, #{host_type := HostType})`
            "#,
        );
    }

    #[test]
    fn a_function_that_the_hook_never_called_so() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) -> ejabberd_hooks:add(set_vcard, Host, ?MODULE, vcard, 50).
            vcard(Acc, VCard) -> acme:vcard(VCard), Acc.
            %%<^^^^^^^^^^^^^^ error[legacy-handler]: `mod_a:vcard/2` takes 2 arguments, and `set_vcard` called handlers with `(Acc, HostType, UserJID, VCard)` in 5.1.0: it failed each time
            "#,
        );
    }

    #[test]
    fn a_hook_of_the_project() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) -> ejabberd_hooks:add(acme_order_placed, Host, ?MODULE, placed, 50).
            place(Host, Order) -> ejabberd_hooks:run_fold(acme_order_placed, Host, ok, [Order]).
            placed(Acc, Order) -> acme:placed(Order), Acc.
            %%<^^^^^^^^^^^^^^^ error[legacy-handler]: `mod_a:placed/2` takes positional arguments: since 6.0.0 a handler of `acme_order_placed`
            "#,
        );
    }

    #[test]
    fn a_local_fun() {
        check_rule(
            RULE,
            r#"
            -module(mod_a).
            start(Host, _) -> ejabberd_hooks:add(offline_message_hook, Host, fun offline/4, 50).
            offline(Acc, _, _, Packet) -> acme:keep(Packet), Acc.
            %%<^^^^^^^^^^^^^^^^^^^^^^^ error[legacy-handler]: `mod_a:offline/4` takes positional arguments
            "#,
        );
    }

    #[test]
    fn where_ejabberd_hooks_is_there_nothing_is_wrong() {
        let code = "-module(mod_a).
start(Host, _) -> ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, offline, 50).
offline(Acc, _, _, Packet) -> acme:keep(Packet), Acc.
";
        let found = |release: &str| Case::new(code).from(release).to(release).rules(&[RULE]).findings().len();
        assert_eq!((found("5.1.0"), found("6.0.0")), (0, 1));
        untouched(
            RULE,
            &format!("{code}//- src/ejabberd_hooks.erl\n-module(ejabberd_hooks).\nadd(_, _, _, _, _) -> ok.\n"),
        );
    }

    #[test]
    fn handlers_with_maps_and_those_of_ejabberd_are_left_alone() {
        untouched(
            RULE,
            r#"
            -module(mod_a).
            start(HostType, _) -> gen_hook:add_handler(offline_message_hook, HostType, fun ?MODULE:offline/3, #{}, 50).
            offline(Acc, #{packet := Packet}, _) -> acme:keep(Packet), {ok, Acc}.
            //- src/mod_b.erl
            -module(mod_b).
            -export([mod_options/1]).
            start(Host, _) -> ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, offline, 50).
            offline({_, Packet} = Acc) -> acme:keep(Packet), Acc.
            mod_options(_) -> [].
            "#,
        );
    }
}
