%%% The server of 6.1.0 as the driver sees it.
-module(server).

-include("jlib.hrl").
-include("world.hrl").

-export([boot/0, connect/2, authenticate/1, from_client/1, handle/1, disconnect/0, module_state/0]).
-export([api_send/3, ping_answered/1, ping_timeout/0, other_event/0, inbox/2, broadcast/1,
         pep_publish/2, pep_item/3]).
-export([pep_event/3, arrived/3]).

-include("world.erl.hrl").

boot() ->
    gen_hook:add_handlers([{foreign_event, ?HOST_TYPE, fun ?MODULE:pep_event/3, #{}, 100}]),
    [gen_hook:add_handlers(Module:hooks(?HOST_TYPE))
     || Module <- [server_modules, mod_privacy, mod_presence, mod_ping, mongoose_c2s_listener]],
    gen_hook:reload_hooks().

connect(Listener, Address) -> mongoose_c2s:connect(Listener, Address).

authenticate(Jid) -> mongoose_c2s:authenticate(Jid).

from_client(El) -> mongoose_c2s:from_client(El).

handle(Message) -> mongoose_c2s:handle(Message).

%% The client closes its stream.
disconnect() -> mongoose_c2s:terminate({shutdown, stream_end}).

module_state() -> mongoose_c2s:module_state().

%% Whatever the handlers of the message say: it is routed once user_send_packet let it pass.
api_send(From, To, El) ->
    Acc = mongoose_acc:new(#{host_type => ?HOST_TYPE, lserver => ?DOMAIN, location => #{},
                             from_jid => From, to_jid => To, element => El}),
    Data = mongoose_c2s:create_data(#{host_type => ?HOST_TYPE, jid => From}),
    Params = mongoose_c2s:hook_arg(Data, session_established, internal, El, undefined),
    case mongoose_c2s_hooks:user_send_packet(?HOST_TYPE, Acc, Params) of
        {ok, Acc1} ->
            {_, Acc2} = mongoose_c2s_hooks:user_send_message(?HOST_TYPE, Acc1, Params),
            routing:route(From, To, Acc2);
        {stop, _} ->
            ok
    end.

ping_answered(El) -> from_client(El).

ping_timeout() ->
    Jid = mongoose_c2s:get_jid(mongoose_c2s:data()),
    mongoose_hooks:user_ping_response(?HOST_TYPE, #{}, Jid, timeout, 0).

arrived(_From, To, Acc) ->
    [mongoose_c2s:route(acme_probe:session(), Acc) || is_for_session(To, mongoose_acc:element(Acc))].

other_event() -> mongoose_c2s:cast(self(), mod_roster, {item, {<<"bob">>, ?DOMAIN, <<>>}, both}).

%% All entries at once.
inbox(Acc, IQ) ->
    [acme_probe:record({inbox_entry, Remote, [acme_probe:to_text(El) || El <- Extra]})
     || #{remote_jid := Remote, extra := Extra} <- mongoose_hooks:extend_inbox_result(Acc, inbox_entries(), IQ)].

%% Roster items are cast to the sessions, and no hook tells of it.
broadcast({item, _, _} = Item) ->
    mongoose_c2s:cast(self(), mod_roster, Item);
broadcast(Item) ->
    #jid{luser = LUser, lserver = LServer} = user(),
    mod_privacy:broadcast(LUser, LServer, Item).

%% A worker asks the session, and sends the messages itself.
pep_publish(Feature, El) ->
    Recipients = mongoose_c2s:ask(mod_pubsub, {get_pep_recipients, Feature}),
    From = jid:to_bare(user()),
    [routing:route(From, jid:make_noprep(U, S, R), El) || {U, S, R} <- lists:usort(Recipients)].

pep_item(Feature, To, El) ->
    case mongoose_c2s:ask(mod_pubsub, {filter_pep_recipient, To, Feature}) of
        true ->
            acme_probe:record({pep, acme_probe:jid_text(To), dropped});
        false ->
            acme_probe:record({pep, acme_probe:jid_text(To), sent}),
            From = jid:to_bare(user()),
            routing:route(From, To, jlib:replace_from_to(From, To, El))
    end.

%% What mod_pubsub answers inside of the session.
pep_event(Acc, #{c2s_data := Data, event_type := {call, From}, event_tag := mod_pubsub, event_content := Question},
          _Extra) ->
    Reply = case Question of
                {get_pep_recipients, Feature} -> mongoose_hooks:get_pep_recipients(Data, Feature);
                {filter_pep_recipient, To, Feature} -> mongoose_hooks:filter_pep_recipient(Data, Feature, To)
            end,
    {stop, mongoose_c2s_acc:to_acc(Acc, actions, [{reply, From, Reply}])};
pep_event(Acc, _Params, _Extra) ->
    {ok, Acc}.
