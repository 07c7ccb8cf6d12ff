%%% IQ service "account": clients ask for the sign-up page and the password rules,
%%% before they log in (nothing else works there) and afterwards.
-module(mod_acme_account).

-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mongoose_config_spec.hrl").
-include("acme.hrl").

-export([start/2, stop/1, config_spec/0, supported_features/0]).
-export([process_iq/5]).
-export([unauthenticated_iq/3, stream_features/3, disco_features/3]).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, #{iqdisc := IQDisc}) ->
    gen_iq_handler:add_iq_handler_for_domain(HostType, ?NS_ACME_ACCOUNT, ejabberd_local,
                                             fun ?MODULE:process_iq/5, #{}, IQDisc),
    gen_hook:add_handlers(hooks(HostType)).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)),
    gen_iq_handler:remove_iq_handler_for_domain(HostType, ?NS_ACME_ACCOUNT, ejabberd_local),
    ok.

config_spec() ->
    #section{items = #{<<"iqdisc">> => mongoose_config_spec:iqdisc(),
                       <<"sign_up_url">> => #option{type = binary, validate = non_empty}},
             required = [<<"sign_up_url">>],
             defaults = #{<<"iqdisc">> => no_queue}}.

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    lists:map(fun({Hook, Fun, Prio}) -> {Hook, HostType, Fun, #{}, Prio} end,
              [{c2s_unauthenticated_iq, fun ?MODULE:unauthenticated_iq/3, 40},
               {c2s_stream_features, fun ?MODULE:stream_features/3, 60},
               {disco_local_features, fun ?MODULE:disco_features/3, 60}]).

process_iq(Acc, _From, _To, #iq{type = get} = IQ, _Extra) ->
    {Acc, IQ#iq{type = result, sub_el = [account_el(mongoose_acc:host_type(Acc))]}};
process_iq(Acc, _From, _To, #iq{sub_el = SubEl} = IQ, _Extra) ->
    {Acc, IQ#iq{type = error, sub_el = [SubEl, mongoose_xmpp_errors:not_allowed()]}}.

%% Before authentication. The answer is the accumulator.
-spec unauthenticated_iq(exml:element() | empty, map(), gen_hook:extra()) ->
    {ok | stop, exml:element() | empty}.
unauthenticated_iq(_Empty, #{server := Server, ip := IP,
                             iq := #iq{type = get, xmlns = ?NS_ACME_ACCOUNT} = IQ},
                   #{host_type := HostType}) ->
    ?LOG_DEBUG(#{what => acme_account_asked, ip => IP}),
    Response = IQ#iq{type = result, sub_el = [account_el(HostType)]},
    From = jid:make_noprep(<<>>, Server, <<>>),
    To = jid:make_noprep(<<>>, <<>>, <<>>),
    El = jlib:replace_from_to(From, To, jlib:iq_to_xml(Response)),
    {stop, jlib:remove_attr(<<"to">>, El)};
unauthenticated_iq(Acc, _Params, _Extra) ->
    {ok, Acc}.

stream_features(Features, _Params, _Extra) ->
    Feature = #xmlel{name = <<"account">>, attrs = [{<<"xmlns">>, ?NS_ACME_ACCOUNT}]},
    {ok, [Feature | Features]}.

disco_features(Acc, _Params, _Extra) ->
    {ok, mongoose_disco:add_features([?NS_ACME_ACCOUNT], Acc)}.

account_el(HostType) ->
    Url = gen_mod:get_module_opt(HostType, ?MODULE, sign_up_url),
    #xmlel{name = <<"account">>,
           attrs = [{<<"xmlns">>, ?NS_ACME_ACCOUNT}],
           children = [#xmlel{name = <<"sign-up">>, children = [#xmlcdata{content = Url}]}]}.
