%% Marks what comes from phones. Looks at nothing but the sender.
-module(kept_tolerant).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1, mark/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_send_packet, HostType, fun ?MODULE:mark/3, #{}, 20}]).

stop(HostType) ->
    gen_hook:delete_handlers([{user_send_packet, HostType, fun ?MODULE:mark/3, #{}, 20}]).

mark(Acc, _Params, _Extra) ->
    Device = case mongoose_acc:from_jid(Acc) of
                 #jid{lresource = <<"phone">>} -> mobile;
                 #jid{} -> other
             end,
    {ok, mongoose_acc:set_permanent(device, kind, Device, Acc)}.
