%%% The result of this hook is itself a tagged tuple.
-module(nasty_tagged).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([set_vcard/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{set_vcard, HostType, fun ?MODULE:set_vcard/3, #{}, 50}].

set_vcard({error, no_handler_defined}, #{user := Jid, vcard := VCard}, _Extra) ->
    case exml_query:path(VCard, [{element, <<"FN">>}, cdata]) of
        undefined -> {ok, {error, no_name}};
        Name -> {ok, {ok, {jid:to_binary(Jid), Name}}}
    end;
set_vcard(Result, _Params, _Extra) ->
    {ok, Result}.
