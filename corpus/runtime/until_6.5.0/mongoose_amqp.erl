%%% Stand-in: what is said to RabbitMQ, up to 6.4.0.
-module(mongoose_amqp).

-export([exchange_declare/2]).

exchange_declare(Name, Type) -> {'exchange.declare', Name, Type, not_durable}.
