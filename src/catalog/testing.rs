//! A made-up server with two releases, small enough to know by heart: what tests of the catalog and of the
//! reports work on.

use super::model::{Api, Changes, Parameter, Release};
use super::{Catalog, Parts, Version};

pub(crate) const V0_9: Version = Version::new(0, 9, 0);
pub(crate) const V1_0: Version = Version::new(1, 0, 0);
pub(crate) const V1_1: Version = Version::new(1, 1, 0);
pub(crate) const V1_2: Version = Version::new(1, 2, 0);

pub(crate) fn parse<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap()
}

/// As 1.0.0, when handlers still took positional arguments.
pub(crate) fn release_0_9() -> Release {
    let mut release = release_1_0();
    release.release = "0.9.0".to_owned();
    release.handlers.clear();
    for hook in &mut release.hooks {
        hook.parameters.clear();
        let arguments: &[&str] = match hook.name.as_str() {
            "login" => &["LUser", "HostType"],
            "old_hook" => &["State"],
            "packet" => &["From", "to_bare(To)", "Size"],
            _ => &[],
        };
        let argument = |key: &&str| Parameter { key: (*key).to_owned(), ty: "term()".to_owned(), optional: false };
        hook.arguments = arguments.iter().map(argument).collect();
    }
    release
}

pub(crate) fn changes_0_9_to_1_0() -> Changes {
    parse(
        r##"
        from = "0.9.0"
        to = "1.0.0"
        [[positional]]
        hook = "login"
        arguments = ["LUser", "HostType"]
        extra = { HostType = "host_type" }
        computed = [{ pattern = "LUser", value = "luser(JID)", take = { user = "JID" }, record = { user = "#jid{luser = LUser}" } }]
        [[positional]]
        hook = "old_hook"
        arguments = ["State"]
        keys = { State = "state" }
        [[positional]]
        hook = "packet"
        arguments = ["From", "To", "Size"]
        keys = { From = "from", To = "to" }
        computed = [{ pattern = "{Size, _}", value = "measure(Acc)", alone = { Size = "size(Acc)" } }]
        earlier = [
            { until = "0.8.0", arguments = ["Acc", "Sender", "To"], accumulator = true, keys = { Sender = "from" } },
            { until = "0.7.1", arguments = ["Stanza"], stuck = "its accumulator was another one" },
        ]
        [[positional]]
        hook = "stable"
        "##,
    )
}

pub(crate) fn release_1_0() -> Release {
    parse(
        r#"
        release = "1.0.0"
        [[hooks]]
        name = "login"
        run = "hooks:login/2"
        scope = "host-type"
        accumulator = "boolean()"
        initial = "true"
        parameters = [{ key = "user", type = "binary()" }]
        result = "boolean()"
        unwrapped = true
        at = "src/hooks.erl:10"
        [[hooks]]
        name = "old_hook"
        run = "hooks:old_hook/2"
        scope = "host-type"
        accumulator = "state()"
        initial = "State"
        parameters = [{ key = "state", type = "state()" }]
        result = "state()"
        unwrapped = true
        at = "src/hooks.erl:20"
        [[hooks]]
        name = "packet"
        run = "hooks:packet/3"
        scope = "host-type"
        accumulator = "acc()"
        initial = "Acc"
        parameters = [{ key = "from", type = "jid()" }, { key = "to", type = "jid()" }]
        result = "acc()"
        unwrapped = true
        at = "src/hooks.erl:30"
        [[hooks]]
        name = "stable"
        run = "hooks:stable/0"
        scope = "global"
        accumulator = ""
        initial = "ok"
        result = "ok"
        unwrapped = true
        at = "src/hooks.erl:40"
        [[handlers]]
        hook = "packet"
        priority = 50
        module = "mod_log"
        function = "log"
        at = "src/mod_log.erl:5"
        [[handlers]]
        hook = "packet"
        priority = 90
        module = "mod_push"
        function = "push"
        at = "src/mod_push.erl:7"
        "#,
    )
}

