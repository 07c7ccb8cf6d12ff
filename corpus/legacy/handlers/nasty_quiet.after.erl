%%% Whoever has reached us once gets no second answer from those who come later.
-module(nasty_quiet).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, quiet/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:quiet/3, #{}, 50}].

quiet(Acc, _Params, _Extra) ->
    El = mongoose_acc:element(Acc),
    case exml_query:attr(El, <<"type">>) of
        <<"bad">> -> {stop, Acc};
        _ -> {ok, mongoose_acc:set(quiet, name, El#xmlel.name, Acc)}
    end.
