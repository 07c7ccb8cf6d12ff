%%% Traces messages while somebody wants to see them.
-module(nasty_tracing).
-export([enable/1, disable/1]).
-export([traced/3]).

enable(HostType) ->
    ok = gen_hook:add_handlers(hooks(HostType)).

disable(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)),
    acme_probe:note(disabled).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:traced/3, #{}, 5}].

traced(Acc, _Params, _Extra) ->
    acme_probe:note({traced, mongoose_acc:stanza_name(Acc)}),
    {ok, Acc}.
