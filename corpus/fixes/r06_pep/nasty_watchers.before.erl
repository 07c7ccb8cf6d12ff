%%% Support staff sees the tunes of everybody, and moods of those within the house.
-module(nasty_watchers).
-behaviour(gen_mod).
-include("jlib.hrl").
-include("mongoose.hrl").
-export([start/2, stop/1]).
-export([add_watchers/3, keep/3]).

-define(PRIO, 75).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{Hook, HostType, Fun, #{}, ?PRIO}
     || {Hook, Fun} <- [{c2s_broadcast_recipients, fun ?MODULE:add_watchers/3},
                        {c2s_filter_packet, fun ?MODULE:keep/3}]].

add_watchers(Recipients, #{state := State, type := {pep_message, Feature}}, _Extra)
  when Feature =:= <<"urn:xmpp:tune+notify">> ->
    #jid{luser = Owner} = ejabberd_c2s_state:jid(State),
    {ok, [{<<"support">>, ejabberd_c2s_state:server(State), Owner} | Recipients]};
%% moods and whatever will come
add_watchers(Recipients, _Params, _Extra) ->
    {ok, Recipients}.

keep(_Drop, #{state := State, feature := {pep_message, <<"urn:xmpp:tune", _/binary>>}, to := #jid{} = To}, _Extra) ->
    {stop, is_foreign(To, ejabberd_c2s_state:server(State))};
keep(true, #{to := #jid{lserver = <<"elsewhere.example">>}}, _Extra) ->
    {ok, true};
keep(Drop, _Params, _Extra) ->
    {ok, Drop}.

is_foreign(#jid{lserver = Server}, Server) -> false;
is_foreign(_To, _Server) -> true.
