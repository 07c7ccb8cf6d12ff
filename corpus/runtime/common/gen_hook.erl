%%% Stand-in for the server's registry of handlers. The contract: handlers run by priority, in the
%%% order they were added when priorities are equal; one that fails is noted and skipped, and the
%%% accumulator it was given is kept; one that returns neither `{ok, _}' nor `{stop, _}' takes the
%%% caller down, and up to 5.1.0 it only failed.
-module(gen_hook).

-export([start_link/0,
         add_handler/5, add_handlers/1,
         delete_handler/5, delete_handlers/1,
         run_fold/4, reload_hooks/0]).
%% For the driver.
-export([registered_functions/1]).

-record(handler, {priority, function, extra}).

start_link() ->
    ets:new(?MODULE, [named_table, public]).

add_handlers(Tuples) ->
    lists:foreach(fun({Hook, Tag, Fun, Extra, Priority}) ->
                          add_handler(Hook, Tag, Fun, Extra, Priority)
                  end, Tuples).

add_handler(Hook, Tag, Fun, Extra, Priority) ->
    New = handler(Hook, Tag, Fun, Extra, Priority),
    Old = handlers(Hook, Tag),
    case lists:any(same_as(New), Old) of
        true ->
            acme_probe:record({logged, duplicated_handler, function_of(New)});
        false ->
            %% Merging keeps what was added first in front.
            store(Hook, Tag, lists:keymerge(#handler.priority, Old, [New]))
    end.

delete_handlers(Tuples) ->
    lists:foreach(fun({Hook, Tag, Fun, Extra, Priority}) ->
                          delete_handler(Hook, Tag, Fun, Extra, Priority)
                  end, Tuples).

delete_handler(Hook, Tag, Fun, Extra, Priority) ->
    Gone = same_as(handler(Hook, Tag, Fun, Extra, Priority)),
    store(Hook, Tag, [Handler || Handler <- handlers(Hook, Tag), not Gone(Handler)]).

%% Since 6.6.0 what was added or deleted counts from here on.
reload_hooks() ->
    Handlers = [{{active, Key}, Handlers} || {{Hook, _} = Key, Handlers} <- ets:tab2list(?MODULE), Hook =/= active],
    ets:insert(?MODULE, Handlers),
    ok.

-ifdef(SINCE_6_6_0).
run_fold(Hook, Tag, Acc, Params) ->
    fold(handlers(active, {Hook, Tag}), Acc, Params).
-else.
run_fold(Hook, Tag, Acc, Params) ->
    fold(handlers(Hook, Tag), Acc, Params).
-endif.

fold([], Acc, _Params) ->
    {ok, Acc};
fold([#handler{function = Fun, extra = Extra} = Handler | Later], Acc, Params) ->
    Result = try
                 {returned, Fun(Acc, Params, Extra)}
             catch
                 Class:Reason -> {failed, Class, Reason}
             end,
    case Result of
        {returned, {ok, NewAcc}} ->
            fold(Later, NewAcc, Params);
        {returned, {stop, NewAcc}} ->
            {stop, NewAcc};
        {returned, Other} ->
            untagged(Other, Handler),
            fold(Later, Acc, Params);
        {failed, Kind, Why} ->
            acme_probe:record({hook_failed, function_of(Handler), Kind, acme_probe:tag(Why)}),
            fold(Later, Acc, Params)
    end.

-ifdef(UP_TO_5_1_0).
untagged(_Result, Handler) -> acme_probe:record({hook_failed, function_of(Handler), error, untagged}).
-else.
-spec untagged(term(), #handler{}) -> no_return().
untagged(Result, _Handler) -> error({case_clause, Result}).
-endif.

%% The names of the functions of a module that are registered, each as often as it is.
registered_functions(Module) ->
    lists:sort([Name || {{Hook, _}, Handlers} <- ets:tab2list(?MODULE),
                        Hook =/= active,
                        Handler <- Handlers,
                        {M, Name} <- [function_of(Handler)],
                        M =:= Module]).

handlers(Hook, Tag) ->
    case ets:lookup(?MODULE, {Hook, Tag}) of
        [{_, Handlers}] -> Handlers;
        [] -> []
    end.

store(Hook, Tag, Handlers) ->
    ets:insert(?MODULE, {{Hook, Tag}, Handlers}),
    ok.

handler(Hook, Tag, Fun, Extra, Priority)
  when is_atom(Hook), is_binary(Tag) orelse Tag =:= global, is_function(Fun, 3), is_map(Extra),
       is_integer(Priority), Priority > 0 ->
    check_function(Fun),
    Added = case Tag of
                global -> #{hook_name => Hook, hook_tag => Tag};
                HostType -> #{hook_name => Hook, hook_tag => Tag, host_type => HostType}
            end,
    #handler{priority = Priority, function = Fun, extra = maps:merge(Added, Extra)}.

check_function(Fun) ->
    {type, external} = erlang:fun_info(Fun, type),
    {module, Module} = erlang:fun_info(Fun, module),
    {name, Name} = erlang:fun_info(Fun, name),
    case erlang:function_exported(Module, Name, 3) of
        true -> ok;
        false -> error({function_is_not_exported, {Module, Name, 3}})
    end.

same_as(#handler{priority = Priority, extra = Extra} = Handler) ->
    Function = function_of(Handler),
    fun(#handler{priority = P, extra = E} = Other) ->
            P =:= Priority andalso E =:= Extra andalso function_of(Other) =:= Function
    end.

-ifdef(UP_TO_5_1_0).
function_of(#handler{extra = #{legacy := Function}}) -> ejabberd_hooks:name(Function);
function_of(#handler{function = Fun}) -> name(Fun).
-else.
function_of(#handler{function = Fun}) -> name(Fun).
-endif.

name(Fun) ->
    {module, Module} = erlang:fun_info(Fun, module),
    {name, Name} = erlang:fun_info(Fun, name),
    {Module, Name}.
