%%% A first message for new users, and a reminder when somebody has no name in the vCard.
-module(mod_acme_welcome).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mongoose_config_spec.hrl").

-export([start/2, stop/1, config_spec/0, supported_features/0]).
-export([registered/3, vcard_changed/3]).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

config_spec() ->
    #section{items = #{<<"text">> => #option{type = binary, validate = non_empty}},
             defaults = #{<<"text">> => <<"Welcome to Acme Chat!">>}}.

supported_features() ->
    [dynamic_domains].

hooks(HostType) ->
    [{register_user, HostType, fun ?MODULE:registered/3, #{}, 80},
     {vcard_set, HostType, fun ?MODULE:vcard_changed/3, #{}, 80}].

registered(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    send(Jid, gen_mod:get_module_opt(HostType, ?MODULE, text)),
    {ok, Acc}.

vcard_changed(Acc, #{jid := Jid, vcard := VCard}, _Extra) ->
    case exml_query:path(VCard, [{element, <<"FN">>}, cdata], <<>>) of
        <<>> -> send(Jid, <<"Please tell us your name in your profile.">>);
        _Name -> ok
    end,
    {ok, Acc}.

%% From the domain itself. It is only routed, no hook of a session sees it being sent.
send(#jid{lserver = LServer} = To, Text) ->
    From = jid:make_noprep(<<>>, LServer, <<>>),
    Body = #xmlel{name = <<"body">>, children = [#xmlcdata{content = Text}]},
    El = #xmlel{name = <<"message">>,
                attrs = [{<<"type">>, <<"normal">>}, {<<"from">>, LServer},
                         {<<"to">>, jid:to_binary(To)}],
                children = [Body]},
    ejabberd_router:route(From, To, El).
