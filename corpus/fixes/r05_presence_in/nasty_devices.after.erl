%%% Which devices of which contacts are there, as far as this session was told.
-module(nasty_devices).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1]).
-export([presence_in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_receive_presence, HostType, fun ?MODULE:presence_in/3, #{}, 5}]).

stop(HostType) ->
    gen_hook:delete_handlers([{user_receive_presence, HostType, fun ?MODULE:presence_in/3, #{}, 5}]).

-spec presence_in(mongoose_acc:t(), mongoose_c2s_hooks:params(), gen_hook:extra()) -> mongoose_c2s_hooks:result().
presence_in(Acc, #{c2s_data := C2SData} = _Params, _Extra) ->
    {#jid{lserver = Server} = From, _To, Packet} = mongoose_acc:packet(Acc),
    Old = case mongoose_c2s:get_mod_state(C2SData, ?MODULE) of
              {ok, Devices} -> Devices;
              %% the first presence
              {error, not_found} -> #{}
          end,
    case {exml_query:attr(Packet, <<"type">>), Server =:= mongoose_c2s:get_lserver(C2SData)} of
        {undefined, true} ->
            {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Old#{jid:to_lower(From) => there}})};
        {<<"unavailable">>, true} ->
            {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, maps:remove(jid:to_lower(From), Old)})};
        {_, _} ->
            log_foreign(From, subscription(From, mod_presence:maybe_get_handler(C2SData))),
            {ok, Acc}
    end.

subscription(From, Presences) ->
    BareFrom = jid:to_bare(From),
    case {mod_presence:is_subscribed_to_my_presence(From, BareFrom, Presences),
          mod_presence:am_i_subscribed_to_presence(From, BareFrom, Presences)} of
        {true, true} -> both;
        {true, false} -> from;
        {false, true} -> to;
        {false, false} -> none
    end.

log_foreign(From, Subscription) ->
    acme_probe:note({foreign, jid:to_binary(From), Subscription}).
