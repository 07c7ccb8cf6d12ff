%%% Audit trail of who did what and when; required by our certification.
-module(mod_acme_audit).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("acme.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([record/3]).

%% Everything that has a `jid' among its parameters and needs no special treatment
-define(PLAIN_HOOKS, [register_user, remove_user, sm_register_connection_hook,
                      forbidden_session_hook]).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, _Opts) ->
    gen_hook:add_handlers(plain_hooks(HostType)),
    gen_hook:add_handlers(detailed_hooks(HostType)).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(detailed_hooks(HostType)),
    gen_hook:delete_handlers(plain_hooks(HostType)).

supported_features() ->
    [dynamic_domains].

plain_hooks(HostType) ->
    [{Hook, HostType, fun ?MODULE:record/3, #{}, ?ACME_LATE} || Hook <- ?PLAIN_HOOKS].

detailed_hooks(HostType) ->
    [{Hook, HostType, Handler, #{}, Prio}
     || {Hook, Handler, Prio} <- [{user_send_packet, fun ?AUDIT:on_sent/3, 55},
                                  {xmpp_send_element, fun ?AUDIT:on_element/3, 80},
                                  {sm_remove_connection_hook, fun ?AUDIT:on_close/3, 90},
                                  {auth_failed, fun acme_audit_writer:on_auth_failed/3, 50}]].

-spec record(Acc, map(), gen_hook:extra()) -> {ok, Acc} when Acc :: term().
record(Acc, #{jid := Jid}, #{hook_name := Hook, host_type := HostType}) ->
    ?AUDIT:write(HostType, Hook, #{jid => jid:to_binary(Jid)}),
    {ok, Acc}.
