%%% Stand-in: what handlers ask of the session, kept in the accumulator until the hooks have run.
%%% Lists are kept in the order in which they were asked for.
-module(mongoose_c2s_acc).

-export([new/0, new/1, get_statem_result/1, from_mongoose_acc/2, to_acc/3, to_acc_many/2]).

new() ->
    #{state_mod => #{}, actions => [], c2s_state => undefined, c2s_data => undefined,
      hard_stop => undefined, socket_send => []}.

new(Params) ->
    maps:fold(fun start_with/3, new(), Params).

start_with(state_mod, States, Requests) -> Requests#{state_mod := States};
start_with(Key, Value, Requests) -> add(Key, Value, Requests).

get_statem_result(Acc) -> mongoose_acc:get_statem_acc(Acc).

from_mongoose_acc(Acc, Key) -> maps:get(Key, mongoose_acc:get_statem_acc(Acc)).

to_acc(Acc, Key, Value) -> to_acc_many(Acc, [{Key, Value}]).

to_acc_many(Acc, Pairs) ->
    Add = fun({Key, Value}, Requests) -> add(Key, Value, Requests) end,
    mongoose_acc:set_statem_acc(lists:foldl(Add, mongoose_acc:get_statem_acc(Acc), Pairs), Acc).

add(state_mod, {Module, State}, #{state_mod := States} = Requests) ->
    Requests#{state_mod := States#{Module => State}};
add(actions, Actions, Requests) -> add_action(many(Actions), Requests);
add(route, Accs, Requests) -> add_action([{next_event, info, {route, Acc}} || Acc <- many(Accs)], Requests);
add(flush, Accs, Requests) -> add_action([{next_event, internal, {flush, Acc}} || Acc <- many(Accs)], Requests);
add(stop, Reason, Requests) -> add_action([{next_event, cast, {stop, Reason}}], Requests);
add(socket_send, Els, #{socket_send := Sent} = Requests) -> Requests#{socket_send := Sent ++ many(Els)};
add(Key, Value, Requests) -> maps:update(Key, Value, Requests).

add_action(New, #{actions := Actions} = Requests) -> Requests#{actions := Actions ++ New}.

many(Values) when is_list(Values) -> Values;
many(Value) -> [Value].
