%%% Declares the exchanges of a queue that outlives restarts.
-module(kept_exchange).
-export([declare/2]).

declare(Name, Type) ->
    mongoose_amqp:exchange_declare(Name, Type, true).
