-module(rebar3_hookshift_command_tests).
-include_lib("eunit/include/eunit.hrl").

-import(rebar3_hookshift_command, [arguments/4, format_error/1, options/1, paths/3, program/2]).

options_keep_their_order_and_values_test() ->
    Given = {[{to, "6.8.0"}, 'exit-zero', {select, "removed-hook"}, {select, "changed-stop"}], ["src", "apps/a b"]},
    ?assertEqual(["check", "--to=6.8.0", "--exit-zero", "--select=removed-hook", "--select=changed-stop", "src", "apps/a b"],
                 arguments(check, [], Given, ["."])).

the_project_is_read_when_nothing_is_named_test() ->
    ?assertEqual(["fix", "--write", "--", ".", "/elsewhere/app"], arguments(fix, [], {[write], []}, [".", "/elsewhere/app"])).

a_path_is_never_an_option_test() ->
    ?assertEqual(["check", "--", "--write"], arguments(check, [], {[], []}, ["--write"])).

what_always_holds_comes_first_and_gives_way_test() ->
    Always = [{to, "6.7.0"}, 'exit-zero', {select, "removed-hook"}],
    ?assertEqual(["check", "--exit-zero", "--select=removed-hook", "--to=6.8.0", "src"],
                 arguments(check, Always, {[{to, "6.8.0"}], ["src"]}, ["."])).

options_of_others_stay_away_test() ->
    ?assertEqual(["check", "--", "."], arguments(check, [], {[{task, "check"}, write, {server, "x"}], []}, ["."])).

values_that_look_like_options_stay_values_test() ->
    ?assertEqual(["check", "--since=--upload-pack", "--", "."], arguments(check, [], {[{since, "--upload-pack"}], []}, ["."])).

applications_within_the_project_are_read_with_it_test() ->
    ?assertEqual(["."], paths("/p", ["/p", "/p/apps/a"], "/p/_build/default")).

applications_elsewhere_are_read_as_well_test() ->
    ?assertEqual([".", "/project2/a", "/q"], paths("/project", ["/project/apps/a", "/project2/a", "/q"], "/project/_build/default")).

build_output_elsewhere_needs_no_care_test() ->
    ?assertEqual(["."], paths("/p", ["/p"], "/tmp/out")).

build_output_of_another_name_is_left_out_test() ->
    Root = filename:join("/tmp", "hookshift-paths-" ++ os:getpid()),
    [ok = filelib:ensure_dir(filename:join([Root, Name, "x"])) || Name <- ["out", "src", "priv", ".git", "_build", "_checkouts"]],
    Files = ["rebar.config", "hookshift.toml", "mongooseim.toml", "mod_acme.erl"],
    [ok = file:write_file(filename:join(Root, Name), "") || Name <- Files],
    try
        ?assertEqual(["mod_acme.erl", "mongooseim.toml", "priv", "src"], paths(Root, [Root], filename:join(Root, "out/default")))
    after
        [file:delete(filename:join(Root, Name)) || Name <- Files],
        [file:del_dir(filename:join(Root, Name)) || Name <- ["out", "src", "priv", ".git", "_build", "_checkouts"]],
        file:del_dir(Root)
    end.

the_program_is_found_on_the_path_test() ->
    ?assertEqual(os:find_executable("sh"), program("sh", "/")).

a_path_leads_from_the_top_of_the_project_test() ->
    Shell = os:find_executable("sh"),
    ?assertEqual(Shell, program("." ++ Shell, "/")),
    ?assertEqual(Shell, program(Shell, "/nowhere")).

a_program_that_is_not_there_is_told_test() ->
    ?assertThrow({no_program, "/p/bin/hookshift"}, program("bin/hookshift", "/p")),
    ?assertThrow({no_program, "hookshift-that-nobody-has"}, program("hookshift-that-nobody-has", "/p")),
    Said = lists:flatten(format_error({no_program, "/p/bin/hookshift"})),
    ?assert(string:find(Said, "/p/bin/hookshift") =/= nomatch).

every_option_is_a_text_or_a_switch_test() ->
    [?assert(lists:member(Type, [string, undefined]), Name)
     || Command <- [check, fix], {Name, undefined, Long, Type, _} <- options(Command), Long =:= atom_to_list(Name)].

errors_are_sentences_test_() ->
    [?_assertMatch([_ | _], lists:flatten(format_error(Reason)))
     || Reason <- [{found, check}, {found, fix}, {failed, check, 2}, {not_started, "x", eacces}, {bad_setting, {binary, x}},
                    {bad_option, fix, writ}]].
