%%% Which folder an entry is in, for clients that know of folders.
-module(nasty_folders).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mod_inbox.hrl").
-export([start/2, stop/1, extend_inbox_result/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(extend_inbox_result, HostType, fun ?MODULE:extend_inbox_result/3, #{lang => <<"en">>}, 20).

stop(HostType) ->
    gen_hook:delete_handler(extend_inbox_result, HostType, fun ?MODULE:extend_inbox_result/3, #{lang => <<"en">>}, 20).

extend_inbox_result(Entries, Params, Extra) ->
    {ok, [extend_entry(Entry, Params, Extra) || Entry <- Entries]}.

extend_entry(Entry, Params, Extra) ->
    {_, Elements} = folder([], Params#{inbox_res => Entry}, Extra),
    Entry#{extra := maps:get(extra, Entry) ++ Elements}.

-spec folder([exml:element()], #{inbox_res := inbox_res(), _ => _}, gen_hook:extra()) -> {ok, [exml:element()]}.
%% Archived: nothing to say
folder(Acc, #{inbox_res := #{box := <<"archive">>}}, _Extra) ->
    {ok, Acc};
folder(Acc, #{inbox_res := #{box := Box, remote_jid := Jid} = Entry, iq := #iq{id = Id}}, #{lang := Lang})
  when is_binary(Box) ->
    %% rooms have a folder of their own
    Folder = case jid:from_binary(Jid) of
                 #jid{luser = <<>>} -> <<"rooms">>;
                 #jid{} -> Box
             end,
    case maps:get(unread_count, Entry, 0) of
        0 -> {ok, [element(Folder, Lang, Id) | Acc]};
        _ -> {ok, [element(<<"unread-", Folder/binary>>, Lang, Id) | Acc]}
    end;
folder(Acc, _Params, _Extra) ->
    {ok, Acc}.

element(Folder, Lang, Id) ->
    #xmlel{name = <<"folder">>, attrs = [{<<"name">>, Folder}, {<<"lang">>, Lang}, {<<"for">>, Id}]}.
