%%% Greets who writes, and hands on what it is given.
-module(nasty_greeting).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([sent/3]).
-include("jlib.hrl").

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

sent(Acc, _Params, _Extra) ->
    {From, To, _} = mongoose_acc:packet(Acc),
    greet(To, From, #xmlel{name = <<"message">>, children = []}),
    again(From, To, Acc),
    {ok, Acc}.

greet(From, To, Message) ->
    mongoose_router:route(mongoose_acc:new(From, To, Message, {?MODULE, ?FUNCTION_NAME, ?LINE})).

again(From, To, Acc) ->
    mongoose_router:route(mongoose_acc:update(From, To, mongoose_acc:element(Acc), Acc)).
