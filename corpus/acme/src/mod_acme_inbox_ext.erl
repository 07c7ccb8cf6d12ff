%%% Adds to every inbox entry what the apps show next to it: is the conversation pinned, and is
%%% the other side a customer or a colleague.
-module(mod_acme_inbox_ext).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").
-include("mod_inbox.hrl").
-include("mongoose_config_spec.hrl").
-include("acme.hrl").

-export([start/2, stop/1, config_spec/0, supported_features/0]).
-export([extend/3, unread/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

config_spec() ->
    #section{items = #{<<"pinned">> => #list{items = #option{type = binary}},
                       <<"staff_domain">> => #option{type = binary}},
             defaults = #{<<"pinned">> => [],
                          <<"staff_domain">> => <<"staff.acme.example">>}}.

supported_features() ->
    [dynamic_domains].

hooks(HostType) ->
    [ {extend_inbox_message, HostType, fun ?MODULE:extend/3, #{}, 50}
    , {inbox_unread_count, HostType, fun ?MODULE:unread/3, #{}, 90}
    ].

%% One call per entry; what we return is put into the entry.
-spec extend([exml:element()], #{inbox_res := inbox_res(), _ => _}, gen_hook:extra()) ->
    {ok, [exml:element()]}.
extend(Els, #{inbox_res := #{remote_jid := Remote}}, #{host_type := HostType}) ->
    {ok, Els ++ pinned(HostType, Remote) ++ label(HostType, Remote)}.

pinned(HostType, Remote) ->
    case lists:member(Remote, gen_mod:get_module_opt(HostType, ?MODULE, pinned)) of
        true -> [#xmlel{name = <<"pinned">>, attrs = [{<<"xmlns">>, ?NS_ACME_LABEL}]}];
        false -> []
    end.

label(HostType, Remote) ->
    Staff = gen_mod:get_module_opt(HostType, ?MODULE, staff_domain),
    Text = case jid:from_binary(Remote) of
               #jid{lserver = Staff} -> <<"colleague">>;
               _ -> <<"customer">>
           end,
    [#xmlel{name = <<"label">>, attrs = [{<<"xmlns">>, ?NS_ACME_LABEL}],
            children = [#xmlcdata{content = Text}]}].

%% mod_inbox has set the count already (it is asked when a push is built); we cap it, because
%% the badge of the app has room for two digits only.
unread(Acc, #{user := #jid{}}, _Extra) ->
    case mongoose_acc:get(inbox, unread_count, undefined, Acc) of
        N when is_integer(N), N > 99 ->
            {ok, mongoose_acc:set(inbox, unread_count, 99, Acc)};
        _ ->
            {ok, Acc}
    end.