pub(crate) fn release_1_1() -> Release {
    parse(
        r#"
        release = "1.1.0"
        [[hooks]]
        name = "login"
        run = "hooks:login/2"
        scope = "host-type"
        accumulator = "boolean()"
        initial = "true"
        parameters = [{ key = "user", type = "binary()" }]
        result = "boolean()"
        unwrapped = true
        at = "src/hooks.erl:12"
        [[hooks]]
        name = "new_hook"
        run = "c2s_hooks:new_hook/3"
        scope = "host-type"
        accumulator = "acc()"
        initial = "Acc"
        parameters_type = "c2s_hooks:params()"
        parameters = [{ key = "data", type = "data()" }, { key = "tag", type = "atom()", optional = true }]
        result = "result()"
        unwrapped = false
        at = "src/c2s_hooks.erl:8"
        [[hooks]]
        name = "packet"
        run = "c2s_hooks:packet/3"
        scope = "host-type"
        accumulator = "acc()"
        initial = "Acc"
        parameters = [{ key = "data", type = "data()" }, { key = "to", type = "jid()" }]
        result = "result()"
        unwrapped = false
        at = "src/c2s_hooks.erl:30"
        [[hooks]]
        name = "stable"
        run = "hooks:stable/0"
        scope = "global"
        accumulator = ""
        initial = "ok"
        result = "ok"
        unwrapped = true
        at = "src/hooks.erl:41"
        [[handlers]]
        hook = "packet"
        priority = 50
        module = "mod_log"
        function = "log"
        at = "src/mod_log.erl:5"
        "#,
    )
}

/// As 1.1.0, but `new_hook` was renamed to `newer_hook`, and `old_hook` is back.
pub(crate) fn release_1_2() -> Release {
    let mut release = release_1_1();
    release.release = "1.2.0".to_owned();
    let new_hook = release.hooks.iter_mut().find(|hook| hook.name == "new_hook").unwrap();
    new_hook.name = "newer_hook".to_owned();
    let old_hook = release_1_0().hooks.into_iter().find(|hook| hook.name == "old_hook");
    release.hooks.extend(old_hook);
    release
}

pub(crate) fn changes_1_0_to_1_1() -> Changes {
    parse(
        r#"
        from = "1.0.0"
        to = "1.1.0"
        [[hooks]]
        hook = "login"
        kind = "meaning"
        summary = "It now runs before the password is checked."
        advice = "Do not count failures here."
        rewrite = "advice"
        meanings = [{ aspect = "moment", text = "Runs before the password check." }]
        requires = ["mod_auth", "mod_token"]
        evidence = [{ release = "1.1.0", at = "src/auth.erl:77" }]
        [[hooks]]
        hook = "new_hook"
        kind = "added"
        summary = "Takes the place of old_hook."
        advice = "Use it."
        rewrite = "none"
        replaces = ["old_hook"]
        evidence = [{ release = "1.1.0", at = "src/c2s_hooks.erl:8" }]
        [[hooks]]
        hook = "old_hook"
        kind = "removed"
        summary = "The handler is never called again; nothing is logged."
        advice = "Register it for new_hook, or for packet when it serves <message/> only."
        rewrite = "mechanical"
        conditions = ["ignores-parameters", "returns-only-ok"]
        replacements = [
            { hook = "new_hook", priority = 5, note = "Runs before the privacy check." },
            { hook = "packet", serves = "message" },
        ]
        parameters = [{ key = "state", change = "gone", now = "maps:get(data, Params)", note = "It has another type." }]
        before = """
old(Acc, #{state := S}, _) ->
    {ok, Acc}.
"""
        after = """
new(Acc, #{data := D}, _) ->
    {ok, Acc}.
"""
        evidence = [
            { release = "1.0.0", at = "src/hooks.erl:20", what = "was run here" },
            { release = "1.1.0", at = "src/c2s_hooks.erl:8" },
        ]
        [hooks.accumulator]
        before = "state()"
        after = "acc()"
        note = "The state is no longer handed on."
        [[hooks]]
        hook = "packet"
        kind = "changed"
        summary = "The sender is not a parameter any more."
        advice = "Take the sender from the accumulator."
        rewrite = "mechanical"
        conditions = ["parameters-in-head"]
        parameters = [{ key = "from", change = "gone", now = "sender(Acc)" }]
        stop = "The stanza is dropped."
        stop_before = "The other handlers are skipped."
        more_calls = "presence"
        drop = { before = "{ok, drop}", after = "{stop, drop}", note = "" }
        evidence = [{ release = "1.1.0", at = "src/c2s_hooks.erl:30" }]
        [[api]]
        kind = "removed-function"
        name = "c2s:state/1"
        instead = "c2s_data:get(Data)"
        note = "Calls fail with undef."
        rewrite = "mechanical"
        [[api]]
        kind = "removed-function"
        name = "c2s"
        note = "The module is gone."
        rewrite = "advice"
        [[api]]
        kind = "changed-function"
        name = "lib:same/1"
        note = "Returns a map now."
        rewrite = "suggestion"
        "#,
    )
}

