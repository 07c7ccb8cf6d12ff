%%%-------------------------------------------------------------------
%%% Most do systemu obecności (the presence bridge).
%%%
%%% Dział biura w Łodzi widzi w intranecie, kto jest dostępny: każda
%%% zmiana statusu idzie do usługi „kadry” przez HTTP.
%%% → see also docs of the intranet API, section “Obecność”.
%%%-------------------------------------------------------------------
-module(mod_acme_presence_bridge).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("ejabberd_c2s.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([presence_in/3, stamp_presence/3, on_available/3, on_unavailable/3]).

-define(AUX_KEY, acme_presence_seen).
-define(HTTP_POOL, acme_intranet).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, _Opts) ->
    ok = gen_hook:add_handlers(hooks(HostType)).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    ok = gen_hook:delete_handlers(hooks(HostType)).

supported_features() ->
    [dynamic_domains].

hooks(HostType) ->
    [{c2s_presence_in, HostType, fun ?MODULE:presence_in/3, #{}, 60} | more(HostType)].

more(HostType) ->
    [{c2s_update_presence, HostType, fun ?MODULE:stamp_presence/3, #{}, 40},
     {set_presence_hook, HostType, fun ?MODULE:on_available/3, #{}, 50},
     {unset_presence_hook, HostType, fun ?MODULE:on_unavailable/3, #{}, 50}].

%% Obecność, która przychodzi do naszego użytkownika. We keep what we saw
%% in the session, so that „kadry” gets changes only and not every refresh.
-spec presence_in(state(), map(), gen_hook:extra()) -> {ok, state()}.
presence_in(State, #{from := From, packet := Packet}, #{host_type := HostType}) ->
    Seen = case ejabberd_c2s:get_aux_field(?AUX_KEY, State) of
               {ok, Map} -> Map;
               error -> #{}
           end,
    Contact = jid:to_bare_binary(From),
    Show = show(Packet),
    case Seen of
        #{Contact := Show} ->
            {ok, State};
        _ ->
            report(HostType, <<"/watch/", (State#state.user)/binary>>, Contact, Show),
            {ok, ejabberd_c2s:set_aux_field(?AUX_KEY, Seen#{Contact => Show}, State)}
    end.

%% Own presence, on its way out: dodaj znacznik, z którego biura.
stamp_presence(Acc, _Params, _Extra) ->
    {From, To, #xmlel{children = Children} = El} = mongoose_acc:packet(Acc),
    Office = #xmlel{name = <<"office">>, attrs = [{<<"xmlns">>, <<"urn:acme:office:0">>}],
                    children = [#xmlcdata{content = <<"Łódź"/utf8>>}]},
    {ok, mongoose_acc:update_stanza(#{from_jid => From, to_jid => To,
                                      element => El#xmlel{children = [Office | Children]}}, Acc)}.

on_available(Acc, #{jid := Jid, presence := Presence}, #{host_type := HostType}) ->
    report(HostType, <<"/status">>, jid:to_bare_binary(Jid), show(Presence)),
    {ok, Acc}.

%% An empty status means: the client just went away, no farewell text.
on_unavailable(Acc, #{jid := Jid, status := <<>>}, #{host_type := HostType}) ->
    report(HostType, <<"/status">>, jid:to_bare_binary(Jid), <<"gone">>),
    {ok, Acc};
on_unavailable(Acc, #{jid := Jid, status := Status}, #{host_type := HostType}) ->
    report(HostType, <<"/status">>, jid:to_bare_binary(Jid), <<"gone: ", Status/binary>>),
    {ok, Acc}.

show(Presence) ->
    exml_query:path(Presence, [{element, <<"show">>}, cdata], <<"online">>).

%% Błędy tylko logujemy, a chat must not depend on the intranet.
report(HostType, Path, Who, What) ->
    Body = <<"who=", Who/binary, "&what=", What/binary>>,
    case mongoose_http_client:post(HostType, ?HTTP_POOL, Path, [], Body) of
        {ok, _} -> ok;
        {error, Reason} -> ?LOG_WARNING(#{what => acme_intranet_failed, reason => Reason})
    end.
