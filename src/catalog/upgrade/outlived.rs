//! What took a function's place in one step, and is gone itself or another function in a later one.
//!
//! Code that calls it would be as dead as the code that it stands for. Where the later steps say what becomes of these calls, their
//! code is put in ([`final_code`]); elsewhere no code is proposed on such a way, and a person is told of what came and went.

use super::final_code::{self, Later};
use super::{Upgrade, compose};
use crate::catalog::delta::LostExports;
use crate::catalog::model::{Api, ApiChange, RewriteClass};

/// The entries about functions, records and headers of each step, where any of them is another one on this way.
pub(super) type Outlived = Vec<Option<Vec<ApiChange>>>;

/// The entries of all steps whose code would call what the target release lacks, or what is another function there.
pub(super) fn all(upgrade: &Upgrade) -> Outlived {
    let mut all: Outlived = vec![None; upgrade.steps.len()];
    // The last one first, so that what a later step says is final already.
    for at in (0..all.len()).rev() {
        all[at] = of_step(upgrade, at, &all);
    }
    all
}

fn of_step(upgrade: &Upgrade, at: usize, settled: &Outlived) -> Option<Vec<ApiChange>> {
    let lost = Lost::behind(upgrade, at)?;
    let later = Later::new(upgrade, at, settled);
    let entries = &upgrade.steps[at].changes.get().api;
    let others: Vec<Option<ApiChange>> = entries.iter().map(|entry| on_this_way(entry, &lost, &later)).collect();
    let is_any = others.iter().any(Option::is_some);
    is_any
        .then(|| others.into_iter().zip(entries).map(|(other, entry)| other.unwrap_or_else(|| entry.clone())).collect())
}

/// An entry as it counts on this way; `None` where it is what it is on its own step.
fn on_this_way(entry: &ApiChange, lost: &Lost<'_>, later: &Later<'_>) -> Option<ApiChange> {
    let gone = lost.called_by(entry);
    let changed = code_of(entry).flat_map(calls).find(|function| later.says_something_of(*function));
    if gone.is_none() && changed.is_none() {
        return None;
    }
    let composed = final_code::of(entry, later).filter(|composed| lost.called_by(composed).is_none());
    if composed.is_some() {
        return composed;
    }
    match (gone, changed) {
        (Some(gone), _) => Some(without_code(later, entry, &gone, GONE)),
        // What proposes no code does no harm.
        (None, Some(changed)) if !entry.was.is_empty() => {
            let what = if later.is_gone(changed) { GONE } else { "another function" };
            Some(without_code(later, entry, &name(changed), what))
        }
        _ => None,
    }
}

fn name((module, function, arity): (&str, &str, usize)) -> String {
    format!("{module}:{function}/{arity}")
}

const GONE: &str = "gone";

/// An entry whose code calls a function that is `gone` or something else by now.
fn without_code(later: &Later<'_>, entry: &ApiChange, function: &str, gone: &str) -> ApiChange {
    let (then, now) = (later.then(), later.now());
    let as_well = if gone == GONE { " as well" } else { "" };
    let stuck = format!("what takes its place in {then} needs `{function}`, which is {gone} in {now}{as_well}");
    let came =
        format!("In {then} `{}` took its place, which needs `{function}`; that is {gone} in {now}.", entry.instead);
    let note = compose::join(&entry.note, &came);
    let mut told = ApiChange { stuck, note, rewrite: RewriteClass::Advice, ..entry.clone() };
    for code in [&mut told.was, &mut told.instead, &mut told.steps, &mut told.instead_of_accumulator] {
        code.clear();
    }
    told.forms.clear();
    told.results.clear();
    told.needs.clear();
    told
}

/// What modules lost behind a step.
struct Lost<'u> {
    modules: Vec<&'u LostExports>,
    target: &'u Api,
}

impl<'u> Lost<'u> {
    /// `None` where nothing comes behind, or the target release's exports are not known.
    fn behind(upgrade: &'u Upgrade, at: usize) -> Option<Self> {
        let later = upgrade.steps.get(at + 1..).filter(|later| !later.is_empty())?;
        let deltas = later.iter().filter_map(|step| step.delta.as_ref());
        let modules = deltas.flat_map(|delta| &delta.get().modules).collect();
        Some(Self { modules, target: upgrade.to.api.as_ref()?.get() })
    }

    /// A function that code of an entry calls and that the target release lacks.
    fn called_by(&self, entry: &ApiChange) -> Option<String> {
        code_of(entry).flat_map(calls).find(|called| self.has(called.0, called.1, called.2)).map(name)
    }

    fn has(&self, module: &str, function: &str, arity: usize) -> bool {
        let is_lost = |lost: &&LostExports| lost.module == module && lost.has(function, arity);
        self.modules.iter().any(is_lost) && !super::api::exports(self.target, module, function, arity)
    }
}

