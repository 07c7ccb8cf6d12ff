#!/usr/bin/env escript
%%! -kernel logger_level none
%%% Drives modules in the world of one release and prints their traces.
%%%
%%%     run.escript RELEASE
%%%
%%% Each line of the standard input names a file of jobs, terms `{Name, Path, Groups}.': what a trace is printed under,
%%% the module's source, or `{project, Sources, Started, Events}', and what it is driven with; in that list, `default' stands for what modules are driven with in
%%% general. Printed are terms, one on a line: `{job, Name}.', `{compiled, Warnings}.' or `{not_compiled, Errors}.', the
%%% entries of the trace, and `done.' behind the last job of a file.
-mode(compile).

main([Release]) ->
    Here = filename:dirname(filename:absname(escript:script_name())),
    {Layers, Defines} = world(Release),
    Directories = [filename:join(Here, Layer) || Layer <- Layers],
    Options = [{i, filename:join(Directory, "include")} || Directory <- Directories] ++ [{d, Name} || Name <- Defines],
    [stand_in(Source, Options) || Directory <- Directories,
                                  Source <- filelib:wildcard(filename:join(Directory, "*.erl"))],
    io:setopts([{encoding, unicode}]),
    serve(Options).

serve(Options) ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            {ok, Jobs} = file:consult(string:trim(Line)),
            [job(Job, Options) || Job <- Jobs],
            print(done),
            serve(Options)
    end.

%% The folders that a world is made of, and what is defined in it. A session was up to 5.1.0 what it is in 6.0.0, and is since
%% 6.1.0 what it is there; what came and went with a later release is in a folder of its own, or depends on a definition.
world(Name) ->
    Release = [list_to_integer(Part) || Part <- string:split(Name, ".", all)],
    Session = case Release < [6, 1, 0] of
                  true -> "6.0.0";
                  false -> "6.1.0"
              end,
    Moved = [folder(Turn, Release) || Turn <- [[6, 2, 0], [6, 2, 1], [6, 3, 0], [6, 3, 1], [6, 3, 2], [6, 4, 0], [6, 5, 0],
                                              [6, 7, 0]]],
    {["common", Session] ++ ["5.1.0" || Release =< [5, 1, 0]] ++ lists:append(Moved),
     ['UP_TO_2_0_1' || Release =< [2, 0, 1]] ++ ['UP_TO_5_1_0' || Release =< [5, 1, 0]]
     ++ ['RELEASE_6_1_0' || Release >= [6, 1, 0]]
     ++ [since("SINCE_", "_", Turn) || Turn <- turns(), Release >= Turn]}.

%% Releases with which something changed that the stand-ins show.
turns() -> [[6, 2, 0], [6, 2, 1], [6, 3, 0], [6, 3, 1], [6, 3, 2], [6, 3, 3], [6, 4, 0], [6, 6, 0], [6, 7, 0],
            [6, 8, 0]].

%% Nothing came with that one.
folder([6, 3, 1], Release) when Release >= [6, 3, 1] -> [];
folder(Turn, Release) when Release >= Turn -> [atom_to_list(since("since_", ".", Turn))];
folder(Turn, _Release) -> [atom_to_list(since("until_", ".", Turn))].

since(Prefix, Between, Turn) -> list_to_atom(Prefix ++ lists:append(lists:join(Between, [integer_to_list(N) || N <- Turn]))).

stand_in(Source, Options) ->
    case compile:file(Source, [binary, return | Options]) of
        {ok, Module, Binary, []} -> load(Module, Source, Binary);
        {ok, _, _, Warnings} -> halt_with({warnings, Source, Warnings});
        {error, Errors, _} -> halt_with({not_compiled, Source, Errors})
    end.

halt_with(Problem) ->
    io:format(standard_error, "~0tp~n", [Problem]),
    halt(1).

%% A project: modules that have to be there, modules that are started, and where its sources are.
job({Name, {project, Sources, Started, Events}, Groups}, Options) ->
    print({job, Name}),
    Compiled = [{Path, compile:file(Path, [binary, return, debug_info | Options])} || Path <- Sources],
    case [text(E) || {_, {error, Errors, _}} <- Compiled, {_, Es} <- Errors, E <- Es] of
        [] ->
            print({compiled, [text(W) || {_, {ok, _, _, Warnings}} <- Compiled, {_, Ws} <- Warnings, W <- Ws]}),
            [load(Module, Path, Binary) || {Path, {ok, Module, Binary, _}} <- Compiled],
            [print(Entry) || Entry <- drive:run_project(Started, Events, groups(Groups))],
            [unload(Module) || {_, {ok, Module, _, _}} <- Compiled];
        Errors ->
            print({not_compiled, Errors})
    end;
job({Name, Path, Groups}, Options) ->
    print({job, Name}),
    case compile:file(Path, [binary, return, debug_info | Options]) of
        {ok, Module, Binary, Warnings} ->
            print({compiled, [text(W) || {_, Ws} <- Warnings, W <- Ws]}),
            load(Module, Path, Binary),
            [print(Entry) || Entry <- drive:run(Module, groups(Groups))],
            unload(Module);
        {error, Errors, _} ->
            print({not_compiled, [text(E) || {_, Es} <- Errors, E <- Es]})
    end.

groups(Groups) -> lists:flatmap(fun(default) -> drive:groups(); (Group) -> [Group] end, Groups).

text({Where, Who, What}) -> lists:flatten(io_lib:format("~0tp: ~ts", [Where, Who:format_error(What)]));
text({Who, What}) -> lists:flatten(Who:format_error(What)).

load(Module, Path, Binary) -> {module, Module} = code:load_binary(Module, Path, Binary).

unload(Module) ->
    code:purge(Module),
    code:delete(Module),
    code:purge(Module).

%% One term on a line.
print(Term) -> io:format("~0tp.~n", [Term]).
