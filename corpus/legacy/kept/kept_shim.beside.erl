%%% Old modules need not know that there is a new interface.
-module(ejabberd_hooks).
-export([add/5, delete/5, handle/3]).

add(Hook, Tag, Module, Function, Priority) ->
    gen_hook:add_handler(Hook, Tag, fun ?MODULE:handle/3, #{call => {Module, Function}}, Priority).

delete(Hook, Tag, Module, Function, Priority) ->
    gen_hook:delete_handler(Hook, Tag, fun ?MODULE:handle/3, #{call => {Module, Function}}, Priority).

handle(Acc, #{jid := Jid}, #{call := {Module, Function}}) ->
    {User, Server} = jid:to_lus(Jid),
    {ok, Module:Function(Acc, User, Server)}.
