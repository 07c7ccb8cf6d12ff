//! Handlers that nobody wrote: for each recipe that is mechanical, modules whose returns, nestings and helpers are drawn
//! by lot, for `ejabberd_hooks`, before and after. The same seed always draws the same module.

use std::fmt::Write as _;

/// A module as it is for three releases.
pub struct Generated {
    pub recipe: &'static str,
    /// What it was when it registered with `ejabberd_hooks`.
    pub legacy: String,
    pub before: String,
    /// What a rewrite should come to.
    pub after: String,
    /// Events in which a difference is that of the releases.
    pub may_differ: &'static [&'static str],
}

/// What a mechanical recipe changes, and what handlers of its hook are made of. Sides that differ between the releases
/// come in pairs.
struct Recipe {
    name: &'static str,
    hook: [&'static str; 2],
    tag: &'static str,
    /// Priorities to draw from, with what they become.
    priorities: &'static [[u32; 2]],
    /// What the handler took behind the accumulator when its arguments were positional.
    arguments: &'static [&'static str],
    /// The handler's parameters.
    params: [&'static str; 2],
    /// What the body begins with.
    prelude: [&'static str; 2],
    /// A clause behind the others.
    rest: [&'static str; 2],
    /// The stanza kind that the handler serves, if it serves one.
    kind: Option<&'static str>,
    /// What can be returned.
    returns: &'static [[&'static str; 2]],
    /// What can be looked at: an expression, and patterns without variables.
    questions: &'static [(&'static str, &'static [&'static str])],
    /// What can be noted.
    subjects: &'static [&'static str],
    may_differ: &'static [&'static str],
}

const fn same(text: &'static str) -> [&'static str; 2] {
    [text, text]
}

const OF_STANZAS: &[(&str, &[&str])] = &[
    ("mongoose_acc:stanza_type(Acc)", &["<<\"bad\">>", "undefined", "<<\"chat\">>"]),
    ("exml_query:path(mongoose_acc:element(Acc), [{element, <<\"body\">>}, cdata], <<>>)", &["<<\"casino\">>", "<<>>"]),
    ("mongoose_acc:get(drawn, seen, none, Acc)", &["none", "first"]),
    ("(mongoose_acc:to_jid(Acc))#jid.lserver", &["<<\"acme.example\">>", "<<\"elsewhere.example\">>"]),
];

const STANZA_RETURNS: &[[&str; 2]] = &[
    same("{ok, Acc}"),
    same("{ok, mongoose_acc:set(drawn, seen, first, Acc)}"),
    same("{ok, mongoose_acc:set_permanent(drawn, kept, mongoose_acc:stanza_type(Acc), Acc)}"),
    same("{ok, mongoose_acc:append(drawn, list, [one], Acc)}"),
];

const STANZA_SUBJECTS: &[&str] = &[
    "jid:to_binary(mongoose_acc:from_jid(Acc))",
    "jid:to_binary(mongoose_acc:to_jid(Acc))",
    "mongoose_acc:stanza_name(Acc)",
    "{mongoose_acc:host_type(Acc), mongoose_acc:stanza_type(Acc)}",
];

