%%% Less typing for modules that add several handlers of their own.
-module(acme_hooks).

-include("acme.hrl").

-export([install/3, uninstall/3, entry/3]).

-type spec() :: {Hook :: atom(), Function :: atom()}
              | {Hook :: atom(), Function :: atom(), Prio :: pos_integer()}.

-export_type([spec/0]).

%% @doc Adds Module:Function/3 as a handler for every {Hook, Function} or {Hook, Function, Prio}.
-spec install(mongooseim:host_type(), module(), [spec()]) -> ok.
install(HostType, Module, Specs) ->
    gen_hook:add_handlers([to_tuple(HostType, Module, Spec) || Spec <- Specs]).

-spec uninstall(mongooseim:host_type(), module(), [spec()]) -> ok.
uninstall(HostType, Module, Specs) ->
    gen_hook:delete_handlers([to_tuple(HostType, Module, Spec) || Spec <- Specs]).

%% @doc One entry of a hook list, with the usual priority.
-spec entry(atom(), mongooseim:host_type() | global, fun()) -> tuple().
entry(Hook, Tag, Handler) ->
    {Hook, Tag, Handler, #{}, ?ACME_PRIO}.

to_tuple(HostType, Module, {Hook, Function}) ->
    to_tuple(HostType, Module, {Hook, Function, ?ACME_PRIO});
to_tuple(HostType, Module, {Hook, Function, Prio}) ->
    {Hook, HostType, fun Module:Function/3, #{}, Prio}.
