%%% Declares the exchanges that a client asks for by its presence, and those of its own.
-module(nasty_exchanges).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([seen/3]).

-define(DECLARE(Name), mongoose_amqp:exchange_declare(Name, <<"topic">>, false)).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_presence, HostType, fun ?MODULE:seen/3, #{}, 20}].

seen(Acc, _Params, _Extra) ->
    Declared = [mongoose_amqp:exchange_declare(
                  Name, % as operators know it
                  type(Name), false) || Name <- names(mongoose_acc:stanza_type(Acc))],
    acme_probe:note({declared, Declared, exchange_declare(<<"own">>, <<"direct">>)}),
    {ok, Acc}.

names(undefined) -> [<<"seen">>, <<"alarms">>];
names(Type) -> [Type].

type(<<"alarms">>) -> <<"fanout">>;
type(_Name) -> <<"topic">>.

%% Of this module, and has always had two arguments.
exchange_declare(Name, Type) ->
    {Name, Type, ?DECLARE(<<"all">>)}.
