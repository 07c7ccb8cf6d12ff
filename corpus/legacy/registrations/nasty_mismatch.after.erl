%%% Greets whoever registers. It is deleted with another priority than it was added with, so it stays.
-module(nasty_mismatch).
-behaviour(gen_mod).
-export([start/2, stop/1, greet/3, bye/3]).

start(HostType, _Opts) ->
    [gen_hook:add_handler(Hook, HostType, fun ?MODULE:Function/3, #{}, Priority) || {Hook, Function, Priority} <- hooks()],
    ok.

stop(HostType) ->
    gen_hook:delete_handler(register_user, HostType, fun ?MODULE:greet/3, #{}, 60),
    gen_hook:delete_handler(remove_user, HostType, fun ?MODULE:bye/3, #{}, 50),
    ok.

hooks() -> [{register_user, greet, 50}, {remove_user, bye, 50}].

greet(Acc, #{jid := JID}, _Extra) ->
    {User, _} = jid:to_lus(JID),
    acme_probe:note({welcome, User}), {ok, Acc}.

bye(Acc, _Params, _Extra) -> acme_probe:note(bye), {ok, Acc}.
