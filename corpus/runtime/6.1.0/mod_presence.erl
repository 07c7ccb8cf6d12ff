%%% Stand-in: presences are kept and sent on by handlers.
-module(mod_presence).

-include("hook_names.hrl").
-include("jlib.hrl").

-export([hooks/1, maybe_get_handler/1, is_subscribed_to_my_presence/3, am_i_subscribed_to_presence/3]).
-export([user_send_presence/3, user_receive_presence/3, user_terminate/3, foreign_event/3]).

-record(presences, {last}).

hooks(HostType) ->
    [{user_send_presence, HostType, fun ?MODULE:user_send_presence/3, #{}, 50},
     {user_receive_presence, HostType, fun ?MODULE:user_receive_presence/3, #{}, 50},
     {user_terminate, HostType, fun ?MODULE:user_terminate/3, #{}, 90},
     {foreign_event, HostType, fun ?MODULE:foreign_event/3, #{}, 50}].

maybe_get_handler(Data) ->
    case mongoose_c2s:get_mod_state(Data, ?MODULE) of
        {ok, Presences} -> Presences;
        {error, not_found} -> #presences{}
    end.

is_subscribed_to_my_presence(#jid{luser = User}, #jid{}, #presences{}) -> User =:= <<"bob">>.

am_i_subscribed_to_presence(#jid{luser = User}, #jid{}, #presences{}) -> User =:= <<"bob">>.

user_send_presence(Acc, #{c2s_data := Data}, _Extra) ->
    {From, To, El} = mongoose_acc:packet(Acc),
    case {jid:are_bare_equal(From, To), mongoose_acc:stanza_type(Acc)} of
        {true, undefined} ->
            Acc1 = mongoose_hooks:?set_presence(Acc, mongoose_c2s:get_jid(Data), El),
            {ok, keep(#presences{last = El}, to_contacts(Acc1))};
        {true, <<"unavailable">>} ->
            Acc1 = mongoose_hooks:?unset_presence(Acc, mongoose_c2s:get_jid(Data), <<>>),
            {ok, keep(#presences{}, to_contacts(Acc1))};
        {true, _} ->
            {ok, Acc};
        {false, _} ->
            routing:route(From, To, Acc, El),
            {ok, Acc}
    end.

user_receive_presence(Acc, #{c2s_data := Data}, _Extra) ->
    case {mongoose_c2s:get_mod_state(Data, ?MODULE), mongoose_acc:stanza_type(Acc)} of
        {{error, not_found}, _} ->
            {stop, Acc};
        {{ok, #presences{last = Last}}, <<"probe">>} ->
            {From, To, _} = mongoose_acc:packet(Acc),
            [routing:route(To, From, Acc, Last) || Last =/= undefined],
            {stop, Acc};
        {{ok, _}, _} ->
            {ok, Acc}
    end.

user_terminate(Acc, #{c2s_data := Data, reason := Reason}, _Extra) ->
    case mongoose_c2s:get_mod_state(Data, ?MODULE) of
        {ok, #presences{last = #xmlel{}}} ->
            mongoose_hooks:?unset_presence(Acc, mongoose_c2s:get_jid(Data), status(Reason)),
            {ok, Acc};
        _ ->
            {ok, Acc}
    end.

%% Roster changes come as casts of mod_roster.
foreign_event(Acc, #{event_type := cast, event_tag := mod_roster}, _Extra) -> {stop, Acc};
foreign_event(Acc, _Params, _Extra) -> {ok, Acc}.

to_contacts(Acc) ->
    {From, _, El} = mongoose_acc:packet(Acc),
    [routing:route(From, To, Acc, El) || To <- server:contacts()],
    Acc.

%% What contacts are told.
status({shutdown, {Reason, _}}) -> status({shutdown, Reason});
status({shutdown, Reason}) -> iolist_to_binary(io_lib:format("Shutdown by reason: ~s", [Reason]));
status(_) -> <<>>.

keep(Presences, Acc) -> mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, Presences}).