/// All code that an entry would put into a module.
fn code_of(entry: &ApiChange) -> impl Iterator<Item = &str> {
    let forms = entry.forms.iter().map(|form| &form.instead);
    let code = [&entry.instead, &entry.steps, &entry.instead_of_accumulator].into_iter().chain(forms);
    code.chain(entry.needs.values().flatten()).map(String::as_str)
}

/// The calls `module:function(…)` in a piece of the catalog's code, and names such as `module:function/1`, with their arities.
pub(super) fn calls(code: &str) -> Vec<(&str, &str, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (colon, _) in code.match_indices(':') {
        let module = code[..colon].rsplit(|c| !is_name(c)).next().unwrap_or_default();
        let rest = &code[colon + 1..];
        let function = rest.split(|c| !is_name(c)).next().unwrap_or_default();
        let is_atom = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let behind = &rest[function.len()..];
        let arity = match behind.strip_prefix('/') {
            Some(number) => number.split(|c: char| !c.is_ascii_digit()).next().and_then(|number| number.parse().ok()),
            None => behind.strip_prefix('(').map(count),
        };
        found.extend(arity.filter(|_| is_atom(module) && is_atom(function)).map(|arity| (module, function, arity)));
    }
    found
}

/// How many arguments stand before the parenthesis that closes.
fn count(arguments: &str) -> usize {
    let (mut depth, mut commas, mut any) = (0_usize, 0, false);
    for c in arguments.chars() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' if depth == 0 => break,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        any |= !c.is_whitespace();
    }
    if any { commas + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Version};

    fn upgrade(from: &str, to: &str) -> Upgrade {
        Upgrade::between(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn calls_are_found_with_their_arities() {
        let code = "case lib:f(X, {a, b}) of ok -> other:g(); _ -> Mod:h(1), lib:i([1, 2]) end, lib:j/3";
        assert_eq!(calls(code), [("lib", "f", 2), ("other", "g", 0), ("lib", "i", 1), ("lib", "j", 3)]);
    }

    #[test]
    fn what_came_and_went_is_told_and_not_written() {
        let short = upgrade("6.3.1", "6.3.2");
        assert_eq!(
            short.function_fate("translate", "translate", 2).unwrap().instead(),
            "service_translations:do(Lang, Text)"
        );
        let long = upgrade("6.3.1", "6.8.0");
        let fate = long.function_fate("translate", "translate", 2).unwrap();
        assert_eq!(fate.instead(), "Text");
        let long = upgrade("6.2.0", "6.8.0");
        let fate = long.function_fate("mod_caps", "delete_caps", 1).unwrap();
        let entry = fate.entry().unwrap();
        assert_eq!((entry.was.as_str(), entry.instead.as_str()), ("", ""));
        assert!(entry.stuck.contains("`mod_caps:delete_caps/2`, which is gone in 6.8.0"), "{}", entry.stuck);
    }

    /// Every entry that is another one on a way between any two releases than on its own step, as it is on that way.
    fn others(is_wanted: impl Fn(&ApiChange, &ApiChange) -> bool, shown: impl Fn(&ApiChange) -> String) -> Vec<String> {
        let catalog = Catalog::embedded();
        let releases: Vec<Version> = catalog.releases().collect();
        let mut found = Vec::new();
        for &from in &releases {
            for &to in releases.iter().filter(|&&to| to > from) {
                let upgrade = catalog.upgrade(from, to).unwrap();
                for at in 0..upgrade.steps.len() {
                    let own = &upgrade.steps[at].changes.get().api;
                    let both = own.iter().zip(upgrade.api_entries(at));
                    found.extend(both.filter(|(own, here)| own != here && is_wanted(own, here)).map(|it| shown(it.1)));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn what_is_written_in_its_final_form() {
        let code = others(
            |_, here| !here.was.is_empty(),
            |here| format!("{:?}: {} -> {}", here.rewrite, here.was, here.instead),
        );
        assert_eq!(
            code,
            [
                "Mechanical: ejabberd_s2s:domain_utf8_to_ascii(Domain) -> mongoose_s2s_lib:domain_utf8_to_ascii(Domain, binary)",
                "Mechanical: translate:translate(Lang, Text) -> Text",
                "Suggestion: C2SData#state.tls_enabled -> mongoose_xmpp_socket:is_ssl(mongoose_c2s:get_socket(C2SData))",
                "Suggestion: ejabberd_sm:get_user_present_resources(User, Server) -> ejabberd_sm:get_user_present_resources(jid:make_bare(User, Server))",
                "Suggestion: mod_pubsub:delete_item(Host, Node, Publisher, ItemId) -> mod_pubsub_old:delete_item(Host, Node, Publisher, ItemId, Acc)",
                "Suggestion: mod_pubsub:publish_item(Host, ServerHost, Node, Publisher, ItemId, Payload) -> mod_pubsub_old:publish_item(Host, ServerHost, Node, Publisher, ItemId, Payload, Acc)",
            ]
        );
    }

    #[test]
    fn what_is_told_in_its_final_form() {
        let told = others(
            |_, here| here.was.is_empty() && !here.instead.is_empty(),
            |here| format!("{} -> {}", here.name, here.instead),
        );
        assert_eq!(
            told,
            [
                "ejabberd_c2s:send_filtered/5 -> mongoose_router:route(mongoose_acc:new(From, To, Packet, {?MODULE, ?FUNCTION_NAME, ?LINE}))",
                "mod_bosh_socket:close/1 -> mongoose_xmpp_socket:close(Socket)",
                "mod_bosh_socket:get_peer_certificate/1 -> mongoose_xmpp_socket:get_peer_certificate(Socket)",
                "mod_bosh_socket:peername/1 -> mongoose_xmpp_socket:get_ip(Socket)",
                "mod_bosh_socket:send_xml/2 -> mongoose_xmpp_socket:send_xml(Socket, XML)",
                "mod_websockets:close/1 -> mongoose_xmpp_socket:close(Socket)",
                "mod_websockets:get_peer_certificate/1 -> mongoose_xmpp_socket:get_peer_certificate(Socket)",
                "mod_websockets:peername/1 -> mongoose_xmpp_socket:get_ip(Socket)",
                "mod_websockets:send_xml/2 -> mongoose_xmpp_socket:send_xml(Socket, XML)",
                "mongoose_hooks:sm_broadcast/5 -> mongoose_instrument:execute(mod_privacy_push_item, #{host_type => HostType}, #{count => SessionCount, user => LUser, server => LServer})",
                "mongoose_transport:get_peer_certificate/2 -> mongoose_xmpp_socket:get_peer_certificate(Socket)",
                "mongoose_transport:peername/2 -> mongoose_xmpp_socket:get_ip(Socket)",
                "mongoose_transport:send_xml/3 -> mongoose_xmpp_socket:send_xml(Socket, XML)",
                "mongoose_transport:starttls -> mongoose_xmpp_socket:tcp_to_tls(Socket, ListenerOpts, server)",
                "{send_filtered, Feature, From, To, Packet} -> mongoose_router:route(mongoose_acc:new(From, To, Packet, {?MODULE, ?FUNCTION_NAME, ?LINE}))",
            ]
        );
    }

    #[test]
    fn what_came_and_went_is_proposed_on_no_way() {
        let gone = others(|own, here| here.instead.is_empty() && !own.was.is_empty(), |here| here.name.clone());
        assert_eq!(
            gone,
            [
                "ejabberd_c2s:get_subscribed/1",
                // What registering gives is written in another way twice, the second time for a person to look at.
                "ejabberd_router:register_component/2",
                "ejabberd_router:register_component/3",
                "ejabberd_router:register_component/4",
                "ejabberd_router:register_components/2",
                "ejabberd_router:register_components/3",
                "ejabberd_router:register_components/4",
                "ejabberd_router:unregister_component/1",
                "ejabberd_router:unregister_component/2",
                "ejabberd_s2s:lookup_certfile/1",
                "ejabberd_s2s:timeout/0",
                "mod_caps:delete_caps/1",
                "mod_mam:archive_size_with_host_type/3",
                "mod_muc:hibernated_rooms_number/0",
                "mod_muc:online_rooms_number/0",
                "mongoose_metrics:get_aggregated_values/1",
                "mongoose_metrics:get_global_metric_names/0",
                "mongoose_metrics:get_host_type_metric_names/1",
                "mongoose_metrics:get_metric_value/2",
            ]
        );
    }

    #[test]
    fn no_way_leads_to_what_is_gone() {
        let catalog = Catalog::embedded();
        let releases: Vec<Version> = catalog.releases().collect();
        for &from in &releases {
            for &to in releases.iter().filter(|&&to| to > from) {
                let upgrade = catalog.upgrade(from, to).unwrap();
                for at in 0..upgrade.steps.len() {
                    let Some(lost) = Lost::behind(&upgrade, at) else { continue };
                    for entry in upgrade.api_entries(at) {
                        assert_eq!(lost.called_by(entry), None, "{from} to {to}: {}", entry.name);
                    }
                    for hook in &upgrade.steps[at].changes.get().hooks {
                        let parameters = hook.parameters.iter().chain(&hook.moved_parameters);
                        let code = parameters.flat_map(|it| [&it.now, &it.value]).chain([&hook.adapter]);
                        let called: Vec<_> = code.flat_map(|code| calls(code)).collect();
                        let gone = called.iter().find(|it| lost.has(it.0, it.1, it.2));
                        assert_eq!(gone, None, "{from} to {to}: {}", hook.hook);
                    }
                }
            }
        }
    }
}