pub(crate) fn changes_1_1_to_1_2() -> Changes {
    parse(
        r#"
        from = "1.1.0"
        to = "1.2.0"
        [[hooks]]
        hook = "new_hook"
        kind = "removed"
        summary = "Renamed."
        advice = "Register it for newer_hook."
        rewrite = "mechanical"
        replacements = [{ hook = "newer_hook" }]
        evidence = [{ release = "1.2.0", at = "src/c2s_hooks.erl:8" }]
        [[hooks]]
        hook = "newer_hook"
        kind = "added"
        summary = "Takes the place of new_hook."
        advice = ""
        rewrite = "none"
        replaces = ["new_hook"]
        evidence = [{ release = "1.2.0", at = "src/c2s_hooks.erl:8" }]
        [[hooks]]
        hook = "old_hook"
        kind = "added"
        summary = "It is back."
        advice = ""
        rewrite = "none"
        evidence = [{ release = "1.2.0", at = "src/hooks.erl:20" }]
        [[hooks]]
        hook = "packet"
        kind = "meaning"
        summary = "It also sees presences of others."
        advice = "Look at the sender."
        rewrite = "advice"
        evidence = [{ release = "1.2.0", at = "src/c2s_hooks.erl:30" }]
        "#,
    )
}

pub(crate) fn api_1_0() -> Api {
    parse(
        r#"
        release = "1.0.0"
        modules = [
            { name = "c2s", exports = "send/2 state/1" },
            { name = "lib", exports = "lost/1 lost/2 same/1" },
            { name = "util", exports = "id/1" },
        ]
        headers = [
            { name = "c2s.hrl", macros = "TIMEOUT", records = [{ name = "state", fields = "jid sid" }] },
            { name = "jid.hrl", records = [{ name = "jid", fields = "user server luser" }] },
        ]
        "#,
    )
}

pub(crate) fn api_1_1() -> Api {
    parse(
        r#"
        release = "1.1.0"
        modules = [
            { name = "lib", exports = "lost/2 same/1" },
            { name = "util", exports = "id/1" },
        ]
        headers = [{ name = "jid.hrl", records = [{ name = "jid", fields = "luser server" }] }]
        "#,
    )
}

/// As 1.1.0, but `lib:lost/1` is back.
pub(crate) fn api_1_2() -> Api {
    let mut api = api_1_1();
    api.release = "1.2.0".to_owned();
    api.modules[0].exports = "lost/1 lost/2 same/1".to_owned();
    api
}

/// 0.9.0 to 1.1.0, with positional arguments in the first release.
pub(crate) fn positional_catalog() -> Catalog {
    Catalog::from_parts(Parts {
        releases: vec![(V0_9, release_0_9()), (V1_0, release_1_0()), (V1_1, release_1_1())],
        apis: Vec::new(),
        changes: vec![((V0_9, V1_0), changes_0_9_to_1_0()), ((V1_0, V1_1), changes_1_0_to_1_1())],
    })
}

/// 1.0.0 to 1.2.0 with both steps between them.
pub(crate) fn catalog() -> Catalog {
    Catalog::from_parts(Parts {
        releases: vec![(V1_0, release_1_0()), (V1_1, release_1_1()), (V1_2, release_1_2())],
        apis: vec![(V1_0, api_1_0()), (V1_1, api_1_1()), (V1_2, api_1_2())],
        changes: vec![((V1_0, V1_1), changes_1_0_to_1_1()), ((V1_1, V1_2), changes_1_1_to_1_2())],
    })
}

/// The same, with its two steps changed, by their numbers.
pub(crate) fn catalog_with(edit: impl Fn(usize, &mut Changes)) -> Catalog {
    let (mut first, mut second) = (changes_1_0_to_1_1(), changes_1_1_to_1_2());
    edit(0, &mut first);
    edit(1, &mut second);
    Catalog::from_parts(Parts {
        releases: vec![(V1_0, release_1_0()), (V1_1, release_1_1()), (V1_2, release_1_2())],
        apis: vec![(V1_0, api_1_0()), (V1_1, api_1_1()), (V1_2, api_1_2())],
        changes: vec![((V1_0, V1_1), first), ((V1_1, V1_2), second)],
    })
}
