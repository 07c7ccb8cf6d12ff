%%% Counts what is refused, by host type and for all.
-module(plain_quota).
-behaviour(gen_mod).
-include("mongoose.hrl").
-include("jlib.hrl").
-export([start/2, stop/1]).
-export([check/3]).

start(HostType, _Opts) ->
    mongoose_instrument:set_up(acme_refused, #{host_type => HostType}, #{metrics => #{count => spiral}}),
    mongoose_instrument:set_up(acme_checks, #{}, #{metrics => #{count => spiral}}),
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_send_message, HostType, fun ?MODULE:check/3, #{}, 50}].

check(Acc, _Params, #{host_type := HostType}) ->
    mongoose_instrument:execute(acme_checks, #{}, #{count => 1}),
    case exml_query:path(mongoose_acc:element(Acc), [{element, <<"body">>}, cdata], <<>>) of
        Body when byte_size(Body) > 1000 ->
            mongoose_instrument:execute(acme_refused, #{host_type => HostType}, #{count => 1}),
            {stop, Acc};
        _ ->
            {ok, Acc}
    end.
