%%% Two hooks of one stanza, in their order: a presence is counted before it is archived.
-module(kept_first_of_two).
-behaviour(gen_mod).
-export([start/2, stop/1, presence/3, packet/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_update_presence, HostType, fun ?MODULE:presence/3, #{}, 50},
     {user_send_packet, HostType, fun ?MODULE:packet/3, #{}, 50}].

presence(Acc, _Params, _Extra) ->
    {stop, mongoose_acc:set(order, counted, true, Acc)}.

packet(Acc, _Params, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"presence">> -> acme_probe:note({archived, mongoose_acc:get(order, counted, false, Acc)});
        <<"message">> -> acme_probe:note(archived);
        _ -> ok
    end,
    {ok, Acc}.
