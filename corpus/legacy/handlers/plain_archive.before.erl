%%% Archives are numbered by somebody else.
-module(plain_archive).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([archive_id/3, archive_message/3]).

-spec start(binary(), map()) -> ok.
start(HostType, _Opts) ->
    ejabberd_hooks:add(hooks(HostType)).

stop(HostType) ->
    ejabberd_hooks:delete(hooks(HostType)).

hooks(HostType) ->
    [{mam_archive_id, HostType, ?MODULE, archive_id, 50},
     {mam_archive_message, HostType, ?MODULE, archive_message, 50}].

archive_id(undefined, HostType, #jid{luser = User}) ->
    erlang:phash2({HostType, User});
archive_id(Id, _HostType, _Owner) ->
    Id.

archive_message(_Result, HostType, #{local_jid := Local, remote_jid := Remote} = Params) ->
    acme_probe:note({archived, HostType, jid:to_binary(Local), jid:to_binary(Remote), maps:get(direction, Params)}),
    ok.
