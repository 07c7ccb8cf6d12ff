//! Input that somebody could write who wants hookshift to take long, of any size. Each has words of the hook API, so that it is
//! analysed and not passed over.

/// The files of a project: paths from its root, and what is in them.
pub type Files = Vec<(String, Vec<u8>)>;

/// One kind of bad input.
pub struct Input {
    pub name: &'static str,
    /// About as many bytes, in all files together.
    pub make: fn(usize) -> Files,
}

/// The start of a module with one handler, `f/3`.
const START: &str = "-module(a).\n-export([start/2, f/3]).\n\
    start(HostType, _) -> gen_hook:add_handler(c2s_presence_in, HostType, fun ?MODULE:f/3, #{}, 40).\n";

/// Every kind, by what it is made of.
pub const ALL: &[Input] = &[
    // Literals and comments.
    Input { name: "string: open in every line", make: |n| module(&repeat("g() -> x(\"abc).\n", n)) },
    Input { name: "quoted atom: open in every line", make: |n| module(&repeat("g() -> x('abc).\n", n)) },
    Input { name: "string: open in every other line", make: |n| module(&repeat("g() -> \"a.\nh() -> \"b\".\n", n)) },
    Input { name: "string: open, escaped", make: |n| module(&repeat("g() -> x\\\".\nh() -> y.\n", n)) },
    Input { name: "quoted atom: open, escaped", make: |n| module(&repeat("g() -> x\\'.\nh() -> y.\n", n)) },
    Input { name: "triple quotes: open", make: |n| module(&repeat("g() -> \"\"\"\n  a\n \"\"\"\".\n", n)) },
    Input { name: "triple quotes: one row", make: |n| handler(&"\"".repeat(n), "\nAcc") },
    Input { name: "triple quotes: rows in one line", make: |n| handler(&"\"\"\" ".repeat(n / 4), "Acc") },
    Input { name: "triple quotes: never at the start of a line", make: |n| handler(&repeat("x \"\"\"\n", n), "Acc") },
    Input {
        name: "triple quotes: fewer and fewer",
        make: |n| {
            let rows = (0..n.isqrt()).rev().map(|it| format!("x {0}\"\n{0}\n", "\"".repeat(it)));
            handler(&rows.collect::<String>(), "Acc")
        },
    },
    // Small forms of what is no code: each is read to its end, however many there are.
    Input { name: "ends without beginnings, 150 bytes", make: |n| forms_of("catch _:_ -> x end ", 150, n) },
    Input { name: "ends without beginnings, 300 bytes", make: |n| forms_of("catch _:_ -> x end ", 300, n) },
    Input { name: "ends without beginnings, 600 bytes", make: |n| forms_of("catch _:_ -> x end ", 600, n) },
    Input { name: "ends without beginnings, 2400 bytes", make: |n| forms_of("catch _:_ -> x end ", 2400, n) },
    Input { name: "ends behind commas, 300 bytes", make: |n| forms_of("x end, ", 300, n) },
    Input { name: "names without functions, 300 bytes", make: |n| forms_of("a: , ", 300, n) },
    Input { name: "records that never end, 300 bytes", make: |n| forms_of("#r{ ", 300, n) },
    Input { name: "macros without names, 2400 bytes", make: |n| forms_of("? ", 2400, n) },
    Input { name: "triple quotes: many strings", make: |n| handler(&repeat("\"\"\"\n a\n \"\"\" ", n), "Acc") },
    Input {
        name: "triple quotes: one long string",
        make: |n| handler(&format!("\"\"\"\n{}\n\"\"\"", repeat(" a\n", n)), ", Acc"),
    },
    Input { name: "triple quotes: sigils that never end", make: |n| handler(&repeat("x ~b\"\"\"\n", n), "Acc") },
    Input { name: "sigils: open", make: |n| module(&repeat("g() -> ~s(a\n.\nh() -> ~b[a.\n", n)) },
    Input { name: "dollars", make: |n| module(&repeat("g() -> $\\.\n$\".\n$'.\n", n)) },
    Input { name: "one string", make: |n| module(&format!("f(Acc, _, _) -> x(\"{}\"), Acc.\n", "x".repeat(n))) },
    Input { name: "strings side by side", make: |n| handler(&repeat("\"a\" ", n), "") },
    Input { name: "quoted atom of escapes", make: |n| handler(&format!("'{}'", repeat("\\x{41}\\n", n)), "") },
    Input {
        name: "quoted atoms as functions",
        make: |n| module(&numbered("'g\\x{41}{}'() -> ejabberd_c2s:stop(x).\n", n)),
    },
    Input { name: "comments", make: |n| module(&repeat("% comment\n", n)) },
    Input { name: "one comment", make: |n| module(&"%".repeat(n)) },
    Input { name: "comments for hookshift", make: |n| module(&repeat("%% hookshift: ignore[removed-hook] why\n", n)) },
    Input {
        name: "comments for hookshift, in a body",
        make: |n| {
            module(&format!(
                "f(Acc, _, _) ->\n{}  {{ok, Acc}}.\n",
                repeat("  g(), % hookshift: ignore[changed-stop] why\n", n)
            ))
        },
    },
    Input {
        name: "comments for hookshift, of the file",
        make: |n| module(&repeat("%% hookshift: ignore-file[removed-hook] why\n", n)),
    },
    Input {
        name: "comments for hookshift, wrong",
        make: |n| module(&repeat("%% hookshift: ignroe[removd-hook]\n", n)),
    },
    Input {
        name: "comments for hookshift, one line",
        make: |n| {
            module(&format!("f(Acc, _, _) -> {{ok, Acc}}. {}\n", repeat("% hookshift: ignore[changed-stop] why ", n)))
        },
    },
    Input { name: "blank lines", make: |n| module(&"\n".repeat(n)) },
    Input { name: "dots", make: |n| module(&"x.\n".repeat(n / 3)) },
    Input { name: "conflicts of merges", make: |n| module(&repeat("<<<<<<< a\n=======\n>>>>>>> b\n", n)) },
    Input {
        name: "conflicts in a form",
        make: |n| handler(&repeat("\n<<<<<<< a\n x,\n=======\n y,\n>>>>>>> b\n", n), ""),
    },
    Input {
        name: "Latin-1",
        make: |n| {
            let code = numbered("g{}() -> x(\"____\"), ejabberd_c2s:stop(x).\n", n);
            module_of(code.bytes().map(|it| if it == b'_' { 0xe4 } else { it }).collect())
        },
    },
    Input { name: "no line end", make: |n| module(&numbered("g{}() -> ejabberd_c2s:stop(x). ", n)) },
    Input {
        name: "no line end, hooks",
        make: |n| module(&numbered("g{}(H) -> gen_hook:add_handler(sm_broadcast, H, fun ?MODULE:f/3, #{}, {}). ", n)),
    },
    // Brackets and blocks, many forms, as deep as is allowed.
    Input { name: "nested ( )", make: |n| nests(n, "(", ")") },
    Input { name: "nested [ ]", make: |n| nests(n, "[", "]") },
    Input { name: "nested { }", make: |n| nests(n, "{", "}") },
    Input { name: "nested [a|", make: |n| nests(n, "[a|", "]") },
    Input { name: "nested #{a => }", make: |n| nests(n, "#{a=>", "}") },
    Input { name: "nested #{ => a}", make: |n| nests(n, "#{", "=>a}") },
    Input { name: "nested #r{a = }", make: |n| nests(n, "#r{a=", "}") },
    Input { name: "nested << >>", make: |n| nests(n, "<<(", ")>>") },
    Input { name: "nested f( )", make: |n| nests(n, "f(", ")") },
    Input { name: "nested m:f( )", make: |n| nests(n, "x + m:f(", ")") },
    Input { name: "nested ?M( )", make: |n| nests(n, "?M(", ")") },
    Input { name: "nested begin", make: |n| nests(n, "begin ", " end") },
    Input { name: "nested fun", make: |n| nests(n, "fun()->", " end") },
    Input { name: "nested named fun", make: |n| nests(n, "fun F(X)->", " end") },
    Input { name: "nested case", make: |n| nests(n, "case ", " of a->b end") },
    Input { name: "nested case, in branches", make: |n| nests(n, "case x of a->", " end") },
    Input { name: "nested if", make: |n| nests(n, "if a->", " end") },
    Input { name: "nested try", make: |n| nests(n, "try ", " catch _:_->a end") },
    Input { name: "nested receive", make: |n| nests(n, "receive a->", " end") },
    Input { name: "nested maybe", make: |n| nests(n, "maybe ", " end") },
    Input { name: "nested comprehensions", make: |n| nests(n, "[X||X<-", "]") },
    Input { name: "nested binary comprehensions", make: |n| nests(n, "<< <<X>>||X<=", ">>") },
    Input {
        name: "nested in types",
        make: |n| forms(n, &format!("-spec g({{}}) -> {}mongoose_acc:t(){}.\n", "#{a=>[".repeat(70), "]}".repeat(70))),
    },
    // The same without the closing half.
    Input { name: "open ( )", make: |n| nests(n, "(", "") },
    Input { name: "open [ ]", make: |n| nests(n, "[", "") },
    Input { name: "open { }", make: |n| nests(n, "{", "") },
    Input { name: "open #{a => }", make: |n| nests(n, "#{a=>", "") },
    Input { name: "open #r{a = }", make: |n| nests(n, "#r{a=", "") },
    Input { name: "open <<", make: |n| nests(n, "<<(", "") },
    Input { name: "open <", make: |n| nests(n, "<", "") },
    Input { name: "open <<<", make: |n| nests(n, "<<", "") },
    Input { name: "open f(", make: |n| nests(n, "f(", "") },
    Input { name: "open fun", make: |n| nests(n, "fun()->", "") },
    Input { name: "open fun (", make: |n| nests(n, "fun(", "") },
    Input { name: "open fun fun", make: |n| nests(n, "fun ", "") },
    Input { name: "open case", make: |n| nests(n, "case ", "") },
    Input { name: "open case of", make: |n| nests(n, "case x of a->", "") },
    Input { name: "open if", make: |n| nests(n, "if a->", "") },
    Input { name: "open try", make: |n| nests(n, "try ", "") },
    Input { name: "open receive", make: |n| nests(n, "receive a->", "") },
    Input { name: "open [X ||", make: |n| nests(n, "[X||", "") },
    Input { name: "open mixed", make: |n| nests(n, "[{(#{<<", "") },
    Input { name: "ends only", make: |n| nests(n, "end ", "") },
    Input { name: "closed only", make: |n| nests(n, ")]}", "") },
    // The same in one form.
    Input { name: "one form of ((", make: |n| handler(&"(".repeat(n), "") },
    Input { name: "one form of ()(", make: |n| handler(&repeat("x()(", n), "") },
    Input { name: "one form of [a]][", make: |n| handler(&repeat("[a]][", n), "") },
    Input { name: "one form of fun", make: |n| handler(&repeat("fun ", n), "") },
    Input { name: "one form of case of", make: |n| handler(&repeat("case of ", n), "") },
    Input { name: "one form of if ->", make: |n| handler(&repeat("if -> ; ", n), "") },
    Input { name: "one form of end", make: |n| handler(&repeat("end ", n), "") },
    Input { name: "one form of <<>", make: |n| handler(&repeat("<< > ", n), "") },
    Input { name: "one form of a a", make: |n| handler(&repeat("a ", n), "") },
    Input { name: "one form of a. b", make: |n| handler(&repeat("a b.c ", n), "") },
    Input { name: "one form of 1 2", make: |n| handler(&repeat("1 -> 2 ", n), "") },
    Input { name: "one form of X Y,", make: |n| handler(&repeat("X Y, ", n), "") },
    Input { name: "one form of ?", make: |n| handler(&repeat("? ", n), "") },
    Input { name: "one form of #", make: |n| handler(&repeat("# ", n), "") },
    Input { name: "one form of :", make: |n| handler(&repeat("a:", n), "") },
    Input { name: "one form of a: ,", make: |n| handler(&repeat("a: ,\n", n), "") },
    Input { name: "one form of - >", make: |n| handler(&repeat("- > ", n), "") },
    Input { name: "one form of ::", make: |n| handler(&repeat("a::", n), "") },
    Input { name: "one form of ->", make: |n| handler(&repeat("-> ", n), "") },
    Input { name: "one form of when", make: |n| handler(&repeat("when ", n), "") },
    Input { name: "one form of ||", make: |n| handler(&repeat("|| ", n), "") },
    Input { name: "one form of |", make: |n| handler(&repeat("a | ", n), "") },
    Input { name: "one form of ;", make: |n| handler(&repeat("a ; ", n), "") },
    Input { name: "one form of =>", make: |n| handler(&repeat("a => ", n), "") },
    Input { name: "one form of ?M ?M", make: |n| handler(&repeat("?M ", n), "") },
    Input { name: "one form of ?M() ?M()", make: |n| handler(&repeat("?M() ", n), "") },
    Input { name: "one form of signs", make: |n| handler(&repeat("@ \\ ^ & ", n), "") },
    Input { name: "one form of #r{a=", make: |n| handler(&repeat("#r{a=1, ", n), "") },
    Input { name: "one form of [{}, {]}", make: |n| handler(&repeat("[{a, b] , ", n), "") },
    Input { name: "one form of f(x,", make: |n| handler(&repeat("f(x)) -> ", n), "") },
    Input { name: "one form of case x end", make: |n| handler(&repeat("case x end, ", n), "") },
    Input { name: "one form of f(X) ->", make: |n| handler(&repeat("\nf(X) -> a", n), "") },
    Input {
        name: "one form of all tokens",
        make: |n| handler(&repeat("[ a } 1 ( \"s\" -> fun , ; case << ) || X := #{ end . b ", n), ""),
    },
    // Long, and right.
    Input { name: "++", make: |n| registering(&repeat("[{sm_broadcast, H, fun ?MODULE:f/3, #{}, 1}] ++ ", n), "[]") },
    Input { name: "++ of variables", make: |n| registering(&repeat("H ++ ", n), "[]") },
    Input { name: "+", make: |n| handler(&repeat("x + ", n), "x") },
    Input { name: "+ with calls", make: |n| handler(&repeat("ejabberd_c2s:stop(x) + ", n), "x") },
    Input { name: "andalso", make: |n| handler(&repeat("x andalso ", n), "x") },
    Input { name: "=", make: |n| handler(&repeat("X = ", n), "x") },
    Input { name: "= with calls", make: |n| handler(&repeat("ejabberd_c2s:stop(x) = ", n), "x") },
    Input { name: "!", make: |n| handler(&repeat("x ! ", n), "x") },
    Input { name: "not", make: |n| handler(&repeat("not ", n), "x") },
    Input { name: "catch", make: |n| handler(&repeat("catch ", n), "x") },
    Input { name: "= catch", make: |n| handler(&repeat("_ = catch ", n), "ejabberd_c2s:stop(x)") },
    Input { name: "= in a pattern", make: |n| module(&format!("f(Acc, {}P, _) -> P.\n", repeat("P = ", n))) },
    Input {
        name: "= to be registered",
        make: |n| registering(&repeat("L = ", n), "[{sm_broadcast, H, fun ?MODULE:f/3, #{}, 1}]"),
    },
    Input { name: "! to be returned", make: |n| old_handler(&repeat("x ! ", n)) },
    Input { name: "andalso to be returned", make: |n| old_handler(&repeat("x andalso ", n)) },
    Input {
        name: "orelse of stanzas",
        make: |n| {
            let row = repeat("Name == <<\"iq\">> orelse ", n);
            handler(&format!("#xmlel{{name = Name}} = x(Acc), case {row}false of true -> {{ok, Acc}} end"), "")
        },
    },
    Input { name: "-", make: |n| handler(&repeat("- ", n), "x") },
    Input { name: "updates of maps", make: |n| handler(&format!("X{}", repeat("#{a=>1}", n)), "") },
    Input { name: "updates of records", make: |n| handler(&format!("X{}", repeat("#r{a=1}", n)), "") },
    Input { name: "fields of records", make: |n| handler(&format!("X{}", repeat("#r.a", n)), "") },
    Input { name: "calls of calls", make: |n| handler(&format!("x{}", repeat("()", n)), "") },
    Input { name: "statements", make: |n| handler(&repeat("g(Acc), ", n), "{ok, Acc}") },
    Input { name: "statements with calls", make: |n| handler(&repeat("ejabberd_c2s:stop(Acc), ", n), "{ok, Acc}") },
    Input { name: "items of a list", make: |n| handler(&format!("[{}x]", repeat("x, ", n)), "") },
    Input { name: "items of a tuple", make: |n| handler(&format!("{{{}x}}", repeat("x, ", n)), "") },
    Input { name: "arguments", make: |n| handler(&format!("g({}x)", repeat("x, ", n)), "") },
    Input { name: "a map of many", make: |n| handler(&format!("#{{{}z=>1}}", numbered("k{}=>1,", n)), "") },
    Input {
        name: "a pattern of many",
        make: |n| module(&format!("f(Acc, #{{{}z:=Z}}, _) -> {{ok, g(Acc, Z)}}.\n", numbered("k{}:=V{},", n))),
    },
    Input {
        name: "a pattern of one key",
        make: |n| module(&format!("f(Acc, #{{{}z:=Z}}, _) -> {{ok, g(Acc, Z)}}.\n", numbered("from:=V{},", n))),
    },
    Input {
        name: "variables",
        make: |n| {
            let last = (n / 14).max(2);
            let code: String = (1..last).map(|it| format!("  R{it} = R{},\n", it - 1)).collect();
            module(&format!("f(R0, _, _) ->\n{code}  {{ok, R{}}}.\n", last - 1))
        },
    },
    Input {
        name: "variables by case",
        make: |n| {
            let last = (n / 40).max(2);
            let code: String =
                (1..last).map(|it| format!("  R{it} = case R{} of 1 -> x; R -> R end,\n", it - 1)).collect();
            module(&format!("f(R0, _, _) ->\n{code}  {{ok, R{}}}.\n", last - 1))
        },
    },
    Input {
        name: "variables of lists to register",
        make: |n| {
            let last = (n / 50).max(2);
            let code: String = (1..last).map(|it| format!("  R{it} = R{} ++ R{} ++ [x],\n", it - 1, it - 1)).collect();
            module(&format!("h(R0) ->\n{code}  gen_hook:add_handlers(R{}).\n", last - 1))
        },
    },
    Input {
        name: "clauses",
        make: |n| module(&format!("{}f(Acc, _, _) -> {{ok, Acc}}.\n", numbered("f({}, _, _) -> {ok, Acc};\n", n))),
    },
    Input {
        name: "clauses that read parameters",
        make: |n| {
            module(&format!(
                "{}f(Acc, _, _) -> {{ok, Acc}}.\n",
                numbered("f(Acc, #{from := {}}, _) -> {ok, g(Acc)};\n", n)
            ))
        },
    },
    Input {
        name: "clauses with a return unknown",
        make: |n| module(&format!("{}f(Acc, _, _) -> Acc.\n", numbered("f({}, _, _) -> Acc;\n", n))),
    },
    Input {
        name: "branches",
        make: |n| handler(&format!("case P of {}_ -> {{ok, Acc}} end", numbered("{} -> {ok, Acc}; ", n)), ""),
    },
    Input {
        name: "branches untagged",
        make: |n| handler(&format!("case P of {}_ -> Acc end", numbered("{} -> Acc; ", n)), ""),
    },
    Input {
        name: "branches of if",
        make: |n| handler(&format!("if {}true -> {{ok, Acc}} end", numbered("P == {} -> {ok, Acc}; ", n)), ""),
    },
    Input {
        name: "guards",
        make: |n| module(&format!("f(Acc, P, _) when {}true -> {{ok, Acc}}.\n", numbered("P == {}; ", n))),
    },
    Input { name: "qualifiers", make: |n| handler(&format!("[X || {}true]", repeat("X <- Y, ", n)), "") },
    // Registrations.
    Input {
        name: "handlers in a list",
        make: |n| {
            registering(
                &format!("[{}", numbered("{sm_broadcast, H, fun ?MODULE:h{}/3, #{}, 1},\n", n)),
                "{x, H, fun ?MODULE:f/3, #{}, 1}]",
            )
        },
    },
    Input {
        name: "handlers in lists",
        make: |n| {
            module(&numbered(
                "g{}(H) -> gen_hook:add_handlers([{sm_broadcast, H, fun ?MODULE:h{}/3, #{}, 1}]).\nh{}(Acc, #{from := F}, _) -> {ok, g(Acc, F)}.\n",
                n,
            ))
        },
    },
    Input {
        name: "one registration again and again",
        make: |n| {
            handler(&repeat("gen_hook:add_handler(c2s_presence_in, H, fun ?MODULE:f/3, #{}, 40),\n", n), "{ok, Acc}")
        },
    },
    Input {
        name: "one registration, many forms",
        make: |n| {
            module(
                &(numbered("g{}(H) -> gen_hook:add_handler(filter_packet, H, fun ?MODULE:f/3, #{}, 40).\n", n)
                    + "f(Acc, #{from := F}, _) -> {ok, g(Acc, F)}.\n"),
            )
        },
    },
    Input {
        name: "deletions",
        make: |n| {
            module(&numbered(
                "g{}(H) -> gen_hook:delete_handler(user_send_packet, H, fun ?MODULE:f{}/3, #{}, 40).\n",
                n,
            ))
        },
    },
    Input {
        name: "registrations unknown",
        make: |n| module(&numbered("g{}(A, B, C) -> gen_hook:add_handler(A, B, C, #{}, 40).\n", n)),
    },
    Input {
        name: "hooks unknown",
        make: |n| {
            module(&numbered("g{}(H) -> gen_hook:add_handler(user_snd_packet{}, H, fun ?MODULE:f/3, #{}, 40).\n", n))
        },
    },
    Input {
        name: "old registrations",
        make: |n| {
            module(&numbered(
                "g{}(H) -> ejabberd_hooks:add(user_send_packet, H, ?MODULE, h{}, 40).\nh{}(Acc, F, T, P) -> Acc.\n",
                n,
            ))
        },
    },
    Input {
        name: "old registrations in one function",
        make: |n| handler(&numbered("ejabberd_hooks:add(user_send_packet, H, ?MODULE, h{}, 40),\n", n), "ok"),
    },
    Input {
        name: "old registrations in a list",
        make: |n| {
            module(&format!(
                "f(H) -> ejabberd_hooks:add([{}{{x, H, ?MODULE, f, 1}}]).\n",
                numbered("{user_send_packet, H, ?MODULE, h{}, 40},\n", n)
            ))
        },
    },
    Input {
        name: "old deletions",
        make: |n| module(&numbered("g{}(H) -> ejabberd_hooks:delete(user_send_packet, H, ?MODULE, h{}, 40).\n", n)),
    },
    Input {
        name: "hooks run",
        make: |n| module(&numbered("g{}(H, Acc) -> gen_hook:run_fold(own_{}, H, Acc, #{}).\n", n)),
    },
    Input {
        name: "old hooks run",
        make: |n| module(&numbered("g{}(H, Acc) -> ejabberd_hooks:run_fold(own_{}, H, Acc, [a]).\n", n)),
    },
    Input {
        name: "hooks that were removed run",
        make: |n| module(&numbered("g{}(H, Acc) -> mongoose_hooks:sm_broadcast(Acc, H, {}).\n", n)),
    },
    Input {
        name: "through a helper",
        make: |n| {
            module(&format!(
                "reg(Hook, H) -> gen_hook:add_handler(Hook, H, fun ?MODULE:f/3, #{{}}, 1).\n{}",
                numbered("g{}(H) -> reg(sm_broadcast, H).\n", n)
            ))
        },
    },
    Input {
        name: "through a helper, in one function",
        make: |n| {
            module(&format!(
                "reg(Hook, H) -> gen_hook:add_handler(Hook, H, fun ?MODULE:f/3, #{{}}, 1).\nall(H) -> {}ok.\n",
                repeat("reg(sm_broadcast, H),\n", n)
            ))
        },
    },
    Input {
        name: "through helpers, from other files",
        make: |n| {
            let mut files = module(&numbered(
                "reg{}(Hook, H) -> gen_hook:add_handler(Hook, H, fun ?MODULE:f/3, #{}, {}).\n",
                n / 2,
            ));
            for file in 0..n / 2 / 2000 {
                let calls =
                    (0..40).map(|it| format!("g{it}(H) -> a:reg{}(sm_broadcast, H).\n", it * file)).collect::<String>();
                files.push((format!("src/m{file}.erl"), format!("-module(m{file}).\n{calls}").into_bytes()));
            }
            files
        },
    },
    Input {
        name: "helpers in helpers",
        make: |n| module(&chain(n, "gen_hook:add_handler(sm_broadcast, A, fun ?MODULE:f/3, #{}, 1)")),
    },
    Input {
        name: "lists by lists:foreach",
        make: |n| {
            module(&numbered(
                "g{}(H) -> lists:foreach(fun({Hook, F}) -> gen_hook:add_handler(Hook, H, F, #{}, {}) end, [{sm_broadcast, fun ?MODULE:f/3}, {x, y}]).\n",
                n,
            ))
        },
    },
    Input {
        name: "comprehensions of comprehensions",
        make: |n| {
            module(&numbered(
                "g{}(H) -> gen_hook:add_handlers([{Hook, T, fun ?MODULE:f/3, #{}, P} || Hook <- [a,b,c,d,e,f,g,h], T <- [a,b,c,d,e,f,g,h], P <- [1,2,3,4,5,6,7,8], Q <- [1,2,3,4,5,6,7,8]]).\n",
                n,
            ))
        },
    },
    Input {
        name: "macros that double",
        make: |n| {
            let code =
                (1..n / 30).map(|it| format!("-define(M{it}, ?M{} ++ ?M{}).\n", it - 1, it - 1)).collect::<String>();
            module(&format!(
                "-define(M0, [{{sm_broadcast, H, fun ?MODULE:f/3, #{{}}, 1}}]).\n{code}h(H) -> gen_hook:add_handlers(?M{}).\n",
                n / 30 - 1
            ))
        },
    },
    Input {
        name: "macros that double, few",
        make: |n| {
            let code = (1..30).map(|it| format!("-define(M{it}, ?M{} ++ ?M{}).\n", it - 1, it - 1)).collect::<String>();
            module(&format!(
                "-define(M0, [{{sm_broadcast, H, fun ?MODULE:f/3, #{{}}, 1}}]).\n{code}{}",
                numbered("h{}(H) -> gen_hook:add_handlers(?M29).\n", n)
            ))
        },
    },
    Input {
        name: "macros with arguments",
        make: |n| {
            let code = (1..30).map(|it| format!("-define(M{it}(X), ?M{}([X, X])).\n", it - 1)).collect::<String>();
            module(&format!(
                "-define(M0(X), {{X, H, fun ?MODULE:f/3, #{{}}, 1}}).\n{code}{}",
                numbered("h{}(H) -> gen_hook:add_handlers([?M29(a)]).\n", n)
            ))
        },
    },
    Input {
        name: "macros with one name",
        make: |n| {
            let code = numbered("-define(M, {sm_broadcast, H, fun ?MODULE:f/3, #{}, {}}).\n", n);
            module(&format!("{code}{}", repeat("h(H) -> gen_hook:add_handlers([?M]).\n", n / 10)))
        },
    },
    Input {
        name: "macros in one another",
        make: |n| {
            module(&format!("-define(A, ?B).\n-define(B, ?A).\n{}", repeat("h(H) -> gen_hook:add_handlers(?A).\n", n)))
        },
    },
    Input {
        name: "macros that name gen_hook",
        make: |n| module(&numbered("-define(M{}(X), gen_hook:add_handlers(X)).\ng{}(H) -> ?M{}(H).\n", n)),
    },
    // Handlers.
    Input {
        name: "handlers that call one another",
        make: |n| module(&format!("f(Acc, P, _) -> g0(Acc, P).\n{}", chain(n, "{ok, A}").replace("(A)", "(A, P)"))),
    },
    Input {
        name: "handlers that call in a circle",
        make: |n| {
            let last = (n / 60).max(2);
            let code: String = (0..last)
                .map(|it| {
                    format!(
                        "g{it}(A, P) -> case P of 1 -> g{}(A, P); _ -> g{}(A, P) end.\n",
                        (it + 1) % last,
                        (it * 7 + 3) % last
                    )
                })
                .collect();
            module(&format!("f(Acc, P, _) -> g0(Acc, P).\n{code}"))
        },
    },
    Input {
        name: "handlers that call all",
        make: |n| {
            let last = n / 40;
            let code: String = (0..last).map(|it| format!("g{it}(A, P) -> {{ok, h(A, P)}}.\n")).collect();
            let calls: String = (0..last).map(|it| format!("  {it} -> g{it}(Acc, P);\n")).collect();
            module(&format!("f(Acc, P, _) -> case P of\n{calls}  _ -> {{ok, Acc}} end.\n{code}"))
        },
    },
    Input { name: "handlers that read keys", make: |n| handler(&repeat("X = maps:get(from, P), ", n), "{ok, Acc}") },
    Input {
        name: "handlers that use the accumulator",
        make: |n| handler(&repeat("X = mongoose_acc:element(Acc), ", n), "{ok, Acc}"),
    },
    Input {
        name: "handlers that set the accumulator",
        make: |n| {
            let last = (n / 50).max(2);
            let code: String =
                (1..last).map(|it| format!("  Acc{it} = mongoose_acc:set(a, b, c, Acc{}),\n", it - 1)).collect();
            module(&format!("f(Acc0, _, _) ->\n{code}  {{ok, Acc{}}}.\n", last - 1))
        },
    },
    Input {
        name: "handlers, one function, many clauses, many hooks",
        make: |n| {
            let hooks = [
                "user_send_packet",
                "filter_packet",
                "c2s_stream_features",
                "user_ping_response",
                "c2s_preprocessing_hook",
                "remove_user",
                "sm_broadcast",
                "forget_room",
            ];
            let all: String = hooks.iter().map(|hook| format!("{{{hook}, H, fun ?MODULE:f/3, #{{}}, 1}},")).collect();
            let clauses = numbered("f(Acc, #{from := {}, c2s_data := D} = P, _) -> {stop, g(Acc, D, P)};\n", n);
            module(&format!("all(H) -> gen_hook:add_handlers([{all}x]).\n{clauses}f(Acc, _, _) -> Acc.\n"))
        },
    },
    // What changed of the API.
    Input { name: "calls that were removed", make: |n| module(&numbered("g{}() -> ejabberd_c2s:stop(x).\n", n)) },
    Input { name: "calls in one clause", make: |n| handler(&repeat("{ejabberd_c2s:stop(x)}, ", n), "ok") },
    Input {
        name: "messages",
        make: |n| module(&numbered("g{}(P) -> P ! {route, a, b, c}, mongoose_hooks:x(P).\n", n)),
    },
    Input { name: "fields of records that changed", make: |n| module(&numbered("g{}(P) -> P#xmlel.attrs.\n", n)) },
    Input {
        name: "pairs",
        make: |n| {
            module(&numbered(
                "g{}(#xmlel{attrs = A} = P) -> lists:keyfind(<<\"a\">>, 1, A), P#xmlel{attrs = [{a, b} | A]}.\n",
                n,
            ))
        },
    },
    Input {
        name: "pairs in one function",
        make: |n| handler(&repeat("X = #xmlel{name = a, attrs = [{a, b}, {c, d}]}, ", n), "ok"),
    },
    // The outline.
    Input { name: "functions without dots", make: |n| module(&numbered("g{}(H) -> gen_hook:x(H)\n\n", n)) },
    Input { name: "functions with one name", make: |n| module(&numbered("f(Acc, {}, _) -> {ok, Acc}.\n", n)) },
    Input { name: "exports", make: |n| module(&format!("-export([{}f/4]).\n", numbered("g{}/3, ", n))) },
    Input { name: "exports, many", make: |n| module(&numbered("-export([g{}/3]).\n", n)) },
    Input { name: "imports", make: |n| module(&numbered("-import(m{}, [gen_hook/1]).\n", n)) },
    Input {
        name: "specs",
        make: |n| module(&numbered("-spec f(mongoose_acc:t(), #{a := {}}, x) -> {ok, mongoose_acc:t()}.\n", n)),
    },
    Input { name: "one spec", make: |n| module(&format!("-spec f(a, b, c) -> {}d.\n", numbered("{ok, a{}} | ", n))) },
    Input { name: "types", make: |n| module(&numbered("-type t{}() :: t{}() | {stop, mongoose_acc:t()}.\n", n)) },
    Input { name: "records", make: |n| module(&numbered("-record(r{}, {a, b = gen_hook}).\n", n)) },
    Input { name: "one record", make: |n| module(&format!("-record(r, {{{}x}}).\n", numbered("gen_hook{}, ", n))) },
    Input { name: "behaviours", make: |n| module(&repeat("-behaviour(gen_mod).\n", n)) },
    Input { name: "includes", make: |n| module(&numbered("-include(\"gone{}.hrl\").\n", n)) },
    Input { name: "includes of removed headers", make: |n| module(&repeat("-include(\"ejabberd_c2s.hrl\").\n", n)) },
    Input { name: "-ifdef", make: |n| module(&repeat("-ifdef(X).\n-else.\n-ifdef(Y).\n", n)) },
    Input { name: "headers in a circle", make: |n| headers(n, |it, all| vec![(it + 1) % all]) },
    Input { name: "headers in headers", make: |n| headers(n, |it, all| (it + 1..all.min(it + 40)).collect()) },
    Input {
        name: "headers, all in all",
        make: |n| headers_of(((n / 25) as f64).sqrt() as usize + 1, |_, all| (0..all).collect()),
    },
    Input {
        name: "a header in modules",
        make: |n| {
            let mut files = module("");
            let last = n / 160;
            let defines: String = (0..last)
                .map(|it| {
                    format!("-define(REG{it}(H), gen_hook:add_handler(sm_broadcast, H, fun m:f/3, #{{}}, {it})).\n")
                })
                .collect();
            files.push(("src/all.hrl".into(), defines.into_bytes()));
            for it in 0..last {
                files.push((
                    format!("src/m{it}.erl"),
                    format!("-module(m{it}).\n-include(\"all.hrl\").\ng(H) -> ?REG{it}(H).\n").into_bytes(),
                ));
            }
            files
        },
    },
    Input {
        name: "modules",
        make: |n| {
            (0..n / 190)
                .map(|it| {
                    (format!("src/m{it}.erl"), START.replace("module(a)", &format!("module(m{it})")).into_bytes())
                })
                .collect()
        },
    },
    Input {
        name: "modules that call one another",
        make: |n| {
            let all = n / 260 + 1;
            (0..all).map(|it| {
            let next = (it + 1) % all;
            let code = format!("f(Acc, P, E) -> m{next}:f(Acc, P, E).\nreg(H, X) -> m{next}:reg(H, X), gen_hook:add_handler(X, H, fun m{next}:f/3, #{{}}, 1).\n");
            (format!("src/m{it}.erl"), (START.replace("module(a)", &format!("module(m{it})")) + &code).into_bytes())
        }).collect()
        },
    },
    // Configurations.
    Input { name: "mongooseim.toml: tables", make: |n| server(&numbered("[host_config.a{}.modules.mod_vcard]\n", n)) },
    Input {
        name: "mongooseim.toml: arrays of tables",
        make: |n| server(&repeat("[[host_config]]\nhost = \"a\"\n[host_config.modules.mod_vcard]\n", n)),
    },
    Input { name: "mongooseim.toml: keys", make: |n| server(&numbered("a{} = 1\n", n)) },
    Input { name: "mongooseim.toml: modules", make: |n| server(&numbered("[modules.mod_x{}]\nhost = \"a\"\n", n)) },
    Input {
        name: "mongooseim.toml: nested arrays",
        make: |n| server(&numbered(&format!("a{{}} = {}{}\n", "[".repeat(70), "]".repeat(70)), n)),
    },
    Input {
        name: "mongooseim.toml: one nested array",
        make: |n| server(&format!("a = {}{}\n", "[".repeat(n / 2), "]".repeat(n / 2))),
    },
    Input {
        name: "mongooseim.toml: nested tables",
        make: |n| server(&format!("a = {}1{}\n", "{a=".repeat(n / 4), "}".repeat(n / 4))),
    },
    Input { name: "mongooseim.toml: one dotted key", make: |n| server(&format!("{}a = 1\n", "a.".repeat(n / 2))) },
    Input {
        name: "mongooseim.toml: dotted keys",
        make: |n| server(&numbered(&format!("[a.b{{}}.{}a]\n", "a.".repeat(70)), n)),
    },
    Input { name: "mongooseim.toml: one array", make: |n| server(&format!("a = [{}1]\n", "1, ".repeat(n / 3))) },
    Input { name: "mongooseim.toml: one string", make: |n| server(&format!("a = \"{}\"\n", "\\n".repeat(n / 2))) },
    Input {
        name: "mongooseim.toml: comments",
        make: |n| server(&repeat("# hookshift: ignore[config-removed-option] why\n", n)),
    },
    Input {
        name: "mongooseim.toml: findings",
        make: |n| {
            server(&numbered(
                "[[host_config]]\nhost = \"h{}\"\n[host_config.modules.mod_shared_roster_ldap]\n[host_config.modules.mod_global_distrib]\n[host_config.modules.mod_event_pusher.sns]\n",
                n,
            ))
        },
    },
    Input {
        name: "mongooseim.toml: template tags",
        make: |n| server_of("rel/files/mongooseim.toml", &numbered("{{#a{}}}\nx{} = {{{b}}}\n{{/a{}}}\n", n)),
    },
    Input {
        name: "hookshift.toml: nested arrays",
        make: |n| settings(&format!("exclude = {}{}\n", "[".repeat(n / 2), "]".repeat(n / 2))),
    },
    Input {
        name: "hookshift.toml: nested tables",
        make: |n| settings(&format!("a = {}1{}\n", "{a=".repeat(n / 4), "}".repeat(n / 4))),
    },
    Input { name: "hookshift.toml: dotted key", make: |n| settings(&format!("{}a = 1\n", "a.".repeat(n / 2))) },
    Input {
        name: "hookshift.toml: exclude",
        make: |n| settings(&format!("exclude = [{}]\n", numbered("\"gone{}/*\", ", n))),
    },
    Input { name: "hookshift.toml: comments", make: |n| settings(&repeat("# comment\n", n)) },
];

