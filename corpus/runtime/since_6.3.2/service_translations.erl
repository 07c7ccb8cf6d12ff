%%% Stand-in: texts of the server in the language of a user, as they are asked for from 6.3.2 to 6.7.0.
-module(service_translations).

-export([do/2]).

do(Lang, Text) -> <<Text/binary, " (", Lang/binary, ")">>.
