%%% What to do with a message depends on who gets it where.
-module(nasty_router).
-behaviour(gen_mod).

-include("jlib.hrl").
-include("mongoose.hrl").

-export([start/2, stop/1, config/0]).
-export([receive_one/3]).

-define(HOOKS(HostType), [{user_receive_message, HostType, fun ?MODULE:receive_one/3, #{}, 45}]).

start(HostType, _Opts) -> gen_hook:add_handlers(?HOOKS(HostType)).

stop(HostType) -> gen_hook:delete_handlers(?HOOKS(HostType)).

config() -> #{bots => [<<"bot">>]}.

receive_one(Acc, #{c2s_data := C2SData}, Extra) ->
    receive_by(Acc, mongoose_c2s:get_jid(C2SData), Extra).

%% Bots are served elsewhere
receive_by(Acc, #jid{luser = <<"bot">>}, _Extra) ->
    {ok, Acc};
%% @doc phones get a badge
receive_by(Acc, #jid{lresource = <<"phone">>, lserver = Server} = Jid, #{host_type := HostType})
  when is_binary(Server) ->
    case mongoose_acc:element(Acc) of
        #xmlel{name = <<"message">>} = El ->
            badge(HostType, Server, Jid, exml_query:attr(El, <<"id">>)),
            {ok, mongoose_acc:set(badge, sent, true, Acc)};
        _ ->
            {ok, Acc}
    end;
receive_by(Acc, _Jid, _Extra) ->
    {ok, Acc}.

badge(HostType, Server, Jid, Id) ->
    acme_probe:note({badge, HostType, Server, jid:to_bare_binary(Jid), Id}).
