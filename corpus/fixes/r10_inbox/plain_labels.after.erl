%%% Labels for the entries of the inbox.
-module(plain_labels).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([extend_inbox_result/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{extend_inbox_result, HostType, fun ?MODULE:extend_inbox_result/3, #{}, 50}].

extend_inbox_result(Entries, Params, Extra) ->
    {ok, [extend_entry(Entry, Params, Extra) || Entry <- Entries]}.

extend_entry(Entry, Params, Extra) ->
    {_, Elements} = add_labels([], Params#{inbox_res => Entry}, Extra),
    Entry#{extra := maps:get(extra, Entry) ++ Elements}.

add_labels(Elements, #{mongoose_acc := MongooseAcc, inbox_res := Entry}, _Extra) ->
    #{remote_jid := RemoteJid, unread_count := Unread} = Entry,
    HostType = mongoose_acc:host_type(MongooseAcc),
    acme_probe:note({labelled, HostType, RemoteJid}),
    Label = #xmlel{name = <<"label">>, attrs = [{<<"unread">>, integer_to_binary(Unread)}]},
    {ok, Elements ++ [Label]}.
