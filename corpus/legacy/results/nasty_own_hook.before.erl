%%% Other modules of the team are told what happens through a hook of our own.
-module(nasty_own_hook).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([offline/4, price/3, discount/3]).

start(Host, _Opts) ->
    ejabberd_hooks:add(offline_message_hook, Host, ?MODULE, offline, 50),
    ejabberd_hooks:add(acme_price, Host, ?MODULE, price, 10),
    ejabberd_hooks:add(acme_price, Host, ?MODULE, discount, 20).

stop(Host) ->
    ejabberd_hooks:delete(offline_message_hook, Host, ?MODULE, offline, 50),
    ejabberd_hooks:delete(acme_price, Host, ?MODULE, price, 10),
    ejabberd_hooks:delete(acme_price, Host, ?MODULE, discount, 20).

offline(Acc, From, _To, Packet) ->
    Host = mongoose_acc:host_type(Acc),
    Price = ejabberd_hooks:run_fold(acme_price, Host, 0, [From, Packet]),
    mongoose_acc:set(acme, price, Price, Acc).

price(Price, _From, #xmlel{name = <<"message">>} = Packet) ->
    Price + byte_size(exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>)).

discount(Price, #jid{luser = <<"alice">>}, _Packet) ->
    {stop, Price - 1};
discount(Price, _From, _Packet) ->
    Price.
