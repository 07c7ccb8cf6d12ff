%%% Resets the priority in the session's state when a phone shows up: only the old record has the field.
-module(kept_record_fields).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("ejabberd_c2s.hrl").
-export([start/2, stop/1, presence_in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 50).

presence_in(#state{pres_pri = Old} = State, #{from := #jid{lresource = Resource}}, _Extra) ->
    acme_probe:note({priority, Old, Resource}),
    {ok, State#state{pres_pri = 0}}.
