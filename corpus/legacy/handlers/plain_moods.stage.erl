%%% A mood goes with every presence.
-module(plain_moods).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, add_mood/3]).

start(HostType, _Opts) -> gen_hook:add_handlers(hooks(HostType)).

stop(HostType) -> gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_update_presence, HostType, fun ?MODULE:add_mood/3, #{}, 50}].

add_mood(Acc, _Params, _Extra) ->
    {From, To, #xmlel{children = Children} = Presence} = mongoose_acc:packet(Acc),
    WithMood = Presence#xmlel{children = [#xmlel{name = <<"mood">>} | Children]},
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => WithMood}, Acc)}.
