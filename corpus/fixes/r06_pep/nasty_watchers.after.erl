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
     || {Hook, Fun} <- [{get_pep_recipients, fun ?MODULE:add_watchers/3},
                        {filter_pep_recipient, fun ?MODULE:keep/3}]].

add_watchers(Recipients, #{c2s_data := C2SData, feature := Feature}, _Extra)
  when Feature =:= <<"urn:xmpp:tune+notify">> ->
    #jid{luser = Owner} = mongoose_c2s:get_jid(C2SData),
    {ok, [{<<"support">>, mongoose_c2s:get_lserver(C2SData), Owner} | Recipients]};
%% moods and whatever will come
add_watchers(Recipients, _Params, _Extra) ->
    {ok, Recipients}.

keep(_Drop, #{c2s_data := C2SData, feature := <<"urn:xmpp:tune", _/binary>>, to := #jid{} = To}, _Extra) ->
    {stop, is_foreign(To, mongoose_c2s:get_lserver(C2SData))};
keep(true, #{to := #jid{lserver = <<"elsewhere.example">>}}, _Extra) ->
    {ok, true};
keep(Drop, _Params, _Extra) ->
    {ok, Drop}.

is_foreign(#jid{lserver = Server}, Server) -> false;
is_foreign(_To, _Server) -> true.
