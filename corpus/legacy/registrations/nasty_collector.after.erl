%%% Collects in a process of its own who was removed.
-module(nasty_collector).
-behaviour(gen_mod).
-behaviour(gen_server).

-export([start/2, stop/1]).
-export([remove_user/3]).
-export([init/1, handle_call/3, handle_cast/2, terminate/2]).

-record(state, {host_type, removed = []}).

start(HostType, _Opts) ->
    {ok, _Pid} = gen_server:start({local, ?MODULE}, ?MODULE, [HostType], []),
    ok.

stop(_HostType) ->
    gen_server:stop(?MODULE).

hooks(HostType) ->
    [{remove_user, HostType, fun ?MODULE:remove_user/3, #{}, 50}].

init([HostType]) ->
    gen_hook:add_handlers(hooks(HostType)),
    {ok, #state{host_type = HostType}}.

handle_call({removed, User}, _From, #state{removed = Removed} = State) ->
    {reply, ok, State#state{removed = [User | Removed]}}.

handle_cast(_, State) -> {noreply, State}.

terminate(_Reason, #state{host_type = HostType, removed = Removed}) ->
    acme_probe:note({collected, lists:reverse(Removed)}),
    gen_hook:delete_handlers(hooks(HostType)).

remove_user(Acc, #{jid := JID}, _Extra) ->
    {User, _Server} = jid:to_lus(JID),
    ok = gen_server:call(?MODULE, {removed, User}),
    {ok, Acc}.
