%%% Stand-in for the accumulator that travels with a stanza.
-module(mongoose_acc).

-include("jlib.hrl").

-export([new/1, ref/1, timestamp/1, lserver/1, host_type/1, element/1, to_jid/1, from_jid/1, packet/1,
         stanza_name/1, stanza_type/1, stanza_ref/1, update_stanza/2,
         set/3, set/4, set_permanent/3, set_permanent/4, append/4, get/2, get/3, get/4,
         delete/2, delete/3, delete_many/3, get_permanent_keys/1, strip/1, strip/2]).

-ifndef(UP_TO_5_1_0).
-export([set/2]).
-endif.
-ifdef(RELEASE_6_1_0).
-export([get_statem_acc/1, set_statem_acc/2]).
-endif.
-ifdef(SINCE_6_7_0).
-export([new/4, update/4]).

new(From, To, El, Location) ->
    new(#{location => Location, lserver => From#jid.lserver, host_type => server:host_type(), from_jid => From,
          to_jid => To, element => El}).

update(From, To, El, Acc) -> update_stanza(#{from_jid => From, to_jid => To, element => El}, Acc).
-endif.

new(#{location := _, lserver := LServer} = Params) ->
    with_session_requests(
      Params,
      #{mongoose_acc => true, ref => make_ref(), timestamp => erlang:system_time(microsecond),
        stanza => stanza(Params), lserver => LServer, host_type => maps:get(host_type, Params, undefined),
        non_strippable => []}).

-ifdef(RELEASE_6_1_0).
with_session_requests(Params, Acc) ->
    Acc#{statem_acc => maps:get(statem_acc, Params, mongoose_c2s_acc:new())}.

get_statem_acc(#{mongoose_acc := true, statem_acc := Requests}) -> Requests.

set_statem_acc(Requests, #{mongoose_acc := true} = Acc) -> Acc#{statem_acc := Requests}.
-else.
with_session_requests(_Params, Acc) -> Acc.
-endif.

stanza(#{element := #xmlel{} = El} = Params) ->
    #{element => El, name => El#xmlel.name, type => exml_query:attr(El, <<"type">>), ref => make_ref(),
      from_jid => jid(from_jid, <<"from">>, Params), to_jid => jid(to_jid, <<"to">>, Params)};
stanza(_) ->
    undefined.

jid(Key, Attribute, #{element := El} = Params) ->
    case Params of
        #{Key := Jid} -> Jid;
        #{} -> #jid{} = jid:from_binary(exml_query:attr(El, Attribute))
    end.

ref(#{mongoose_acc := true, ref := Ref}) -> Ref.
timestamp(#{mongoose_acc := true, timestamp := Timestamp}) -> Timestamp.
lserver(#{mongoose_acc := true, lserver := LServer}) -> LServer.
host_type(#{mongoose_acc := true, host_type := HostType}) -> HostType.
element(Acc) -> of_stanza(element, Acc).
to_jid(Acc) -> of_stanza(to_jid, Acc).
from_jid(Acc) -> of_stanza(from_jid, Acc).
stanza_name(Acc) -> of_stanza(name, Acc).
stanza_type(Acc) -> of_stanza(type, Acc).
stanza_ref(Acc) -> of_stanza(ref, Acc).

packet(#{mongoose_acc := true, stanza := #{from_jid := From, to_jid := To, element := El}}) -> {From, To, El};
packet(#{mongoose_acc := true}) -> undefined.

of_stanza(Key, #{mongoose_acc := true, stanza := #{} = Stanza}) -> maps:get(Key, Stanza);
of_stanza(_Key, #{mongoose_acc := true}) -> undefined.

update_stanza(Params, #{mongoose_acc := true} = Acc) -> Acc#{stanza := stanza(Params)}.

-ifndef(UP_TO_5_1_0).
set(Triples, #{mongoose_acc := true} = Acc) when is_list(Triples) ->
    lists:foldl(fun({Namespace, Key, Value}, A) -> set(Namespace, Key, Value, A) end, Acc, Triples).
-endif.

set(Namespace, Pairs, Acc) ->
    lists:foldl(fun({Key, Value}, A) -> set(Namespace, Key, Value, A) end, Acc, Pairs).

set(Namespace, Key, Value, #{mongoose_acc := true} = Acc) -> Acc#{{Namespace, Key} => Value}.

set_permanent(Namespace, Pairs, Acc) ->
    lists:foldl(fun({Key, Value}, A) -> set_permanent(Namespace, Key, Value, A) end, Acc, Pairs).

set_permanent(Namespace, Key, Value, #{mongoose_acc := true, non_strippable := Keys} = Acc) ->
    Acc#{{Namespace, Key} => Value, non_strippable := lists:usort([{Namespace, Key} | Keys])}.

append(Namespace, Key, Value, Acc) ->
    Old = get(Namespace, Key, [], Acc),
    New = case is_list(Value) of
              true -> Old ++ Value;
              false -> [Value | Old]
          end,
    set(Namespace, Key, New, Acc).

get(Namespace, #{mongoose_acc := true} = Acc) ->
    [{Key, Value} || {{N, Key}, Value} <- maps:to_list(Acc), N =:= Namespace].

get(Namespace, Key, #{mongoose_acc := true} = Acc) -> maps:get({Namespace, Key}, Acc).

get(Namespace, Key, Default, #{mongoose_acc := true} = Acc) -> maps:get({Namespace, Key}, Acc, Default).

delete(Namespace, Acc) -> delete_many(Namespace, [Key || {Key, _} <- get(Namespace, Acc)], Acc).

delete(Namespace, Key, Acc) -> delete_many(Namespace, [Key], Acc).

delete_many(Namespace, Keys, #{mongoose_acc := true, non_strippable := Kept} = Acc) ->
    Gone = [{Namespace, Key} || Key <- Keys],
    (maps:without(Gone, Acc))#{non_strippable := Kept -- Gone}.

get_permanent_keys(#{mongoose_acc := true, non_strippable := Keys}) -> Keys.

strip(#{mongoose_acc := true, non_strippable := Keys} = Acc) ->
    Kept = maps:filter(fun({_, _} = Key, _) -> lists:member(Key, Keys); (_, _) -> true end, Acc),
    with_session_requests(#{}, Kept).

strip(#{lserver := LServer} = Params, Acc) ->
    (strip(Acc))#{lserver := LServer, host_type := maps:get(host_type, Params, undefined),
                  stanza := stanza(Params)}.
