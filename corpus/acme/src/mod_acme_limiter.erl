%%% Rate limiter. One process per host type owns the counters; it resets them every second.
-module(mod_acme_limiter).

-behaviour(gen_mod).
-behaviour(gen_server).

-include("mongoose.hrl").
-include("mongoose_config_spec.hrl").

-export([start/2, stop/1, config_spec/0, supported_features/0]).
-export([start_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export([throttle/3]).

-ignore_xref([start_link/3, throttle/3]).

-record(limiter, {host_type, limit, table}).

%% gen_mod callbacks

start(HostType, #{stanzas_per_second := Limit}) ->
    Proc = gen_mod:get_module_proc(HostType, ?MODULE),
    ChildSpec = #{id => Proc,
                  start => {?MODULE, start_link, [Proc, HostType, Limit]},
                  restart => permanent, shutdown => 5000,
                  type => worker, modules => [?MODULE]},
    ejabberd_sup:start_child(ChildSpec).

stop(HostType) ->
    ejabberd_sup:stop_child(gen_mod:get_module_proc(HostType, ?MODULE)).

config_spec() ->
    #section{items = #{<<"stanzas_per_second">> => #option{type = integer, validate = positive}},
             defaults = #{<<"stanzas_per_second">> => 25}}.

supported_features() -> [dynamic_domains].

start_link(Proc, HostType, Limit) ->
    gen_server:start_link({local, Proc}, ?MODULE, [Proc, HostType, Limit], []).

%% gen_server callbacks

init([Proc, HostType, Limit]) ->
    process_flag(trap_exit, true),
    Table = ets:new(Proc, [public, {write_concurrency, true}]),
    ok = gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:throttle/3,
                              #{limit => Limit, table => Table}, 30),
    {ok, _} = timer:send_interval(1000, tick),
    {ok, #limiter{host_type = HostType, limit = Limit, table = Table}}.

handle_call(Request, From, State) ->
    ?UNEXPECTED_CALL(Request, From),
    {reply, {error, unexpected}, State}.

handle_cast(Msg, State) ->
    ?UNEXPECTED_CAST(Msg),
    {noreply, State}.

handle_info(tick, #limiter{table = Table} = State) ->
    ets:delete_all_objects(Table),
    {noreply, State};
handle_info(Info, State) ->
    ?UNEXPECTED_INFO(Info),
    {noreply, State}.

terminate(_Reason, #limiter{host_type = HostType, limit = Limit, table = Table}) ->
    gen_hook:delete_handler(user_send_packet, HostType, fun ?MODULE:throttle/3,
                            #{limit => Limit, table => Table}, 50).

%% Over the limit we still deliver, nobody should lose a message because of a busy script.
%% But we stop here, so that the flood gets neither into MAM and inbox nor to push.
-spec throttle(mongoose_acc:t(), map(), gen_hook:extra()) -> {ok | stop, mongoose_acc:t()}.
throttle(Acc, _Params, #{limit := Limit, table := Table}) ->
    Key = jid:to_lus(mongoose_acc:from_jid(Acc)),
    case ets:update_counter(Table, Key, 1, {Key, 0}) of
        N when N =< Limit ->
            {ok, Acc};
        N when N =:= Limit + 1 ->
            ?LOG_WARNING(#{what => acme_rate_exceeded, user => Key, limit => Limit}),
            {stop, Acc};
        _ ->
            {stop, Acc}
    end.
