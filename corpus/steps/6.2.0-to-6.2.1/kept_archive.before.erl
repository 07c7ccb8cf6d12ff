%%% Notes what is archived and asked for.
-module(kept_archive).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([archived/3, looked_up/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{mam_archive_message, HostType, fun ?MODULE:archived/3, #{}, 20},
     {mam_lookup_messages, HostType, fun ?MODULE:looked_up/3, #{}, 20}].

archived(Result, #{local_jid := Jid, direction := Direction}, _Extra) ->
    acme_probe:note({archived, jid:to_bare_binary(Jid), Direction}),
    {ok, Result}.

looked_up(Result, #{owner_jid := Jid, page_size := Size}, _Extra) ->
    acme_probe:note({looked_up, jid:to_bare_binary(Jid), Size}),
    {ok, Result}.
