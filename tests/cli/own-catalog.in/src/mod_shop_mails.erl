-module(mod_shop_mails).
-behaviour(gen_mod).

-export([start/2, stop/1]).
-export([placed/3, opened/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{shop_order_placed, HostType, fun ?MODULE:placed/3, #{}, 50},
     {shop_opened, global, fun ?MODULE:opened/3, #{}, 50}].

placed(Acc, #{order := Order, customer := Customer}, _Extra) ->
    shop_mailer:confirm(Order, Customer),
    {ok, Acc}.

opened(Acc, #{shop := Shop, at := At}, _Extra) ->
    shop_mailer:announce(Shop, At),
    {ok, Acc}.
