%% coding: latin-1
%%% Abgleich der Kontaktlisten mit dem Adressbuch (Bereich Mitarbeiter-Verzeichnis, Köln).
%%% Änderungen gehen sofort hinüber, für den Rest läuft nachts ein Job.
-module(mod_acme_roster_sync).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mod_roster.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([broadcast/3, roster_set/3, roster_push/3, in_subscription/3, out_subscription/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

supported_features() ->
    [dynamic_domains].

hooks(HostType) ->
    [{sm_broadcast, HostType, fun ?MODULE:broadcast/3, #{}, 50},
     {roster_set, HostType, fun ?MODULE:roster_set/3, #{}, 70},
     {roster_push, HostType, fun ?MODULE:roster_push/3, #{}, 70},
     {roster_in_subscripton, HostType, fun ?MODULE:in_subscription/3, #{}, 70},
     {roster_out_subscription, HostType, fun ?MODULE:out_subscription/3, #{}, 20}].

%% Rundruf an alle Sitzungen; hier interessieren nur gelöschte Kontakte.
broadcast(Acc, #{to := Owner, broadcast := {broadcast, {item, Contact, remove}}},
          #{host_type := HostType}) ->
    sync(HostType, Owner, jid:make(Contact), remove),
    {ok, Acc};
broadcast(Acc, #{session_count := Count}, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [acme, roster, broadcasts], Count),
    {ok, Acc}.

roster_set(Acc, #{from := From, sub_el := #xmlel{} = SubEl}, #{host_type := HostType}) ->
    Items = exml_query:paths(SubEl, [{element, <<"item">>}, {attr, <<"jid">>}]),
    [sync(HostType, From, jid:from_binary(Item), set) || Item <- Items],
    {ok, Acc}.

%% Gruppen stehen nur im vollständigen Eintrag
roster_push(Acc, #{from := From, item := #roster{jid = Contact, groups = Groups}},
            #{host_type := HostType}) ->
    sync(HostType, From, jid:make(Contact), {groups, Groups}),
    {ok, Acc}.

in_subscription(Acc, #{to := To, from := From, type := Type}, #{host_type := HostType}) ->
    sync(HostType, To, From, {in, Type}),
    {ok, Acc}.

%% Wer von uns gesperrt wurde, soll auch im Adressbuch nicht als Kontakt erscheinen: prüfen!
out_subscription(Acc, #{from := From, to := To, type := Type}, #{host_type := HostType}) ->
    List = mongoose_hooks:privacy_get_user_list(HostType, From),
    case mongoose_privacy:privacy_check_packet(Acc, From, List, To, out) of
        {Acc1, allow} ->
            sync(HostType, From, To, {out, Type}),
            {ok, Acc1};
        {Acc1, _} ->
            {ok, Acc1}
    end.

sync(HostType, Owner, #jid{} = Contact, What) ->
    %% best effort, nachts wird ohnehin alles geprüft
    Body = io_lib:format("~s ~s ~0p", [jid:to_bare_binary(Owner), jid:to_bare_binary(Contact), What]),
    mongoose_http_client:post(HostType, acme_directory, <<"/sync">>, [], iolist_to_binary(Body)),
    ok;
sync(_HostType, _Owner, error, _What) ->
    ok.
