%% What the commands of the plugin have in common: their options, what is read, and how hookshift is run.
-module(rebar3_hookshift_command).
-export([provider/3, run/2, format_error/1]).
-export([arguments/4, options/1, paths/3, program/2]).

-type command() :: check | fix.

%% An option of the command line as rebar3 gives it: a switch, or a name with a value.
-type option() :: atom() | {atom(), term()}.

-type reason() :: {no_program, file:filename()}
                | {not_started, file:filename(), term()}
                | {bad_setting, term()}
                | {bad_option, command(), term()}
                | {found, command()}
                | {failed, command(), integer()}.

-spec provider(command(), module(), string()) -> providers:t().
provider(Command, Module, Description) ->
    providers:create([{namespace, hookshift},
                      {name, Command},
                      {module, Module},
                      {bare, true},
                      {deps, [{default, app_discovery}]},
                      {example, "rebar3 hookshift " ++ atom_to_list(Command) ++ " --to 6.8.0"},
                      {short_desc, Description},
                      {desc, Description ++ ".\n"
                             "The program is looked for on the PATH, or is {binary, \"...\"} of {hookshift, [...]} in rebar.config.\n"
                             "What stands behind -- goes to it as it is, and then names the paths as well."},
                      {opts, options(Command)}]).

%% Those of hookshift that make sense here, by the same names.
-spec options(command()) -> [tuple()].
options(check) ->
    common() ++
    [value(severity, "The least severity that is shown: info, warning or error"),
     value(baseline, "Do not tell findings that are in this file"),
     switch('no-baseline', "Tell them all, also where hookshift.toml names such a file"),
     value(since, "Only findings in lines that changed since this branch or commit"),
     value('mongooseim-toml', "The server's configuration, checked as well"),
     value(metrics, "Look for metrics that went or changed in this file or directory"),
     value(output, "Write findings to a file as well: FORMAT=FILE"),
     switch('exit-zero', "Succeed even when something is found"),
     switch(statistics, "Add figures"),
     switch('show-files', "List what would be read, and what is left out and why"),
     switch('show-settings', "Print the settings in force, and where they come from")];
options(fix) ->
    common() ++
    [switch(diff, "Show the changes and write nothing, which is what happens without any option"),
     switch(write, "Write the files"),
     switch(unsafe, "Include fixes at which a person has to look"),
     switch('allow-dirty', "Write also files that have changes which are not committed"),
     switch(prove, "Compile what changes with erlc, and leave files alone that do not compile any more"),
     value(server, "The source tree of the server to compile for")].

common() ->
    [value(from, "The release that the code is written for"),
     value(to, "The release that it shall run on"),
     value(select, "Only these rules"),
     value(ignore, "Not these rules"),
     value(format, "How the result is shown"),
     switch(trust, "Follow what leads out of the project, and let the compiler run its parse transforms"),
     value(threads, "How many threads to use"),
     value(color, "auto, always or never")].

value(Name, Help) ->
    {Name, undefined, atom_to_list(Name), string, Help}.

switch(Name, Help) ->
    {Name, undefined, atom_to_list(Name), undefined, Help}.

-spec run(command(), rebar_state:t()) -> ok | {error, reason()}.
run(Command, State) ->
    Root = rebar_state:dir(State),
    Settings = rebar_state:get(State, hookshift, []),
    Apps = [rebar_app_info:dir(App) || App <- rebar_state:project_apps(State)],
    try
        Program = program(setting(binary, undefined, Settings), Root),
        Paths = setting(paths, paths(Root, Apps, rebar_dir:base_dir(State)), Settings),
        Always = [known(Command, Option) || Option <- setting(Command, [], Settings)],
        Arguments = arguments(Command, Always, rebar_state:command_parsed_args(State), Paths),
        rebar_api:debug("~ts ~ts", [Program, lists:join($\s, Arguments)]),
        outcome(Command, execute(Program, Arguments, Root))
    catch
        throw:Reason -> {error, Reason}
    end.

%% What a list in rebar.config says.
setting(Name, Default, Settings) ->
    case lists:keyfind(Name, 1, Settings) of
        {Name, Value} when is_list(Value) -> Value;
        false -> Default;
        Other -> throw({bad_setting, Other})
    end.

%% The program: the one that rebar.config names, from the top of the project where it is a path, or the one on the PATH.
-spec program(string() | undefined, file:filename()) -> file:filename().
program(undefined, Root) ->
    program("hookshift", Root);
program(Name, Root) ->
    Place = case filename:basename(Name) of
                Name -> Name;
                _ -> filename:absname(Name, Root)
            end,
    case os:find_executable(Place) of
        false -> throw({no_program, Place});
        Found -> filename:absname(Found)
    end.

