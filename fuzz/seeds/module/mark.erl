-module(mark).
-export([start/2, f/3]).
% é 🦀
start(H, _) ->
    gen_hook:add_handler(user_send_packet, H, fun ?MODULE:f/3, #{}, 1).
f(Acc, #{x := <<"ü"/utf8>>}, _) ->
    {stop, Acc}.
