%%% Labels for the entries of the inbox.
-module(plain_labels).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([add_labels/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{extend_inbox_message, HostType, fun ?MODULE:add_labels/3, #{}, 50}].

add_labels(Elements, #{mongoose_acc := MongooseAcc, inbox_res := Entry}, _Extra) ->
    #{remote_jid := RemoteJid, unread_count := Unread} = Entry,
    HostType = mongoose_acc:host_type(MongooseAcc),
    acme_probe:note({labelled, HostType, RemoteJid}),
    Label = #xmlel{name = <<"label">>, attrs = [{<<"unread">>, integer_to_binary(Unread)}]},
    {ok, Elements ++ [Label]}.
