%% -*- coding: latin-1 -*-
-module(latin).
-export([start/2, f/3]).
% café
start(H, _) -> gen_hook:add_handler(c2s_presence_in, H, fun ?MODULE:f/3, #{}, 1).
f(Acc, #{x := "ü"}, _) -> {ok, Acc}.
