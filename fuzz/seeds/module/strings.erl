#!/usr/bin/env escript
-module(strings).
-doc """
Text with "quotes" and a dot.
  """.
-export([all/0]).
all() ->
    [$., $", $', $\s, $\\, $\x{1f980}, ~"sigil.", ~b"x", ~S(a.b), 'quoted.atom', "a" "b", "a\"b.",
     <<"b."/utf8>>, 16#ff, 1.5e-3, 1_000, "line
two.", """
     text "" here.
     """].
-ifdef(TEST).
f(X) when X > 1; X < 2 -> maybe {ok, Y} ?= X, Y else _ -> x end;
-else.
f(X) -> [Y || Y <- X] ++ [K || K := _ <- #{}],
-endif.
    #r{a = 1}#r.a.
