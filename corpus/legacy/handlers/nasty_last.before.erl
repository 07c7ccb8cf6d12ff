%%% What a user did last, whatever it was.
-module(nasty_last).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([seen/5, last/1]).

-define(HOOKS, [{set_presence_hook, 30}, {unset_presence_hook, 30}]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Priority}) -> ejabberd_hooks:add(Hook, HostType, ?MODULE, seen, Priority) end, ?HOOKS).

stop(HostType) ->
    lists:foreach(fun({Hook, Priority}) -> ejabberd_hooks:delete(Hook, HostType, ?MODULE, seen, Priority) end, ?HOOKS).

%% The last argument is the presence, or the status with which somebody went
seen(Acc, LUser, LServer, LResource, #xmlel{} = Presence) ->
    note(jid:make_noprep(LUser, LServer, LResource), exml_query:path(Presence, [{element, <<"show">>}, cdata], <<>>)),
    Acc;
seen(Acc, LUser, LServer, LResource, Status) ->
    note(jid:make_noprep(LUser, LServer, LResource), {gone, Status}),
    Acc.

last(Jid) -> note(Jid, asked).

note(#jid{} = Jid, What) -> acme_probe:note({last, jid:to_binary(Jid), What}).
