%%% The result of this hook is itself a tagged tuple.
-module(nasty_tagged).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([set_vcard/4]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(set_vcard, HostType, ?MODULE, set_vcard, 50).

stop(HostType) ->
    ejabberd_hooks:delete(set_vcard, HostType, ?MODULE, set_vcard, 50).

set_vcard({error, no_handler_defined}, _HostType, Jid, VCard) ->
    case exml_query:path(VCard, [{element, <<"FN">>}, cdata]) of
        undefined -> {error, no_name};
        Name -> {ok, {jid:to_binary(Jid), Name}}
    end;
set_vcard(Result, _HostType, _Jid, _VCard) ->
    Result.
