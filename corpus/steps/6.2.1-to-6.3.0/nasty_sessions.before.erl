%%% Notes sessions and presences, by tables of hooks that other functions build.
-module(nasty_sessions).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([opened/3, closed/3, presence/3, refused/3, resend/2]).

-define(PRESENCE_HOOKS, [set_presence_hook, unset_presence_hook]).
-define(REFUSED, forbidden_session_hook).

start(HostType, _Opts) ->
    [gen_hook:add_handler(Hook, HostType, Fun, #{}, Prio) || {Hook, Fun, Prio} <- sessions()],
    gen_hook:add_handlers(presences(HostType) ++ refusals(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(presences(HostType) ++ refusals(HostType)),
    [gen_hook:delete_handler(Hook, HostType, Fun, #{}, Prio) || {Hook, Fun, Prio} <- sessions()],
    ok.

sessions() ->
    [{sm_register_connection_hook, fun ?MODULE:opened/3, 60},
     {sm_remove_connection_hook, fun ?MODULE:closed/3, 60}].

presences(HostType) ->
    [{Hook, HostType, fun ?MODULE:presence/3, #{}, 70} || Hook <- ?PRESENCE_HOOKS].

refusals(HostType) ->
    [{?REFUSED, HostType, fun ?MODULE:refused/3, #{}, 50}].

opened(Acc, #{jid := Jid, info := Info}, _Extra) ->
    acme_probe:note({opened, jid:to_bare_binary(Jid), is_map(Info)}),
    {ok, Acc}.

closed(Acc, #{jid := Jid, reason := Reason}, _Extra) ->
    acme_probe:note({closed, jid:to_bare_binary(Jid), Reason}),
    {ok, Acc}.

presence(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({presence, jid:to_bare_binary(Jid)}),
    {ok, Acc}.

refused(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({refused, jid:to_bare_binary(Jid)}),
    {ok, Acc}.

%% For the operators' console.
resend(HostType, Jid) ->
    Acc = mongoose_acc:new(#{location => ?LOCATION, host_type => HostType,
                             lserver => Jid#jid.lserver, element => undefined}),
    mongoose_hooks:resend_offline_messages_hook(Acc, Jid).