const RECIPES: &[Recipe] = &[
    Recipe {
        name: "user_send_packet -> user_send_message",
        hook: ["user_send_packet", "user_send_message"],
        tag: "HostType",
        priorities: &[[3, 3], [9, 9]],
        arguments: &["_From", "_To", "_El"],
        params: same("_Params"),
        prelude: same(""),
        rest: same(""),
        kind: Some("message"),
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: STANZA_SUBJECTS,
        may_differ: &[],
    },
    Recipe {
        name: "user_send_packet -> user_send_message, behind mod_privacy",
        hook: ["user_send_packet", "user_send_message"],
        tag: "HostType",
        priorities: &[[11, 11], [50, 50], [99, 99]],
        arguments: &["_From", "_To", "_El"],
        params: same("_Params"),
        prelude: same(""),
        rest: same(""),
        kind: Some("message"),
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: STANZA_SUBJECTS,
        may_differ: &["message_blocked"],
    },
    Recipe {
        name: "user_receive_packet -> user_receive_message",
        hook: ["user_receive_packet", "user_receive_message"],
        tag: "HostType",
        priorities: &[[11, 11], [60, 60], [95, 95]],
        arguments: &["Jid", "_From", "_To", "_El"],
        params: ["#{jid := Jid}", "#{c2s_data := C2SData}"],
        prelude: ["", "    Jid = mongoose_c2s:get_jid(C2SData),\n"],
        rest: same(""),
        kind: Some("message"),
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: &["jid:to_binary(Jid)", "jid:are_equal(Jid, mongoose_acc:to_jid(Acc))", "Jid#jid.lresource"],
        may_differ: &[],
    },
    Recipe {
        name: "user_receive_packet -> user_receive_presence",
        hook: ["user_receive_packet", "user_receive_presence"],
        tag: "HostType",
        priorities: &[[51, 51], [95, 95]],
        arguments: &["#jid{luser = User}", "_From", "_To", "_El"],
        params: ["#{jid := #jid{luser = User}}", "#{c2s_data := C2SData}"],
        prelude: ["", "    #jid{luser = User} = mongoose_c2s:get_jid(C2SData),\n"],
        rest: same(""),
        kind: Some("presence"),
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: &["User", "{User, mongoose_acc:stanza_type(Acc)}"],
        may_differ: &[],
    },
    Recipe {
        name: "c2s_preprocessing_hook -> user_send_packet",
        hook: ["c2s_preprocessing_hook", "user_send_packet"],
        tag: "HostType",
        priorities: &[[10, 5], [50, 5]],
        arguments: &["_State"],
        params: same("_Params"),
        prelude: same(""),
        rest: same(""),
        kind: None,
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: STANZA_SUBJECTS,
        may_differ: &[
            "element_enable",
            "element_a",
            "element_r",
            "element_inactive",
            "element_active",
            "api_message",
            "open_session",
            "open_session_of_guest",
            "open_websocket_session_of_guest",
            "open_session_again",
            "reconnect",
        ],
    },
    Recipe {
        name: "c2s_update_presence -> user_send_presence",
        hook: ["c2s_update_presence", "user_send_presence"],
        tag: "HostType",
        priorities: &[[50, 5], [90, 5]],
        arguments: &[],
        params: same("_"),
        prelude: same(""),
        rest: same(""),
        kind: None,
        returns: STANZA_RETURNS,
        questions: OF_STANZAS,
        subjects: STANZA_SUBJECTS,
        may_differ: &[],
    },
    Recipe {
        name: "user_ping_timeout -> user_ping_response",
        hook: ["user_ping_timeout", "user_ping_response"],
        tag: "HostType",
        priorities: &[[20, 20], [50, 50]],
        arguments: &["Jid"],
        params: ["#{jid := Jid}", "#{response := timeout, jid := Jid}"],
        prelude: same(""),
        rest: ["", ";\nhandle(Acc, _Params, _Extra) ->\n    {ok, Acc}"],
        kind: None,
        returns: &[same("{ok, Acc}")],
        questions: &[("Jid#jid.lresource", &["<<\"phone\">>", "<<>>"]), ("jid:to_lus(Jid)", &["{<<\"bob\">>, <<>>}"])],
        subjects: &["jid:to_binary(Jid)", "jid:to_lower(Jid)"],
        may_differ: &[],
    },
    Recipe {
        name: "filter_room_packet",
        hook: same("filter_room_packet"),
        tag: "HostType",
        priorities: &[[10, 10], [70, 70]],
        arguments: &["_HostType", "#{from_jid := From, role := Role} = Data"],
        params: [
            "#{event_data := #{from_jid := From, role := Role} = Data}",
            "#{from_jid := From, role := Role} = Data",
        ],
        prelude: same(""),
        rest: same(""),
        kind: None,
        returns: &[
            same("{ok, Acc}"),
            same("{ok, Acc#xmlel{attrs = [{<<\"drawn\">>, <<\"yes\">>}]}}"),
            same("{stop, Acc}"),
        ],
        questions: &[
            ("Role", &["participant", "visitor"]),
            ("exml_query:attr(Acc, <<\"id\">>)", &["<<\"m-casino\">>", "undefined"]),
        ],
        subjects: &["jid:to_binary(From)", "maps:get(from_nick, Data)", "jid:to_binary(maps:get(room_jid, Data))"],
        may_differ: &[],
    },
    Recipe {
        name: "filter_local_packet",
        hook: same("filter_local_packet"),
        tag: "HostType",
        priorities: &[[10, 10], [59, 59]],
        arguments: &[],
        params: same("_Params"),
        prelude: same("    {From, To, _, El} = Acc,\n"),
        rest: same(""),
        kind: None,
        returns: &[same("{ok, Acc}"), ["{ok, drop}", "{stop, drop}"], same("{stop, Acc}")],
        questions: &[
            ("El#xmlel.name", &["<<\"message\">>", "<<\"presence\">>"]),
            ("exml_query:attr(El, <<\"type\">>)", &["undefined", "<<\"error\">>"]),
            ("jid:are_bare_equal(From, To)", &["true"]),
        ],
        subjects: &["jid:to_binary(From)", "jid:to_binary(To)", "El#xmlel.name"],
        // The answer to a ping is not routed any more.
        may_differ: &["ping_answered"],
    },
    Recipe {
        name: "filter_packet",
        hook: same("filter_packet"),
        tag: "global",
        priorities: &[[10, 10], [59, 59]],
        arguments: &[],
        params: same("_Params"),
        prelude: same("    {_, To, _, El} = Acc,\n"),
        rest: same(""),
        kind: None,
        returns: &[same("{ok, Acc}"), ["{ok, drop}", "{stop, drop}"]],
        questions: &[
            ("To#jid.lserver", &["<<\"elsewhere.example\">>", "<<\"rooms.acme.example\">>"]),
            ("exml_query:attr(El, <<\"type\">>)", &["undefined", "<<\"error\">>"]),
        ],
        subjects: &["jid:to_binary(To)", "El#xmlel.name"],
        // The answer to a ping is not routed any more.
        may_differ: &["ping_answered"],
    },
    Recipe {
        name: "check_bl_c2s",
        hook: same("check_bl_c2s"),
        tag: "global",
        priorities: &[[10, 10], [50, 50]],
        arguments: &["IP"],
        params: ["#{ip := IP}", "#{ip := {IP, _Port}}"],
        prelude: same(""),
        rest: same(""),
        kind: None,
        returns: &[same("{ok, Acc}"), same("{ok, IP =:= {198, 51, 100, 1}}"), same("{stop, Acc}")],
        questions: &[("element(1, IP)", &["198", "192"]), ("Acc", &["true", "false"])],
        subjects: &["IP", "inet:ntoa(IP)"],
        may_differ: &[],
    },
];

