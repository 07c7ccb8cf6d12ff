%%% Leaves the decision to a module that gets the whole session state.
-module(kept_foreign_state).
-behaviour(gen_mod).
-include("mongoose.hrl").
-export([start/2, stop/1, ask/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(c2s_preprocessing_hook, HostType, fun ?MODULE:ask/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(c2s_preprocessing_hook, HostType, fun ?MODULE:ask/3, #{}, 50).

%% Whoever was there before may have dropped it.
ask(Acc, #{state := State}, _Extra) ->
    case mongoose_acc:get(hook, result, undefined, Acc) of
        drop -> {stop, Acc};
        _ -> {ok, decide(mongoose_acc:stanza_name(Acc), Acc, tuple_size(State))}
    end.

decide(<<"message">>, Acc, Size) when Size > 3 ->
    acme_probe:note(asked),
    Acc;
decide(_Name, Acc, _Size) ->
    Acc.
