%% Drops messages with a forbidden phrase.
-module(plain_filter).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1, preprocess/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, 10}]).

stop(HostType) ->
    gen_hook:delete_handlers([{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, 10}]).

preprocess(Acc, #{state := State}, #{host_type := HostType}) ->
    Body = exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata], <<>>),
    Phrase = gen_mod:get_module_opt(HostType, ?MODULE, phrase),
    case binary:match(Body, Phrase) of
        nomatch ->
            {ok, Acc};
        _ ->
            acme_probe:note({dropped, ejabberd_c2s_state:jid(State)}),
            {ok, mongoose_acc:set(hook, result, drop, Acc)}
    end.
