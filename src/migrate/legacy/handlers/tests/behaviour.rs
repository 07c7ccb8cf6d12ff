//! Handlers drawn by lot, which do before and after what they are called with: the old ones as `ejabberd_hooks` called
//! them, the new ones as `gen_hook` does.

use std::fmt::Write as _;
use std::process::Command;

use super::rewritten;

/// A hook, the arguments of its handlers, the new parameters and the extra map, in terms of the variables `A`, `B`, `C`.
const HOOKS: [(&str, usize, &str, &str); 6] = [
    ("filter_local_packet", 0, "#{}", "#{}"),
    ("roster_get_versioning_feature", 1, "#{}", "#{host_type => A}"),
    ("remove_user", 2, "#{jid => {jid, A, B}}", "#{host_type => h}"),
    ("set_vcard", 3, "#{user => B, vcard => C}", "#{host_type => A}"),
    ("offline_message_hook", 3, "#{from => A, to => B, packet => C}", "#{host_type => h}"),
    ("user_send_packet", 3, "#{}", "#{host_type => h}"),
];

/// What the server has, and a function that nobody can look into.
const SERVER: [(&str, &str); 3] = [
    ("jid", "-module(jid).\n-export([to_lus/1]).\nto_lus({jid, U, S}) -> {U, S}.\n"),
    (
        "mongoose_acc",
        "-module(mongoose_acc).\n-export([packet/1, from_jid/1, to_jid/1, element/1]).\n\
         packet(#{a := A, b := B, c := C}) -> {A, B, C}.\nfrom_jid(#{a := A}) -> A.\nto_jid(#{b := B}) -> B.\n\
         element(#{c := C}) -> C.\n",
    ),
    (
        "ext",
        "-module(ext).\n-export([any/2]).\nany(a, _) -> stop;\nany(b, Acc) -> {stop, Acc};\nany({p, X}, _) -> {ok, X};\n\
         any(_, Acc) -> Acc.\n",
    ),
];

/// Compiles everything beside it, and compares what each pair of modules does.
const RUN: &str = r#"
main([Dir]) ->
    Sources = filelib:wildcard(filename:join(Dir, "*.erl")),
    [begin {ok, M, B} = compile:file(F, [binary, nowarn_unused_vars]), {module, M} = code:load_binary(M, F, B) end
     || F <- Sources],
    put(results, []),
    {ok, Cases} = file:consult(filename:join(Dir, "cases")),
    Values = [a, b, {p, a}, {p, {stop, b}}],
    Differences = [Case || Case <- Cases, A <- Values, B <- Values, C <- Values, not same(Case, A, B, C)],
    [io:format("~p~n", [D]) || D <- lists:usort(Differences)],
    %% Most of what is called returns something.
    true = 2 * length([failed || failed <- get(results)]) < length(get(results)),
    io:format("done: ~p~n", [length(Cases)]).

same({N, Arity, Function, Params, Extra}, A, B, C) ->
    Old = list_to_atom("old" ++ integer_to_list(N)),
    New = list_to_atom("new" ++ integer_to_list(N)),
    Acc = #{a => A, b => B, c => C},
    Was = result(fun() -> legacy(apply(Old, f, [Acc | lists:sublist([A, B, C], Arity)])) end),
    Is = result(fun() -> New:Function(Acc, value(Params, A, B, C), value(Extra, A, B, C)) end),
    put(results, [Is | get(results)]),
    Was =:= Is.

legacy(stop) -> {stop, stopped};
legacy({stop, New}) -> {stop, New};
legacy(New) -> {ok, New}.

result(F) -> try F() catch _:_ -> failed end.

value(Text, A, B, C) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Exprs, [{'A', A}, {'B', B}, {'C', C}]),
    Value.
"#;

/// Numbers that are the same in every run.
struct Lot(u64);

impl Lot {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one_of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A clause's head, and the variables that it binds.
    fn head(&mut self, arity: usize) -> (String, Vec<&'static str>) {
        let (mut patterns, mut bound) = (vec![self.one_of(&["Acc", "Acc", "_Acc", "#{} = Acc"])], vec![]);
        if patterns[0].ends_with("Acc") && patterns[0] != "_Acc" {
            bound.push("Acc");
        }
        for name in ["X", "Y", "Z"].into_iter().take(arity) {
            let all: [&'static str; 7] = match name {
                "X" => ["X", "X", "_X", "_", "a", "{p, X}", "b"],
                "Y" => ["Y", "Y", "_Y", "_", "a", "{p, Y}", "X"],
                _ => ["Z", "Z", "_Z", "_", "b", "{p, Z}", "X"],
            };
            let pattern = all[self.below(all.len())];
            let variable = ["X", "Y", "Z"].into_iter().find(|it| pattern.trim_end_matches('}').ends_with(it));
            if let Some(variable) = variable.filter(|_| !pattern.starts_with('_')) {
                bound.push(variable);
            }
            patterns.push(pattern);
        }
        (patterns.join(", "), bound)
    }

