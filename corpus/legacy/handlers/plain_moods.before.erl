%%% A mood goes with every presence.
-module(plain_moods).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, add_mood/1]).

start(HostType, _Opts) -> ejabberd_hooks:add(c2s_update_presence, HostType, ?MODULE, add_mood, 50).

stop(HostType) -> ejabberd_hooks:delete(c2s_update_presence, HostType, ?MODULE, add_mood, 50).

add_mood(Acc) ->
    {From, To, #xmlel{children = Children} = Presence} = mongoose_acc:packet(Acc),
    WithMood = Presence#xmlel{children = [#xmlel{name = <<"mood">>} | Children]},
    mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => WithMood}, Acc).
