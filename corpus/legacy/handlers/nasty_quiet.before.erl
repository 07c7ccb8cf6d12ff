%%% Whoever has reached us once gets no second answer from those who come later.
-module(nasty_quiet).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, quiet/4]).

start(HostType, _Opts) -> ejabberd_hooks:add(user_send_packet, HostType, ?MODULE, quiet, 50).

stop(HostType) -> ejabberd_hooks:delete(user_send_packet, HostType, ?MODULE, quiet, 50).

quiet(Acc, _From, _To, El) ->
    case exml_query:attr(El, <<"type">>) of
        <<"bad">> -> {stop, Acc};
        _ -> mongoose_acc:set(quiet, name, El#xmlel.name, Acc)
    end.
