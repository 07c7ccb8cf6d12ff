%%% A test suite mocks the old interface.
-module(kept_meck).
-export([all/0, init_per_testcase/2, end_per_testcase/2, registers/1]).

all() -> [registers].

init_per_testcase(_Case, Config) ->
    meck:new(ejabberd_hooks, [non_strict]),
    meck:expect(ejabberd_hooks, add, fun(_, _, _, _, _) -> ok end),
    Config.

end_per_testcase(_Case, _Config) ->
    meck:unload(ejabberd_hooks).

registers(_Config) ->
    [] = meck:history(ejabberd_hooks),
    true = meck:validate(ejabberd_hooks).
