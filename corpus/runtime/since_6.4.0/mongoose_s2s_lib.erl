%%% Stand-in: names of domains for other servers since 6.4.0. Only plain letters are known here.
-module(mongoose_s2s_lib).

-export([domain_utf8_to_ascii/2]).

domain_utf8_to_ascii(Domain, Form) ->
    case lists:all(fun(Byte) -> Byte < 128 end, binary_to_list(Domain)) of
        true when Form =:= binary -> Domain;
        true when Form =:= string -> binary_to_list(Domain);
        false -> false
    end.