    fn value(&mut self, bound: &[&'static str]) -> String {
        let known = bound.to_vec();
        if known.is_empty() { "a".to_owned() } else { self.one_of(&known).to_owned() }
    }

    /// What is returned: an expression that may bind `R` followed by a number.
    fn result(&mut self, bound: &[&'static str], depth: usize, helper: bool) -> String {
        let (one, other) = (self.value(bound), self.value(bound));
        let last = depth == 0;
        match self.below(if last { 8 } else { 15 }) {
            0 | 1 => one,
            2 => "stop".to_owned(),
            3 => format!("{{stop, {one}}}"),
            4 => format!("{{ok, {one}}}"),
            5 => format!("[{one}, {other}]"),
            6 => format!("{{{one}, {other}}}"),
            7 => format!("ext:any({one}, {other})"),
            8 if helper => format!("h({one}, {other})"),
            8 | 9 => {
                let name = format!("R{}{}", depth, self.below(1000));
                let value = self.result(bound, depth - 1, helper);
                let more = if self.below(3) == 0 { format!("self() ! {name},\n        ") } else { String::new() };
                format!("begin\n        {name} = {value},\n        {more}{name}\n    end")
            }
            10 => format!("lists:foldl(fun(E, L) -> [E | L] end, {one}, [{other}])"),
            11 => {
                let (yes, no) = (self.result(bound, depth - 1, helper), self.result(bound, depth - 1, helper));
                format!("if {one} =:= {other} -> {yes}; true -> {no} end")
            }
            12 => {
                let (yes, no) = (self.result(bound, depth - 1, helper), self.result(bound, depth - 1, helper));
                format!("try {yes} catch _:_ -> {no} end")
            }
            _ => {
                let (first, second) = (self.result(bound, depth - 1, helper), self.result(bound, depth - 1, helper));
                format!(
                    "case {one} of\n        {{p, _}} -> {first};\n        a -> {second};\n        _ -> {other}\n    end"
                )
            }
        }
    }

    fn clauses(&mut self, name: &str, arity: usize, helper: bool) -> String {
        let mut clauses = Vec::new();
        for _ in 0..=self.below(3) {
            let (head, bound) = self.head(arity);
            let result = self.result(&bound, 2, helper);
            clauses.push(format!("{name}({head}) ->\n    {result}"));
        }
        clauses.join(";\n") + ".\n"
    }
}

#[test]
fn handlers_do_the_same_before_and_after() {
    const CASES: usize = 240;
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    SERVER.iter().for_each(|(name, text)| write(&format!("{name}.erl"), text));
    write("run.escript", RUN);
    let mut lot = Lot(0x5eed_1e9a_c1e5);
    let (mut cases, mut in_place) = (String::new(), 0);
    for number in 0..CASES {
        let (hook, arity, params, extra) = HOOKS[number % HOOKS.len()];
        let helper = lot.below(2) == 0;
        let mut code = lot.clauses("f", arity, helper);
        if helper {
            code.push_str(&lot.clauses("h", 1, false));
        }
        let text = format!(
            "-module(mod_a).\n-compile(nowarn_unused_function).\n-export([start/1, f/{}]).\n\
             start(H) -> ejabberd_hooks:add({hook}, H, ?MODULE, f, 50).\n{code}",
            arity + 1
        );
        let outcome = rewritten(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        let function = outcome.functions[0].split(": ").nth(1).unwrap().to_owned();
        in_place += usize::from(!outcome.text.contains("%% Calls"));
        let named = |text: &str, name: &str| text.replace("-module(mod_a)", &format!("-module({name}{number})"));
        write(&format!("old{number}.erl"), &named(&text, "old"));
        write(&format!("new{number}.erl"), &named(&outcome.text, "new"));
        let _ = writeln!(cases, "{{{number}, {arity}, {function}, \"{params}\", \"{extra}\"}}.");
    }
    assert!(in_place > CASES / 4 && in_place < CASES, "{in_place} of {CASES} were rewritten in place");
    write("cases", &cases);
    let run = Command::new("escript").arg(directory.path().join("run.escript")).arg(directory.path()).output();
    let said = run.map(|it| String::from_utf8_lossy(&it.stdout).into_owned() + &String::from_utf8_lossy(&it.stderr));
    let said = said.unwrap();
    let differs = said.lines().next().and_then(|line| line.trim_start_matches('{').split(',').next()).unwrap_or("");
    let shown =
        |name: &str| std::fs::read_to_string(directory.path().join(format!("{name}{differs}.erl"))).unwrap_or_default();
    assert!(said == format!("done: {CASES}\n"), "{said}\n{}\n{}", shown("old"), shown("new"));
}
