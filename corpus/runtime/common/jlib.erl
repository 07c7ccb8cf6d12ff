%%% Stand-in for the functions of `jlib' that handlers and the stand-in server call.
-module(jlib).

-include("jlib.hrl").

-export([iq_query_info/1, iq_query_or_response_info/1, iq_to_xml/1, make_result_iq_reply/1,
         make_error_reply/2, make_error_reply/3, replace_from_to/3, remove_delay_tags/1,
         replace_tag_attr/3, remove_attr/2]).

-ifndef(SINCE_6_4_0).
-export([replace_from_to_attrs/3]).
-endif.
-ifdef(SINCE_6_3_1).
-export([remove_cdata/1, append_subtags/2]).
-else.
-export([encode_base64/1, decode_base64/1]).
-endif.

iq_query_info(El) -> iq(El, request).

iq_query_or_response_info(El) -> iq(El, any).

iq(#xmlel{name = <<"iq">>, attrs = Attributes, children = Children}, Wanted) ->
    Attrs = ?PAIRS(Attributes),
    Els = [El || #xmlel{} = El <- Children],
    Id = proplists:get_value(<<"id">>, Attrs, <<>>),
    case proplists:get_value(<<"type">>, Attrs) of
        Type when Type =:= <<"get">>; Type =:= <<"set">> -> request(Id, Type, Els);
        <<"result">> when Wanted =:= any -> response(Id, result, Els);
        <<"error">> when Wanted =:= any -> response(Id, error, Els);
        <<"result">> -> reply;
        <<"error">> -> reply;
        _ -> invalid
    end;
iq(_, _) ->
    not_iq.

request(Id, Type, [El]) ->
    #iq{id = Id, type = binary_to_atom(Type, utf8), xmlns = exml_query:attr(El, <<"xmlns">>, <<>>),
        sub_el = El};
request(_, _, _) ->
    invalid.

response(Id, Type, Els) ->
    Namespaces = [exml_query:attr(El, <<"xmlns">>, <<>>) || El <- Els, El#xmlel.name =/= <<"error">>],
    #iq{id = Id, type = Type, xmlns = hd(Namespaces ++ [<<>>]), sub_el = Els}.

iq_to_xml(#iq{id = Id, type = Type, sub_el = SubEl}) ->
    Attrs = [{<<"id">>, Id} || Id =/= <<>>] ++ [{<<"type">>, atom_to_binary(Type, utf8)}],
    #xmlel{name = <<"iq">>, attrs = ?ATTRS(Attrs), children = lists:flatten([SubEl])}.

make_result_iq_reply(#xmlel{} = El) ->
    swapped(El#xmlel{children = []}, <<"result">>).

make_error_reply(#{mongoose_acc := true} = Acc, Error) ->
    make_error_reply(Acc, mongoose_acc:element(Acc), Error);
make_error_reply(#xmlel{} = El, Error) ->
    #xmlel{children = Children} = El,
    swapped(El#xmlel{children = Children ++ [Error]}, <<"error">>).

make_error_reply(Acc, El, Error) ->
    {Acc, make_error_reply(El, Error)}.

swapped(#xmlel{attrs = Attributes} = El, Type) ->
    Attrs = ?PAIRS(Attributes),
    Kept = [Attr || {K, _} = Attr <- Attrs, not lists:member(K, [<<"from">>, <<"to">>, <<"type">>])],
    Swapped = [{<<"to">>, V} || {<<"from">>, V} <- Attrs] ++ [{<<"from">>, V} || {<<"to">>, V} <- Attrs],
    El#xmlel{attrs = ?ATTRS([{<<"type">>, Type} | Swapped ++ Kept])}.

replace_from_to(From, To, El) ->
    replace_tag_attr(<<"to">>, jid:to_binary(To), replace_tag_attr(<<"from">>, jid:to_binary(From), El)).

remove_delay_tags(#xmlel{children = Children} = El) ->
    El#xmlel{children = [Child || Child <- Children, not is_delay(Child)]}.

is_delay(#xmlel{name = <<"delay">>}) -> true;
is_delay(_) -> false.

replace_tag_attr(Name, Value, #xmlel{attrs = Attrs} = El) ->
    El#xmlel{attrs = ?ATTRS([{Name, Value} | lists:keydelete(Name, 1, ?PAIRS(Attrs))])}.

remove_attr(Name, #xmlel{attrs = Attrs} = El) ->
    El#xmlel{attrs = ?ATTRS(lists:keydelete(Name, 1, ?PAIRS(Attrs)))}.

-ifndef(SINCE_6_4_0).
replace_from_to_attrs(From, To, Attrs) ->
    #xmlel{attrs = Replaced} = with_addresses(From, To, #xmlel{name = <<"none">>, attrs = Attrs}),
    Replaced.

with_addresses(From, To, El) ->
    Addresses = [{Name, Value} || {Name, Value} <- [{<<"from">>, From}, {<<"to">>, To}], Value =/= undefined],
    Gone = lists:foldl(fun remove_attr/2, El, [<<"from">>, <<"to">>]),
    lists:foldl(fun({Name, Value}, It) -> replace_tag_attr(Name, Value, It) end, Gone, Addresses).
-endif.

-ifdef(SINCE_6_3_1).
remove_cdata(Children) -> [El || #xmlel{} = El <- Children].

append_subtags(#xmlel{children = Children} = El, More) -> El#xmlel{children = Children ++ More}.
-endif.

-ifndef(SINCE_6_3_1).
encode_base64(Text) -> base64:encode(Text).

decode_base64(Text) -> base64:mime_decode(Text).
-endif.
