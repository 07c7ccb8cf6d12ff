%%% Who may connect, from where, and how often they may guess a password.
-module(mod_acme_session_guard).

-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

%% gen_mod
-export([start/2, stop/1, supported_features/0]).

%% hook handlers
-export([may_open_session/3, is_blacklisted/3, count_failure/3]).

%% used by the admin shell
-export([ban_ip/1, unban_ip/1]).

-ignore_xref([ban_ip/1, unban_ip/1]).

-define(GUARD, ?MODULE).
-define(GUARD_PRIO, 25).
-define(BLACKLIST, acme_blacklist).
-define(FAILURES, acme_auth_failures).
-define(MAX_FAILURES, 20).

-spec start(mongooseim:host_type(), gen_mod:module_opts()) -> ok.
start(HostType, _Opts) ->
    [ensure_table(T) || T <- [?BLACKLIST, ?FAILURES]],
    ok = gen_hook:add_handler(session_opening_allowed_for_user, HostType,
                              fun ?GUARD:may_open_session/3, #{}, ?GUARD_PRIO),
    %% The host type is not known yet when a connection comes in, so these are global.
    gen_hook:add_handlers(global_hooks()).

-spec stop(mongooseim:host_type()) -> ok.
stop(HostType) ->
    gen_hook:delete_handlers(global_hooks()),
    gen_hook:delete_handler(session_opening_allowed_for_user, HostType,
                            fun ?GUARD:may_open_session/3, #{}, ?GUARD_PRIO).

supported_features() ->
    [dynamic_domains].

global_hooks() ->
    [{check_bl_c2s, global, fun ?GUARD:is_blacklisted/3, #{}, ?GUARD_PRIO},
     {auth_failed, global, fun ?GUARD:count_failure/3, #{}, ?GUARD_PRIO}].

%% Anything but `allow' refuses the session.
-spec may_open_session(allow | any(), #{jid := jid:jid()}, gen_hook:extra()) ->
    {ok | stop, allow | deny}.
may_open_session(allow, #{jid := #jid{luser = LUser, lserver = LServer} = Jid}, _Extra) ->
    case ets:lookup(?FAILURES, {LUser, LServer}) of
        [{_, N}] when N > ?MAX_FAILURES ->
            ?LOG_WARNING(#{what => acme_session_refused, jid => jid:to_binary(Jid)}),
            {stop, deny};
        _ ->
            {ok, allow}
    end;
may_open_session(Refused, _Params, _Extra) ->
    {stop, Refused}.

-spec is_blacklisted(boolean(), #{ip := inet:ip_address()}, gen_hook:extra()) ->
    {ok | stop, boolean()}.
is_blacklisted(false, #{ip := IP}, _Extra) ->
    {ok, ets:member(?BLACKLIST, IP)};
is_blacklisted(true, _Params, _Extra) ->
    {stop, true}.

count_failure(Acc, #{username := User, server := Server}, _Extra) ->
    Key = {User, Server},
    ets:update_counter(?FAILURES, Key, 1, {Key, 0}),
    {ok, Acc}.

-spec ban_ip(inet:ip_address()) -> true.
ban_ip(IP) ->
    ets:insert(?BLACKLIST, {IP, erlang:system_time(second)}).

-spec unban_ip(inet:ip_address()) -> true.
unban_ip(IP) ->
    ets:delete(?BLACKLIST, IP).

ensure_table(Table) ->
    case ets:info(Table) of
        undefined ->
            ets:new(Table, [named_table, public, {heir, whereis(ejabberd_sup), Table}]);
        _ ->
            Table
    end.
