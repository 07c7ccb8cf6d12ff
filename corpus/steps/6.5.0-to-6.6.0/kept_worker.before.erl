%%% Registers its handlers from a process that the module starts.
-module(kept_worker).
-behaviour(gen_mod).
-behaviour(gen_server).
-export([start/2, stop/1, start_link/1]).
-export([init/1, handle_call/3, handle_cast/2, terminate/2]).
-export([counted/3]).

start(HostType, _Opts) ->
    {ok, _} = start_link(HostType),
    ok.

stop(_HostType) ->
    gen_server:stop(?MODULE).

start_link(HostType) ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, HostType, []).

init(HostType) ->
    process_flag(trap_exit, true),
    register_handlers(HostType),
    {ok, HostType}.

handle_call(_Request, _From, HostType) ->
    {reply, ok, HostType}.

handle_cast(_Request, HostType) ->
    {noreply, HostType}.

terminate(_Reason, HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

register_handlers(HostType) ->
    gen_hook:add_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:counted/3, #{}, 50}].

counted(Acc, _Params, _Extra) ->
    acme_probe:note({counted, mongoose_acc:stanza_name(Acc)}),
    {ok, Acc}.
