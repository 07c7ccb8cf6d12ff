%%% Stand-in: who takes the stanzas for a domain.
-module(mongoose_packet_handler).

-export([new/1]).

new(Module) -> {packet_handler, Module, #{}}.
