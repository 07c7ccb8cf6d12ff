%% Drops messages with a forbidden phrase.
-module(plain_filter).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1, preprocess/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:preprocess/3, #{}, 5}]).

stop(HostType) ->
    gen_hook:delete_handlers([{user_send_packet, HostType, fun ?MODULE:preprocess/3, #{}, 5}]).

preprocess(Acc, #{c2s_data := C2SData}, #{host_type := HostType}) ->
    Body = exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata], <<>>),
    Phrase = gen_mod:get_module_opt(HostType, ?MODULE, phrase),
    case binary:match(Body, Phrase) of
        nomatch ->
            {ok, Acc};
        _ ->
            acme_probe:note({dropped, mongoose_c2s:get_jid(C2SData)}),
            {stop, Acc}
    end.