fn module_of(code: Vec<u8>) -> Files {
    vec![("src/a.erl".to_owned(), [START.as_bytes(), &code].concat())]
}

fn module(code: &str) -> Files {
    module_of(code.as_bytes().to_vec())
}

/// A module whose handler is this, and returns that.
fn handler(code: &str, end: &str) -> Files {
    module(&format!("f(Acc, P, _) -> {code}{end}.\n"))
}

/// A module whose handler is registered in the old way, and returns this before its accumulator.
fn old_handler(code: &str) -> Files {
    module(&format!(
        "old(H) -> ejabberd_hooks:add(filter_packet, H, ?MODULE, g, 1).\ng({{_, _, _, P}} = Acc) -> x(P), {code}Acc.\n"
    ))
}

/// A module with one more function, which registers this.
fn registering(code: &str, end: &str) -> Files {
    module(&format!("all(H) -> gen_hook:add_handlers({code}{end}).\nf(Acc, _, _) -> {{ok, Acc}}.\n"))
}

/// As many functions as fit that use the API 90 levels deep.
fn nests(size: usize, open: &str, close: &str) -> Files {
    let depth = 90 / open.matches(['(', '[', '{']).count().max(1);
    forms(size, &format!("g{{}}() -> {}ejabberd_c2s:stop(x){}.\n", open.repeat(depth), close.repeat(depth)))
}

