%%% Messages with the phrase never leave the session.
-module(nasty_phrase).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, preprocess/3]).

-define(PRIORITY, 10).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_packet, HostType, fun ?MODULE:preprocess/3, #{}, 21}].

preprocess(Acc, #{c2s_data := C2SData}, _Extra) ->
    Jid = mongoose_c2s:get_jid(C2SData),
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata]) of
        <<"casino">> ->
            acme_probe:note({kept_back, jid:to_binary(Jid)}),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
