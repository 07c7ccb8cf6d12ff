%%% Watches how well the lines to our clients are: who answers pings, how fast, and who does not.
%%% Needs mod_ping with send_pings = true.
-module(mod_acme_ping_watch).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mongoose_config_spec.hrl").

-export([start/2, stop/1, config_spec/0, supported_features/0]).
-export([lost/3, answered/3, kept_alive/3]).

start(HostType, _Opts) ->
    acme_hooks:install(HostType, ?MODULE, handlers()).

stop(HostType) ->
    acme_hooks:uninstall(HostType, ?MODULE, handlers()).

config_spec() ->
    #section{items = #{<<"slow_after">> => #option{type = integer, validate = positive}},
             defaults = #{<<"slow_after">> => 2000}}.

supported_features() -> [dynamic_domains].

handlers() ->
    [{user_ping_timeout, lost, 50},
     {user_ping_response, answered, 50},
     {user_sent_keep_alive, kept_alive}].

%% user_ping_timeout
lost(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, ping, lost], 1),
    ?LOG_INFO(#{what => acme_client_lost, jid => jid:to_binary(Jid)}),
    {ok, Acc}.

%% user_ping_response. A timeout comes here too, but lost/3 has seen that already.
answered(Acc, #{response := timeout}, _Extra) ->
    {ok, Acc};
answered(Acc, #{response := #iq{type = error}, jid := Jid}, _Extra) ->
    %% Old clients know no ping; they are alive all the same
    ?LOG_DEBUG(#{what => acme_ping_unsupported, jid => jid:to_binary(Jid)}),
    {ok, Acc};
answered(Acc, #{jid := Jid, time_delta := Millis}, _Extra) ->
    HostType = mongoose_acc:host_type(Acc),
    mongoose_metrics:update(HostType, [acme, ping, millis], Millis),
    case gen_mod:get_module_opt(HostType, ?MODULE, slow_after) of
        Slow when Millis > Slow ->
            ?LOG_WARNING(#{what => acme_slow_client, jid => jid:to_binary(Jid),
                           millis => Millis}),
            Acc;
        _ ->
            {ok, Acc}
    end.

%% user_sent_keep_alive: a blank now and then is as good as a pong
kept_alive(Acc, #{jid := _Jid}, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, ping, keep_alive], 1),
    {ok, Acc}.
