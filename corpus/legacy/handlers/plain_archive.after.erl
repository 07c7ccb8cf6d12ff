%%% Archives are numbered by somebody else.
-module(plain_archive).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([archive_id/3, archive_message/3]).

-spec start(binary(), map()) -> ok.
start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{mam_archive_id, HostType, fun ?MODULE:archive_id/3, #{}, 50},
     {mam_archive_message, HostType, fun ?MODULE:archive_message/3, #{}, 50}].

archive_id(undefined, #{owner := #jid{luser = User}}, #{host_type := HostType}) ->
    {ok, erlang:phash2({HostType, User})};
archive_id(Id, _Params, _Extra) ->
    {ok, Id}.

archive_message(_Result, #{local_jid := Local, remote_jid := Remote} = Params,
                #{host_type := HostType}) ->
    acme_probe:note({archived, HostType, jid:to_binary(Local), jid:to_binary(Remote), maps:get(direction, Params)}),
    {ok, ok}.
