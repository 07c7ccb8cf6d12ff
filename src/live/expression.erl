lists:foreach(
  fun({{Hook, Tag}, Handlers}) ->
      lists:foreach(
        fun({hook_handler, Priority, Fun, Extra}) ->
            [{module, M}, {name, F}, {arity, A}] = [erlang:fun_info(Fun, Item) || Item <- [module, name, arity]],
            {Module, Function, Arity} =
                case {M, Extra} of
                    {ejabberd_hooks, #{module := Own, function := Name}} -> {Own, Name, 0};
                    _ -> {M, F, A}
                end,
            io:format("hookshift|~ts|~ts|~b|~ts|~ts|~b|~n", [Hook, Tag, Priority, Module, Function, Arity])
        end, Handlers)
  end, lists:sort(ets:tab2list(gen_hook))).
