%%% Only watches who was refused.
-module(kept_watcher).
-behaviour(gen_mod).
-export([start/2, stop/1, refused/3]).

start(HostType, _Opts) -> gen_hook:add_handlers([{forbidden_session_hook, HostType, fun ?MODULE:refused/3, #{}, 50}]).

stop(HostType) -> gen_hook:delete_handlers([{forbidden_session_hook, HostType, fun ?MODULE:refused/3, #{}, 50}]).

refused(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({refused, jid:to_binary(Jid)}),
    {ok, mongoose_acc:set(watcher, refused, jid:to_binary(Jid), Acc)}.
