-module(mongoose_hooks).
-export([room_opened/3, booted/0]).

-spec room_opened(HostType, Acc, Room) -> Result when
    HostType :: binary(),
    Acc :: acme_acc:t(),
    Room :: acme_room:name(),
    Result :: acme_acc:t().
room_opened(HostType, Acc, Room) ->
    run(room_opened, HostType, Acc, #{room => Room}).

-spec booted() -> ok.
booted() ->
    run(booted, global, ok, #{}).

run(Name, Tag, Acc, Params) ->
    {_, Result} = gen_hook:run_fold(Name, Tag, Acc, Params),
    Result.
