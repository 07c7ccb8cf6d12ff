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

init([HostType]) ->
    ejabberd_hooks:add(remove_user, HostType, ?MODULE, remove_user, 50),
    {ok, #state{host_type = HostType}}.

handle_call({removed, User}, _From, #state{removed = Removed} = State) ->
    {reply, ok, State#state{removed = [User | Removed]}}.

handle_cast(_, State) -> {noreply, State}.

terminate(_Reason, #state{host_type = HostType, removed = Removed}) ->
    acme_probe:note({collected, lists:reverse(Removed)}),
    ejabberd_hooks:delete(remove_user, HostType, ?MODULE, remove_user, 50).

remove_user(Acc, User, _Server) ->
    ok = gen_server:call(?MODULE, {removed, User}),
    Acc.
