%%% Cards are kept by whoever is configured to.
-module(nasty_backend).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([set_vcard/4, set_vcard/3]).
%% The backend that is there when there is no other
-export([store/2]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{set_vcard, HostType, fun ?MODULE:set_vcard/3, #{}, 50}].

set_vcard(_Acc, HostType, Jid, VCard) ->
    Backend = gen_mod:get_module_opt(HostType, ?MODULE, cards, ?MODULE),
    Backend:store(Jid, VCard).

%% Calls set_vcard/4 as MongooseIM 5.1.0 did for set_vcard.
set_vcard(Acc, #{user := UserJID, vcard := VCard}, #{host_type := HostType}) ->
    case set_vcard(Acc, HostType, UserJID, VCard) of
        stop -> {stop, stopped};
        {stop, NewAcc} -> {stop, NewAcc};
        NewAcc -> {ok, NewAcc}
    end.

store(Jid, _VCard) ->
    acme_probe:note({stored, jid:to_binary(Jid)}),
    {stop, ok}.
