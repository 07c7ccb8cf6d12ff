%%% Stand-in: what is said to RabbitMQ since 6.5.0.
-module(mongoose_amqp).

-export([exchange_declare/3]).

exchange_declare(Name, Type, true) -> {'exchange.declare', Name, Type, durable};
exchange_declare(Name, Type, false) -> {'exchange.declare', Name, Type, not_durable}.