fn forms(size: usize, form: &str) -> Files {
    module(&numbered(form, size))
}

/// Functions that call the next one twice; the last one does this.
fn chain(size: usize, last: &str) -> String {
    let count = (size / 40).max(2);
    let calls = (0..count).map(|it| format!("g{it}(A) -> g{}(A), g{}(A).\n", it + 1, it + 1)).collect::<String>();
    format!("{calls}g{count}(A) -> {last}.\n")
}

fn headers(size: usize, includes: impl Fn(usize, usize) -> Vec<usize>) -> Files {
    let each = 60 + 25 * includes(0, 1000).len();
    headers_of(size / each + 1, includes)
}

/// Headers that include one another, the first of them included by a module that uses a macro of the last one.
fn headers_of(all: usize, includes: impl Fn(usize, usize) -> Vec<usize>) -> Files {
    let mut files = module(&format!("-include(\"h0.hrl\").\ng(H) -> gen_hook:add_handlers(?M{}).\n", all - 1));
    for header in 0..all {
        let lines: String = includes(header, all).iter().map(|it| format!("-include(\"h{it}.hrl\").\n")).collect();
        let define = format!("-define(M{header}, [{{sm_broadcast, H, fun a:f/3, #{{}}, 1}}]).\n");
        files.push((format!("src/h{header}.hrl"), (lines + &define).into_bytes()));
    }
    files
}

