%%% The gate: what leaves the house is checked here, once, for all kinds of stanzas.
-module(nasty_gate).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1]).
-export([check/3, ready/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)), ok.

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)), ok.

hooks(HostType) ->
    [{Hook, HostType, Fun, #{}, Prio}
     || {Hook, Fun, Prio} <- [{c2s_preprocessing_hook, fun ?MODULE:check/3, 25},
                              {user_ping_response, fun ?MODULE:ready/3, 50}]].

ready(Acc, _Params, _Extra) -> {ok, Acc}.

%% Everything within the house is fine.
check(Acc, #{state := State} = _Params, _Extra) ->
    Server = ejabberd_c2s_state:server(State),
    case mongoose_acc:to_jid(Acc) of
        #jid{lserver = Server} ->
            {ok, Acc};
        #jid{lserver = Other} ->
            try check_foreign(Other, mongoose_acc:stanza_name(Acc), ejabberd_c2s_state:host_type(State)) of
                allowed -> {ok, mongoose_acc:set_permanent(gate, passed, Other, Acc)};
                denied -> {ok, mongoose_acc:set(hook, result, drop, Acc)}
            catch
                %% An element that we have never heard of
                error:function_clause -> {ok, Acc}
            end;
        _ -> {ok, Acc}
    end.

check_foreign(Domain, <<"message">>, HostType) ->
    acme_probe:note({denied, Domain, HostType}),
    denied;
check_foreign(_Domain, <<"iq">>, _HostType) -> denied;
%% subscriptions have to work
check_foreign(_Domain, <<"presence">>, _HostType) -> allowed.
