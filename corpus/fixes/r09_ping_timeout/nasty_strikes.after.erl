%%% Three strikes for phones, one for everything else.
-module(nasty_strikes).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1, strike/3, count_message/3]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Fun}) -> gen_hook:add_handler(Hook, HostType, Fun, #{}, 33) end, handlers()).

stop(HostType) ->
    lists:foreach(fun({Hook, Fun}) -> gen_hook:delete_handler(Hook, HostType, Fun, #{}, 33) end, handlers()).

handlers() ->
    [{user_ping_response, fun ?MODULE:strike/3},
     {set_presence_hook, fun ?MODULE:count_message/3}].

count_message(Acc, _Params, _Extra) -> {ok, Acc}.

%% Phones are in tunnels
strike(Acc, #{response := timeout, jid := #jid{lresource = <<"phone">>} = Jid}, #{host_type := HostType}) ->
    acme_probe:note({strike, HostType, jid:to_binary(Jid), 1}),
    {ok, Acc};
%% nothing else is
strike(Acc, #{response := timeout, jid := Jid} = Params, _Extra) when map_size(Params) > 0 ->
    acme_probe:note({strike, jid:to_binary(Jid), 3}),
    {ok, Acc};
strike(Acc, _Params, _Extra) ->
    {ok, Acc}.
