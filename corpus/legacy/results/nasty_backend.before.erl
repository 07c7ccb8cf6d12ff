%%% Cards are kept by whoever is configured to.
-module(nasty_backend).
-behaviour(gen_mod).
-export([start/2, stop/1]).
-export([set_vcard/4]).
%% The backend that is there when there is no other
-export([store/2]).

start(HostType, _Opts) ->
    ejabberd_hooks:add(set_vcard, HostType, ?MODULE, set_vcard, 50).

stop(HostType) ->
    ejabberd_hooks:delete(set_vcard, HostType, ?MODULE, set_vcard, 50).

set_vcard(_Acc, HostType, Jid, VCard) ->
    Backend = gen_mod:get_module_opt(HostType, ?MODULE, cards, ?MODULE),
    Backend:store(Jid, VCard).

store(Jid, _VCard) ->
    acme_probe:note({stored, jid:to_binary(Jid)}),
    {stop, ok}.