%% What is read when nobody names paths: the project, and its applications that lie elsewhere. hookshift itself leaves `_build' and
%% `_checkouts' out, but cannot know of a directory that is put in the place of the first; and what is named to it, it reads.
-spec paths(file:filename(), [file:filename()], file:filename()) -> [file:filename()].
paths(Root, Apps, BaseDir) ->
    Outside = [App || App <- Apps, below(App, Root) =:= false],
    case below(BaseDir, Root) of
        [Top | _] when Top =/= "_build" ->
            {ok, Entries} = file:list_dir(Root),
            Fetched = [Top, "_build", "_checkouts", "deps"],
            Own = [Entry || Entry <- Entries, not lists:member(Entry, Fetched), hd(Entry) =/= $., is_read(Entry, Root)],
            lists:sort(Own) ++ Outside;
        _ ->
            ["." | Outside]
    end.

%% What hookshift would read of a directory if it were not named. Any other file that is named is taken for a module.
is_read(Entry, Root) ->
    lists:member(filename:extension(Entry), [".erl", ".hrl", ".escript"])
        orelse (lists:prefix("mongooseim", Entry) andalso filename:extension(Entry) =:= ".toml")
        orelse filelib:is_dir(filename:join(Root, Entry)).

%% The components of a path from a directory on, if it is that directory or lies in it.
below(Path, Directory) ->
    components(filename:split(filename:absname(Path)), filename:split(filename:absname(Directory))).

components(Rest, []) -> Rest;
components([Same | Path], [Same | Directory]) -> components(Path, Directory);
components(_, _) -> false.

%% What hookshift is called with: options of rebar.config, where the command line does not have the same ones, and those of the
%% command line. rebar3 mixes options of its own into these.
-spec arguments(command(), [option()], {[option()], [string()]}, [file:filename()]) -> [string()].
arguments(Command, Always, {Given, Rest}, Paths) ->
    Known = names(Command),
    Own = [Option || Option <- Given, lists:member(name(Option), Known)],
    Taken = [name(Option) || Option <- Own],
    Others = [Option || Option <- Always, not lists:member(name(Option), Taken)],
    Behind = case Rest of
                 [] -> ["--" | Paths];
                 _ -> Rest
             end,
    [atom_to_list(Command)] ++ lists:append([argument(Option) || Option <- Others ++ Own]) ++ Behind.

names(Command) ->
    [Name || {Name, _, _, _, _} <- options(Command)].

name({Name, _}) -> Name;
name(Name) -> Name.

%% An option of rebar.config, if there is such a one.
known(Command, Option) ->
    Kinds = [{Name, Type} || {Name, _, _, Type, _} <- options(Command)],
    case {Option, lists:keyfind(name(Option), 1, Kinds)} of
        {{_, [_ | _]}, {_, string}} -> Option;
        {Name, {Name, undefined}} -> Option;
        _ -> throw({bad_option, Command, Option})
    end.

argument({Name, Value}) -> ["--" ++ atom_to_list(Name) ++ "=" ++ Value];
argument(Name) -> ["--" ++ atom_to_list(Name)].

%% Runs a program in a directory. It has the streams of rebar3 itself, so a terminal stays one, and nothing of it is held back.
execute(Program, Arguments, Directory) ->
    try open_port({spawn_executable, Program}, [{args, Arguments}, {cd, Directory}, nouse_stdio, exit_status]) of
        Port ->
            receive
                {Port, {exit_status, Code}} -> Code
            end
    catch
        error:Reason -> throw({not_started, Program, Reason})
    end.

outcome(_, 0) -> ok;
outcome(Command, 1) -> {error, {found, Command}};
outcome(Command, Code) -> {error, {failed, Command, Code}}.

-spec format_error(reason()) -> iolist().
format_error({no_program, Place}) ->
    io_lib:format("hookshift is not there, or cannot be run: ~ts. Install it so that it is on the PATH, or name it in rebar.config: "
                  "{hookshift, [{binary, \"path/to/hookshift\"}]}.", [Place]);
format_error({not_started, Program, Reason}) ->
    io_lib:format("~ts cannot be started: ~tp", [Program, Reason]);
format_error({bad_setting, Setting}) ->
    io_lib:format("In {hookshift, [...]} of rebar.config, ~tp is no name with a list", [Setting]);
format_error({bad_option, Command, Option}) ->
    io_lib:format("In {hookshift, [{~ts, [...]}]} of rebar.config, ~tp is no option that rebar3 hookshift ~ts has: it takes "
                  "{Name, \"value\"} and Name", [Command, Option, Command]);
format_error({found, check}) ->
    "hookshift found something that the target release breaks";
format_error({found, fix}) ->
    "hookshift left something to do, or only showed what to write";
format_error({failed, Command, Code}) ->
    io_lib:format("hookshift ~ts could not do its job, or not all of it (exit code ~b)", [Command, Code]).
