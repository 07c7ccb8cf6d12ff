%%% Notes logins that fail, and rosters that are asked for.
-module(nasty_logins).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1, hooks/1]).
-export([failed/3, forbidden/3]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.

hooks(HostType) ->
    [{Hook, HostType, Fun, #{}, 50}
     || {Hook, Fun} <- [{auth_failed, fun ?MODULE:failed/3}, {forbidden_session, fun ?MODULE:forbidden/3}]].

failed(Acc, #{username := undefined}, _Extra) ->
    acme_probe:note(failed_without_name),
    {ok, Acc};
failed(Acc, #{username := Name, server := Server}, _Extra) ->
    acme_probe:note({failed, Name, Server}),
    {ok, Acc}.

forbidden(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({forbidden, jid:to_binary(Jid)}),
    {ok, Acc}.
