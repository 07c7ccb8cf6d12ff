%%% Counts what is refused, by host type and for all.
-module(plain_quota).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([check/3]).

start(HostType, _Opts) ->
    mongoose_metrics:ensure_metric(HostType, acme_refused, spiral),
    mongoose_metrics:ensure_metric(global, acme_checks, spiral),
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:check/3, #{}, 50}].

check(Acc, _Params, #{host_type := HostType}) ->
    mongoose_metrics:update(global, acme_checks, 1),
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata], <<>>) of
        Body when byte_size(Body) > 1000 ->
            mongoose_metrics:update(HostType, acme_refused, 1),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