/// One module of each recipe for each seed below `seeds`.
pub fn modules(seeds: u64) -> Vec<Generated> {
    let numbered = || RECIPES.iter().enumerate();
    (0..seeds)
        .flat_map(|seed| numbered().map(move |(index, recipe)| module(recipe, seed * 101 + index as u64)))
        .collect()
}

fn module(recipe: &Recipe, seed: u64) -> Generated {
    let mut drawing = Drawing::new(recipe, seed);
    let body = drawing.handler_body();
    let priority = *drawing.lot.pick(recipe.priorities);
    let style = drawing.lot.below(3);
    let [before, after] = [0, 1].map(|side| {
        let hook =
            format!("{{{}, {}, fun ?MODULE:handle/3, #{{}}, {}}}", recipe.hook[side], recipe.tag, priority[side]);
        let mut text =
            head(seed, 3) + &registration(&hook, style, ["gen_hook:add_handlers", "gen_hook:delete_handlers"]);
        let (params, prelude) = (recipe.params[side], recipe.prelude[side]);
        let (body, rest) = (&body[1 + side], recipe.rest[side]);
        let _ = writeln!(text, "\nhandle(Acc, {params}, _Extra) ->\n{prelude}{body}{rest}.");
        drawing.helpers.iter().for_each(|helper| text += &helper[1 + side]);
        text
    });
    let legacy = legacy_module(&drawing, seed, &body[0], priority[0], style);
    Generated { recipe: recipe.name, legacy, before, after, may_differ: recipe.may_differ }
}

/// What was drawn, registered with `ejabberd_hooks`.
fn legacy_module(drawing: &Drawing, seed: u64, body: &str, priority: u32, style: u64) -> String {
    let recipe = drawing.recipe;
    let hook = format!("{{{}, {}, ?MODULE, handle, {priority}}}", recipe.hook[0], recipe.tag);
    let arguments: String = recipe.arguments.iter().map(|argument| format!(", {argument}")).collect();
    let mut text = head(seed, 1 + recipe.arguments.len());
    text += &registration(&hook, style, ["ejabberd_hooks:add", "ejabberd_hooks:delete"]);
    let _ = writeln!(text, "\nhandle(Acc{arguments}) ->\n{}{body}.", recipe.prelude[0]);
    drawing.helpers.iter().for_each(|helper| text += &helper[0]);
    text
}

fn head(seed: u64, arity: usize) -> String {
    format!(
        "-module(mod_drawn_{seed}).\n-behaviour(gen_mod).\n-include(\"jlib.hrl\").\n\
         -export([start/2, stop/1, handle/{arity}]).\n\n"
    )
}

/// How a module adds and deletes its handler.
fn registration(hook: &str, style: u64, [add, delete]: [&str; 2]) -> String {
    let (tuple, list) = match style {
        0 => (hook.to_owned(), "hooks(HostType)"),
        1 => (hook.to_owned(), "lists:reverse(hooks(HostType))"),
        _ => (hook.to_owned(), "[Hook || Hook <- hooks(HostType)]"),
    };
    format!(
        "start(HostType, _Opts) ->\n    {add}({list}).\n\n\
         stop(HostType) ->\n    {delete}({list}).\n\n\
         hooks(HostType) ->\n    _ = HostType,\n    [{tuple}].\n"
    )
}

/// A text for each release, the oldest first.
type Sides = [String; 3];

