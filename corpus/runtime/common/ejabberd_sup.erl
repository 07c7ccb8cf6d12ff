%%% Stand-in: keeps the processes of modules, and is there for tables whose owner ends.
-module(ejabberd_sup).
-behaviour(supervisor).

-export([start_link/0, stop/0, start_child/1, stop_child/1]).
-export([init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

stop() -> gen_server:stop(?MODULE).

start_child(Spec) ->
    {ok, _Pid} = supervisor:start_child(?MODULE, Spec).

stop_child(Id) ->
    ok = supervisor:terminate_child(?MODULE, Id),
    supervisor:delete_child(?MODULE, Id).

init([]) -> {ok, {#{strategy => one_for_one}, []}}.
