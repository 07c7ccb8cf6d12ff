%%% The trace: everything that can be seen from outside of a handler. Terms are made comparable
%%% when they are recorded: nothing in them depends on the run, and nothing on the release where
%%% the releases only spell the same thing differently.
-module(acme_probe).

-include("jlib.hrl").

%% For modules under test.
-export([note/1]).
%% For stand-ins that have to remember something.
-export([keep/2, kept/1]).
%% For `logger'.
-export([log/2]).
%% For the stand-in server and the driver.
-export([start/1, watch_log/0, leave_log/0, session/0, record/1, entries/0, tag/1, comparable/1, own_keys/1, to_text/1, jid_text/1]).

%% The process that starts the trace is the session's.
start(Session) ->
    ets:new(?MODULE, [named_table, public, ordered_set]),
    ets:insert(?MODULE, {session, Session}),
    ets:insert(?MODULE, {last, 0}),
    ok.

session() ->
    [{session, Session}] = ets:lookup(?MODULE, session),
    Session.

note(Term) ->
    Session = session(),
    case self() of
        Session -> record({note, Term});
        _Other -> record({note_elsewhere, Term})
    end,
    ok.

record(Entry) ->
    Number = ets:update_counter(?MODULE, last, 1),
    ets:insert(?MODULE, {Number, comparable(Entry)}),
    ok.

keep(Key, Value) ->
    ets:insert(?MODULE, {{kept, Key}, Value}),
    ok.

kept(Key) ->
    [{_, Value}] = ets:lookup(?MODULE, {kept, Key}),
    Value.

%% Reports that modules log. Nothing else in the VM logs reports with `what'.
watch_log() ->
    logger:remove_handler(default),
    ok = logger:add_handler(?MODULE, ?MODULE, #{}),
    ok = logger:set_primary_config(level, all).

leave_log() ->
    ok = logger:set_primary_config(level, none),
    ok = logger:remove_handler(?MODULE).

log(#{level := Level, msg := {report, #{what := _} = Report}}, _Config) ->
    %% When it was depends on the run.
    record({log, Level, maps:remove(at, Report)});
log(_Event, _Config) ->
    ok.

entries() ->
    [Entry || {Number, Entry} <- ets:tab2list(?MODULE), is_integer(Number)].

%% What names a failure, without the values that are part of it.
tag({Tag, _}) -> Tag;
tag({Tag, _, _}) -> Tag;
tag(Tag) -> Tag.

comparable(#jid{} = Jid) ->
    {jid, jid_text(Jid)};
comparable(#xmlel{} = El) ->
    {xml, to_text(El)};
comparable(#{mongoose_acc := true} = Acc) ->
    {acc, own_keys(Acc)};
comparable(Map) when is_map(Map) ->
    maps:from_list([{comparable(K), comparable(V)} || {K, V} <- maps:to_list(Map)]);
comparable(List) when is_list(List) ->
    comparable_list(List);
comparable(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(comparable_list(tuple_to_list(Tuple)));
comparable(Pid) when is_pid(Pid) ->
    a_pid;
comparable(Ref) when is_reference(Ref) ->
    a_reference;
comparable(Fun) when is_function(Fun) ->
    a_function;
comparable(Term) ->
    Term.

comparable_list([Head | Tail]) -> [comparable(Head) | comparable_list(Tail)];
comparable_list([]) -> [];
comparable_list(Improper) -> comparable(Improper).

%% What handlers put into an accumulator; the server's own namespaces are left out.
own_keys(Acc) ->
    Servers = [c2s, hook, iq, privacy, stream_mgmt, offline],
    lists:sort([{Namespace, Key, comparable(Value)}
                || {{Namespace, Key}, Value} <- maps:to_list(Acc),
                   not lists:member(Namespace, Servers)]).

jid_text(undefined) -> <<"undefined">>;
jid_text(#jid{} = Jid) -> jid:to_binary(Jid).

to_text(#xmlel{name = Name, attrs = Attrs, children = Children}) ->
    Shown = [[" ", K, "='", V, "'"] || {K, V} <- lists:sort(?PAIRS(Attrs))],
    iolist_to_binary(["<", Name, Shown, ">", [to_text(Child) || Child <- Children], "</", Name, ">"]);
to_text(#xmlcdata{content = Content}) ->
    iolist_to_binary(Content);
to_text(undefined) ->
    <<>>.
