%%% Stand-in: names of domains for other servers up to 6.1.0. Only plain letters are known here.
-module(ejabberd_s2s).

-export([domain_utf8_to_ascii/1]).

domain_utf8_to_ascii(Domain) ->
    case lists:all(fun(Byte) -> Byte < 128 end, binary_to_list(Domain)) of
        true -> Domain;
        false -> false
    end.
