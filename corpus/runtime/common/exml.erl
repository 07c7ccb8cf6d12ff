%%% Stand-in.
-module(exml).

-export([to_binary/1]).

to_binary(El) -> acme_probe:to_text(El).
