%%% Notes when somebody was last seen writing or asking: serves two kinds of stanzas.
-module(kept_two_kinds).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, seen/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 70),
    ok.

stop(HostType) ->
    gen_hook:delete_handler(user_send_packet, HostType, fun ?MODULE:seen/3, #{}, 70),
    ok.

seen(Acc, _Params, _Extra) ->
    case mongoose_acc:element(Acc) of
        #xmlel{name = Name} when Name =:= <<"message">>; Name =:= <<"iq">> ->
            note_seen(Name, mongoose_acc:from_jid(Acc)),
            {ok, Acc};
        #xmlel{} ->
            {ok, Acc}
    end.

note_seen(Name, #jid{luser = User}) ->
    acme_probe:note({seen, User, Name}).
