%%% Data protection: what we hold about a user can be exported, and is deleted with the account.
%%% Everything here is node-local and small, an ETS table will do.
-module(mod_acme_retention).
-behaviour(gen_mod).

-include("mongoose.hrl").
-include("jlib.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([personal_data/3, remove_user/3, remove_domain/3, outgoing/3, node_down/3]).
-export([note/2]).

-define(TABLE, acme_notes).

start(HostType, _Opts) ->
    case ets:info(?TABLE) of
        undefined ->
            ets:new(?TABLE, [named_table, public, bag, {heir, whereis(ejabberd_sup), none}]);
        _ ->
            ok
    end,
    gen_hook:add_handlers(hooks(HostType) ++ global_hooks()).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType) ++ global_hooks()).

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{Name, HostType, Fun, #{}, 50}
     || {Name, Fun} <- [{get_personal_data, fun ?MODULE:personal_data/3},
                        {remove_user, fun ?MODULE:remove_user/3},
                        {remove_domain, fun ?MODULE:remove_domain/3}]].

global_hooks() ->
    [{s2s_send_packet, global, fun ?MODULE:outgoing/3, #{}, 50},
     {node_cleanup, global, fun ?MODULE:node_down/3, #{}, 50}].

%% @doc Called by support tools: keep a remark about a user.
-spec note(jid:jid(), binary()) -> true.
note(#jid{luser = LUser, lserver = LServer}, Text) ->
    ets:insert(?TABLE, {{LUser, LServer}, Text}).

personal_data(Acc, #{jid := Jid}, _Extra) ->
    Notes = [[Text] || {_, Text} <- ets:lookup(?TABLE, jid:to_lus(Jid))],
    {ok, [{acme_notes, ["note"], Notes} | Acc]}.

remove_user(Acc, #{jid := Jid}, _Extra) ->
    ets:delete(?TABLE, jid:to_lus(Jid)),
    {ok, Acc}.

remove_domain(Acc, #{domain := Domain}, _Extra) ->
    ets:match_delete(?TABLE, {{'_', Domain}, '_'}),
    {ok, Acc}.

%% What leaves the company is counted by destination.
outgoing(Acc, #{to := #jid{lserver = Remote}}, _Extra) ->
    mongoose_metrics:update(global, [acme, federation, Remote], 1),
    {ok, Acc}.

node_down(Acc, #{node := Node}, _Extra) ->
    ?LOG_NOTICE(#{what => acme_notes_lost_with_node, down => Node}),
    {ok, Acc}.