/// A configuration beside a module.
fn server(toml: &str) -> Files {
    server_of("rel/mongooseim.toml", toml)
}

fn server_of(path: &str, toml: &str) -> Files {
    let mut files = module("f(Acc, _, _) -> {ok, Acc}.\n");
    files.push((path.to_owned(), format!("[general]\nloglevel = \"warning\"\n\n{toml}").into_bytes()));
    files
}

fn settings(toml: &str) -> Files {
    let mut files = module("f(Acc, _, _) -> {ok, Acc}.\n");
    files.push(("hookshift.toml".to_owned(), toml.as_bytes().to_vec()));
    files
}

fn repeat(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len() + 1)
}

/// Functions of so many bytes each that call what changed, with as many of a piece as argument as fit.
fn forms_of(piece: &str, bytes: usize, size: usize) -> Files {
    let form =
        format!("g(Acc, #{{c2s_data := X}}, _) -> ejabberd_c2s:send({}).\n", piece.repeat((bytes - 50) / piece.len()));
    module(&repeat(&form, size))
}

/// The same piece with a number in place of each `{}`, as often as fits. An empty map is `#{}` and stays.
fn numbered(piece: &str, size: usize) -> String {
    let piece = piece.replace("#{}", "#\u{1}");
    let mut all = String::with_capacity(size + piece.len());
    let mut number = 0;
    while all.len() < size {
        all.push_str(&piece.replace("{}", &number.to_string()));
        number += 1;
    }
    all.replace('\u{1}', "{}")
}
