%% Push for messages, with what the phone is called.
-module(nasty_maps_get).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, hooks/2, push/3]).

start(HostType, _Opts) ->
    lists:foreach(fun({Hook, Prio}) -> gen_hook:add_handler(Hook, HostType, fun ?MODULE:push/3, #{}, Prio) end,
                  hooks(push, HostType)).

stop(HostType) ->
    lists:foreach(fun({Hook, Prio}) -> gen_hook:delete_handler(Hook, HostType, fun ?MODULE:push/3, #{}, Prio) end,
                  hooks(push, HostType)).

hooks(push, _HostType) -> [{user_receive_message, 95}].

push(Acc, Params, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> when is_map(Params) ->
            #jid{lresource = Phone} = Device = mongoose_c2s:get_jid(maps:get(c2s_data, Params)),
            acme_probe:note({push, Phone, jid:are_bare_equal(Device, mongoose_acc:to_jid(Acc))}),
            {ok, Acc};
        <<"message">> -> {ok, Acc};
        <<"iq">> -> {ok, Acc};
        _ -> {ok, Acc}
    end.