/// A module on the way: what is drawn is written for all releases at once.
struct Drawing<'a> {
    recipe: &'a Recipe,
    lot: Lot,
    variables: u32,
    helpers: Vec<Sides>,
}

impl<'a> Drawing<'a> {
    fn new(recipe: &'a Recipe, seed: u64) -> Self {
        Self { recipe, lot: Lot::new(seed), variables: 0, helpers: Vec::new() }
    }

    fn handler_body(&mut self) -> Sides {
        let body = self.expression(3);
        let Some(kind) = self.recipe.kind else { return map(body, |body| format!("    {body}")) };
        let by_name = self.lot.below(2) == 0;
        join(body, with_bare(same("{ok, Acc}")), |body, acc| {
            if by_name {
                format!("    case mongoose_acc:stanza_name(Acc) of <<\"{kind}\">> -> {body}; _ -> {acc} end")
            } else {
                format!(
                    "    case mongoose_acc:element(Acc) of\n        #xmlel{{name = <<\"{kind}\">>}} -> {body};\n        #xmlel{{}} -> {acc}\n    end"
                )
            }
        })
    }

    /// An expression that comes to what a handler may return.
    fn expression(&mut self, depth: u32) -> Sides {
        if depth == 0 {
            return with_bare(*self.lot.pick(self.recipe.returns));
        }
        match self.lot.below(7) {
            0 => with_bare(*self.lot.pick(self.recipe.returns)),
            1 => self.noting(depth),
            2 | 3 => self.case(depth),
            4 => self.attempt(depth),
            5 => self.condition(depth),
            _ => self.bound(depth),
        }
    }

    fn noting(&mut self, depth: u32) -> Sides {
        let subject = *self.lot.pick(self.recipe.subjects);
        let number = self.number();
        map(self.expression(depth - 1), |rest| format!("begin acme_probe:note({{{number}, {subject}}}), {rest} end"))
    }

    fn case(&mut self, depth: u32) -> Sides {
        let (question, patterns) = *self.lot.pick(self.recipe.questions);
        let pattern = *self.lot.pick(patterns);
        let (yes, no) = (self.expression(depth - 1), self.noting(depth));
        join(yes, no, |yes, no| format!("case {question} of\n        {pattern} -> {yes};\n        _ -> {no}\n    end"))
    }

    fn attempt(&mut self, depth: u32) -> Sides {
        let (question, patterns) = *self.lot.pick(self.recipe.questions);
        let pattern = *self.lot.pick(patterns);
        let (yes, no) = (self.expression(depth - 1), self.expression(depth - 1));
        join(yes, no, |yes, no| {
            format!(
                "try {pattern} = {question} of\n        _ -> {yes}\n    catch\n        error:{{badmatch, _}} -> {no}\n    end"
            )
        })
    }

    fn condition(&mut self, depth: u32) -> Sides {
        let (question, patterns) = *self.lot.pick(self.recipe.questions);
        let pattern = *self.lot.pick(patterns);
        let variable = format!("Asked{}", self.number());
        let (yes, no) = (self.noting(depth), self.expression(depth - 1));
        join(yes, no, |yes, no| {
            format!("begin {variable} = {question}, if {variable} =:= {pattern} -> {yes}; true -> {no} end end")
        })
    }

    /// What is returned goes through a variable or through a helper that gets it.
    fn bound(&mut self, depth: u32) -> Sides {
        let number = self.number();
        if self.lot.below(2) == 0 {
            return map(self.noting(depth), |value| format!("begin Result{number} = {value}, Result{number} end"));
        }
        let subject = *self.lot.pick(self.recipe.subjects);
        self.helpers.push(map(Sides::default(), |_| {
            format!("\nhelper_{number}(Subject, Result) ->\n    acme_probe:note({{helper, {number}, Subject}}),\n    Result.\n")
        }));
        map(self.expression(depth - 1), |value| format!("helper_{number}({subject}, {value})"))
    }

    fn number(&mut self) -> u32 {
        self.variables += 1;
        self.variables
    }
}

/// A result, and in front of it what it was when only stopping had a tag.
fn with_bare([before, after]: [&str; 2]) -> Sides {
    let bare = before.strip_prefix("{ok, ").and_then(|rest| rest.strip_suffix('}')).unwrap_or(before);
    [bare, before, after].map(str::to_owned)
}

fn map(texts: Sides, with: impl Fn(String) -> String) -> Sides {
    texts.map(with)
}

fn join(one: Sides, other: Sides, with: impl Fn(&str, &str) -> String) -> Sides {
    [0, 1, 2].map(|side| with(&one[side], &other[side]))
}

/// Numbers that look drawn by lot, the same ones for the same seed.
struct Lot(u64);

impl Lot {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn pick<'b, T>(&mut self, from: &'b [T]) -> &'b T {
        let index = self.below(from.len() as u64);
        &from[usize::try_from(index).unwrap()]
    }
}
