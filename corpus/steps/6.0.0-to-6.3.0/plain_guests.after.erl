%%% Keeps account of guests, of presences, and of what is said.
-module(plain_guests).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([gone/3, shown/3, hidden/3, received/3]).

-define(PRIORITY, 70).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{anonymous_purge, HostType, fun ?MODULE:gone/3, #{}, ?PRIORITY},
     %% Both are wanted.
     {set_presence, HostType, fun ?MODULE:shown/3, #{}, ?PRIORITY},
     {unset_presence, HostType, fun ?MODULE:hidden/3, #{}, ?PRIORITY},
     {user_receive_message, HostType, fun ?MODULE:received/3, #{}, ?PRIORITY}].

gone(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({gone, jid:to_binary(Jid)}),
    {ok, Acc}.

shown(Acc, #{jid := Jid, presence := #xmlel{name = Name}}, _Extra) ->
    acme_probe:note({shown, jid:to_binary(Jid), Name}),
    {ok, Acc}.

hidden(Acc, #{jid := Jid}, _Extra) ->
    acme_probe:note({hidden, jid:to_binary(Jid)}),
    {ok, Acc}.

received(Acc, #{c2s_data := C2SData}, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> -> acme_probe:note({received, jid:to_binary(mongoose_c2s:get_jid(C2SData))});
        _ -> ok
    end,
    {ok, Acc}.
