%%% Stand-in: the way of a stanza behind the session of its sender. Filters are asked, then the trace
%%% says where it went, and what goes to the user of the session comes back as a message.
-module(routing).

-include("jlib.hrl").

-export([route/3, route/4]).

route(From, To, #xmlel{} = El) ->
    Params = #{host_type => server:host_type(), lserver => server:domain(), location => #{},
               from_jid => From, to_jid => To, element => El},
    route(From, To, mongoose_acc:new(Params), El);
route(From, To, Acc) ->
    route(From, To, Acc, mongoose_acc:element(Acc)).

route(From, To, Acc0, El) ->
    Acc = mongoose_acc:update_stanza(#{from_jid => From, to_jid => To, element => El}, Acc0),
    case mongoose_hooks:filter_packet({From, To, Acc, El}) of
        drop -> acme_probe:record(fate(filtered, From, To, Acc, El));
        {NewFrom, NewTo, NewAcc, NewEl} -> deliver(NewFrom, NewTo, NewAcc, NewEl)
    end,
    Acc.

deliver(From, To, Acc, El) ->
    case server:is_local(To) of
        true -> deliver_locally(From, To, Acc, El);
        false -> acme_probe:record(fate(routed, From, To, Acc, El))
    end.

deliver_locally(From, To, Acc, El) ->
    Params = #{lserver => To#jid.lserver, host_type => server:host_type(),
               from_jid => From, to_jid => To, element => El},
    Stripped = mongoose_acc:strip(Params, Acc),
    case mongoose_hooks:filter_local_packet({From, To, Stripped, El}) of
        drop ->
            mongoose_hooks:xmpp_stanza_dropped(Stripped, From, To, El),
            acme_probe:record(fate(filtered, From, To, Acc, El));
        {NewFrom, NewTo, NewAcc, NewEl} ->
            arrive(NewFrom, NewTo, Acc, NewEl),
            Now = #{from_jid => NewFrom, to_jid => NewTo, element => NewEl},
            server:arrived(NewFrom, NewTo, mongoose_acc:update_stanza(Now, NewAcc))
    end.

arrive(From, To, Acc, El) ->
    case server:answers_ping(To, El) of
        true -> ok;
        false -> acme_probe:record(fate(routed, From, To, Acc, El))
    end.

%% With what handlers put into the accumulator up to here.
fate(What, From, To, Acc, El) ->
    {What, acme_probe:jid_text(From), acme_probe:jid_text(To), acme_probe:to_text(El), acme_probe:own_keys(Acc)}.
