%%% Other modules of the team are told what happens through a hook of our own.
-module(nasty_own_hook).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([offline/3, price/3, discount/3]).

start(Host, _Opts) ->
    gen_hook:add_handler(offline_message_hook, Host, fun ?MODULE:offline/3, #{}, 50),
    gen_hook:add_handler(acme_price, Host, fun ?MODULE:price/3, #{}, 10),
    gen_hook:add_handler(acme_price, Host, fun ?MODULE:discount/3, #{}, 20).

stop(Host) ->
    gen_hook:delete_handler(offline_message_hook, Host, fun ?MODULE:offline/3, #{}, 50),
    gen_hook:delete_handler(acme_price, Host, fun ?MODULE:price/3, #{}, 10),
    gen_hook:delete_handler(acme_price, Host, fun ?MODULE:discount/3, #{}, 20).

offline(Acc, #{from := From, packet := Packet}, _Extra) ->
    Host = mongoose_acc:host_type(Acc),
    {_, Price} = gen_hook:run_fold(acme_price, Host, 0, #{from => From, packet => Packet}),
    {ok, mongoose_acc:set(acme, price, Price, Acc)}.

price(Price, #{packet := #xmlel{name = <<"message">>} = Packet}, _Extra) ->
    {ok, Price + byte_size(exml_query:path(Packet, [{element, <<"body">>}, cdata], <<>>))}.

discount(Price, #{from := #jid{luser = <<"alice">>}}, _Extra) ->
    {stop, Price - 1};
discount(Price, _Params, _Extra) ->
    {ok, Price}.
