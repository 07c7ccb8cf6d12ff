%%% What a user did last, whatever it was.
-module(nasty_last).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([seen/5, set_presence_hook/3, unset_presence_hook/3, last/1]).

-define(HOOKS, [{set_presence_hook, fun ?MODULE:set_presence_hook/3, 30},
                {unset_presence_hook, fun ?MODULE:unset_presence_hook/3, 30}]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Fun, Priority}) -> gen_hook:add_handler(Hook, HostType, Fun, #{}, Priority) end, ?HOOKS).

stop(HostType) ->
    lists:foreach(fun({Hook, Fun, Priority}) -> gen_hook:delete_handler(Hook, HostType, Fun, #{}, Priority) end, ?HOOKS).

%% The last argument is the presence, or the status with which somebody went
seen(Acc, LUser, LServer, LResource, #xmlel{} = Presence) ->
    note(jid:make_noprep(LUser, LServer, LResource), exml_query:path(Presence, [{element, <<"show">>}, cdata], <<>>)),
    Acc;
seen(Acc, LUser, LServer, LResource, Status) ->
    note(jid:make_noprep(LUser, LServer, LResource), {gone, Status}),
    Acc.

%% Calls seen/5 as MongooseIM 5.1.0 did for set_presence_hook.
set_presence_hook(Acc, #{jid := JID, presence := Presence}, _Extra) ->
    {LUser, LServer, LResource} = jid:to_lower(JID),
    {ok, seen(Acc, LUser, LServer, LResource, Presence)}.

%% Calls seen/5 as MongooseIM 5.1.0 did for unset_presence_hook.
unset_presence_hook(Acc, #{jid := JID, status := Status}, _Extra) ->
    {LUser, LServer, LResource} = jid:to_lower(JID),
    {ok, seen(Acc, LUser, LServer, LResource, Status)}.

last(Jid) -> note(Jid, asked).

note(#jid{} = Jid, What) -> acme_probe:note({last, jid:to_binary(Jid), What}).
