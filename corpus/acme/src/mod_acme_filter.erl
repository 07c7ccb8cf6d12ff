%%% @doc Drops messages that contain a blocked phrase.
%%%
%%% Two lines of defence: what our own clients send is stopped before anything else in the server
%%% sees it, what comes in from elsewhere (components, federation) is stopped at local delivery.
-module(mod_acme_filter).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mongoose_config_spec.hrl").
-include("ejabberd_c2s.hrl").

%% gen_mod
-export([start/2, stop/1, config_spec/0, supported_features/0]).

%% hooks
-export([preprocess/3, filter_local/3]).

-ignore_xref([preprocess/3, filter_local/3]).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

-spec supported_features() -> [atom()].
supported_features() ->
    [dynamic_domains].

-spec config_spec() -> mongoose_config_spec:config_section().
config_spec() ->
    #section{items = #{<<"phrases">> => #list{items = #option{type = binary,
                                                              validate = non_empty}},
                       <<"staff_domain">> => #option{type = binary, validate = domain}},
             defaults = #{<<"phrases">> => [],
                          <<"staff_domain">> => <<"staff.acme.example">>}}.

-spec hooks(mongooseim:host_type()) -> gen_hook:hook_list().
hooks(HostType) ->
    [{c2s_preprocessing_hook, HostType, fun ?MODULE:preprocess/3, #{}, 15},
     {filter_local_packet, HostType, fun ?MODULE:filter_local/3, #{}, 20}].

%% Our staff may quote what customers wrote, so they are exempt.
-spec preprocess(mongoose_acc:t(), #{state := state()}, gen_hook:extra()) ->
    {ok, mongoose_acc:t()}.
preprocess(Acc, #{state := State}, #{host_type := HostType}) ->
    #jid{lserver = LServer} = ejabberd_c2s_state:jid(State),
    IsStaff = LServer =:= gen_mod:get_module_opt(HostType, ?MODULE, staff_domain),
    case mongoose_acc:stanza_name(Acc) of
        <<"message">> when not IsStaff ->
            check_outgoing(HostType, Acc);
        _ ->
            {ok, Acc}
    end.

-spec filter_local(drop | tuple(), map(), gen_hook:extra()) -> {ok, drop | tuple()}.
filter_local({From, _To, _Acc, #xmlel{name = <<"message">>} = El} = FPacket, _Params,
             #{host_type := HostType}) ->
    case is_blocked(HostType, El) of
        true ->
            ?LOG_NOTICE(#{what => acme_message_blocked, from => jid:to_binary(From)}),
            {ok, drop};
        false ->
            {ok, FPacket}
    end;
filter_local(FPacket, _Params, _Extra) ->
    {ok, FPacket}.

check_outgoing(HostType, Acc) ->
    case is_blocked(HostType, mongoose_acc:element(Acc)) of
        true ->
            {ok, mongoose_acc:set(hook, result, drop, Acc)};
        false ->
            {ok, Acc}
    end.

is_blocked(HostType, El) ->
    Body = exml_query:path(El, [{element, <<"body">>}, cdata], <<>>),
    %% No phrases configured: binary:match/2 would fail on an empty pattern list
    case gen_mod:get_module_opt(HostType, ?MODULE, phrases) of
        [] -> false;
        Phrases -> binary:match(Body, Phrases) =/= nomatch
    end.
