%%% Has each message counted by who listens to an exchange.
-module(plain_exchange).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([sent/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:sent/3, #{}, 50}].

sent(Acc, _Params, #{host_type := HostType}) ->
    Exchange = <<HostType/binary, "_counted">>,
    acme_probe:note({to_rabbit, mongoose_amqp:exchange_declare(Exchange, <<"fanout">>, false)}),
    {ok, Acc}.
