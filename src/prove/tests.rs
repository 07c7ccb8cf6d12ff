use super::*;
use crate::scratch::Scratch;

fn prove_with(tree: &Scratch, options: ProveOptions, before: &str, after: &str) -> Proof {
    Prover::new(options).prove(&tree.path("src/mod_x.erl"), before.as_bytes(), after.as_bytes())
}

fn prove(tree: &Scratch, before: &str, after: &str) -> Proof {
    prove_with(tree, ProveOptions::default(), before, after)
}

fn compiles(new_warnings: &[&str]) -> Proof {
    Proof::Compiles { new_warnings: new_warnings.iter().map(|&it| it.to_owned()).collect() }
}

fn why(proof: Proof) -> String {
    match proof {
        Proof::NotProvable { why } => why,
        other => panic!("{other:?}"),
    }
}

fn errors(proof: Proof) -> Vec<String> {
    match proof {
        Proof::Fails { errors } => errors,
        other => panic!("{other:?}"),
    }
}

const PLAIN: &str = "-module(mod_x).\n-export([seen/3]).\n\nseen(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n";

#[test]
fn what_compiles_is_said_to() {
    let tree = Scratch::of(&[]);
    assert_eq!(prove(&tree, PLAIN, &PLAIN.replace("{ok, Acc}", "{stop, Acc}")), compiles(&[]));
    assert!(fs::read_dir(tree.root()).unwrap().next().is_none(), "nothing is written in the project");
}

#[test]
fn only_new_warnings_are_told_with_their_place() {
    let tree = Scratch::of(&[]);
    let before = PLAIN.replace("_Extra", "Extra") + "\nold() -> erlang:now().\n";
    let moved = before.replace("\n\nseen", "\n\n\n%% Moved.\nseen");
    assert_eq!(prove(&tree, &before, &moved), compiles(&[]));
    let path = tree.path("src/mod_x.erl");
    let more = moved.replace("_Params", "Params");
    let expected = format!("{}:6:11: variable 'Params' is unused", path.display());
    assert_eq!(prove(&tree, &before, &more), compiles(&[&expected]));
    let fewer = moved.replace("Extra", "_Extra");
    assert_eq!(prove(&tree, &before, &fewer), compiles(&[]));
    // The same text once more is new.
    let twice = before.clone() + "\nolder(Extra) -> ok.\n";
    let Proof::Compiles { new_warnings } = prove(&tree, &before, &twice) else { panic!() };
    assert_eq!(new_warnings.len(), 2, "{new_warnings:?}");
}

#[test]
fn what_broke_is_told() {
    let tree = Scratch::of(&[]);
    let path = tree.path("src/mod_x.erl");
    let unbound = PLAIN.replace("{ok, Acc}", "{ok, Jid}");
    let expected = format!("{}:5:10: variable 'Jid' is unbound", path.display());
    assert_eq!(errors(prove(&tree, PLAIN, &unbound)), [expected]);
    let torn = errors(prove(&tree, PLAIN, &PLAIN.replace("{ok, Acc}", "{ok, Acc")));
    assert!(torn[0].contains("mod_x.erl:5:13: syntax error before: "), "{torn:?}");
    let strict = PLAIN.replace("-export", "-compile(warnings_as_errors).\n-export");
    let unused = errors(prove(&tree, &strict, &strict.replace("_Extra", "Extra")));
    assert_eq!(unused, [format!("{}:5:20: variable 'Extra' is unused", path.display())]);
}

#[test]
fn what_was_broken_before_proves_nothing() {
    let tree = Scratch::of(&[]);
    let broken = PLAIN.to_owned() + "\nf() -> g().\n";
    let path = tree.path("src/mod_x.erl");
    let expected = format!("the module did not compile before either: {}:7:8: function g/0 undefined", path.display());
    assert_eq!(why(prove(&tree, &broken, &broken.replace("{ok, Acc}", "{stop, Acc}"))), expected);
    // But what comes on top of it is ours.
    let worse = errors(prove(&tree, &broken, &broken.replace("{ok, Acc}", "{ok, Jid}")));
    assert_eq!(worse, [format!("{}:5:10: variable 'Jid' is unbound", path.display())]);
    let torn = errors(prove(&tree, &broken, &broken.replace("{ok, Acc}.", "{ok, Acc.")));
    assert!(torn[0].contains("syntax error"), "{torn:?}");
    assert_eq!(prove(&tree, &broken, PLAIN), compiles(&[]));
}

#[test]
fn a_missing_header_hides_what_comes_after_it() {
    let tree = Scratch::of(&[]);
    let before = PLAIN.replace("-export", "-include(\"gone.hrl\").\n-export") + "\nf(#session{}) -> ok.\n";
    let reason = why(prove(&tree, &before, &before.replace("{ok, Acc}", "{stop, Acc}")));
    assert!(
        reason.ends_with(
            "can't find include file \"gone.hrl\" (--server names the server's source tree, with its headers)"
        ),
        "{reason}"
    );
    // Without the header the compiler comes to the record, which the rewrite has nothing to do with.
    let without = before.replace("-include(\"gone.hrl\").\n", "");
    assert!(why(prove(&tree, &before, &without)).contains("gone.hrl"));
    let torn = before.replace("{ok, Acc}.", "{ok, Acc.");
    assert!(errors(prove(&tree, &before, &torn))[0].contains("syntax error"));
    // A function with a macro of that header is passed over, and then missed by an adapter that calls it.
    let called = before + "\ng(X) -> ?LOGGED(X).\n";
    assert!(why(prove(&tree, &called, &(called.clone() + "\nh(X) -> g(X).\n"))).contains("gone.hrl"));
}

const WITH_HEADERS: &str = "-module(mod_x).
-export([f/0]).
-include(\"own.hrl\").
-include(\"../include/up.hrl\").
-include(\"shared.hrl\").
-include_lib(\"acme/include/shared2.hrl\").
-include_lib(\"dep/include/dep.hrl\").
-include(\"dep2.hrl\").
-include_lib(\"kernel/include/logger.hrl\").
f() -> [?OWN, ?UP, ?SHARED, ?SHARED2, ?DEP, ?DEP2].
";

#[test]
fn headers_of_the_project_and_its_dependencies_are_found() {
    let tree = Scratch::of(&[
        ("rebar.config", "{deps, []}."),
        ("rebar.lock", "[]."),
        ("src/acme.app.src", "{application, acme, []}."),
        ("src/own.hrl", "-define(OWN, 1)."),
        ("include/up.hrl", "-define(UP, 1)."),
        ("include/shared.hrl", "-define(SHARED, 1)."),
        ("include/shared2.hrl", "-define(SHARED2, 1)."),
        ("_build/default/lib/dep/include/dep.hrl", "-define(DEP, 1)."),
        ("_build/default/lib/dep2/include/dep2.hrl", "-define(DEP2, 1)."),
    ]);
    assert_eq!(prove(&tree, WITH_HEADERS, WITH_HEADERS), compiles(&[]));
    fs::remove_file(tree.path("src/own.hrl")).unwrap();
    assert!(why(prove(&tree, WITH_HEADERS, WITH_HEADERS)).contains("own.hrl"));
    let options = ProveOptions { include_dirs: vec![tree.path("elsewhere")], ..ProveOptions::default() };
    tree.write("elsewhere/own.hrl", "-define(OWN, 1).");
    assert_eq!(prove_with(&tree, options, WITH_HEADERS, WITH_HEADERS), compiles(&[]));
}

#[test]
fn the_named_server_counts_and_not_the_one_that_was_built_with() {
    let tree = Scratch::of(&[
        ("rebar.lock", "[]."),
        ("_build/default/lib/mongooseim/include/mongoose.hrl", "-define(RELEASE, old)."),
        ("_build/default/lib/mongooseim/include/gone.hrl", ""),
    ]);
    let server = Scratch::of(&[
        ("include/mongoose.hrl", "-include_lib(\"jid/include/jid.hrl\").\n-define(RELEASE, new)."),
        ("_build/default/lib/jid/include/jid.hrl", ""),
    ]);
    let with = |include: &str| PLAIN.replace("-export", &format!("{include}-export")).replace("{ok,", "{?RELEASE,");
    let local = with("-include(\"mongoose.hrl\").\n");
    let library = with("-include_lib(\"mongooseim/include/mongoose.hrl\").\n");
    let gone = with("-include(\"mongoose.hrl\").\n-include(\"gone.hrl\").\n");
    let options = ProveOptions { server: Some(server.path("")), ..ProveOptions::default() };
    for text in [&local, &library] {
        assert_eq!(prove(&tree, text, text), compiles(&[]));
        assert_eq!(prove_with(&tree, options.clone(), text, text), compiles(&[]));
        let new_only = text.replace("?RELEASE,", "(fun(new) -> ok end)(?RELEASE),");
        assert_eq!(prove_with(&tree, options.clone(), text, &new_only), compiles(&[]));
    }
    assert_eq!(prove(&tree, &gone, &gone), compiles(&[]));
    assert!(why(prove_with(&tree, options.clone(), &gone, &gone)).contains("gone.hrl"));
    assert_eq!(prove_with(&tree, options, &gone, &local), compiles(&[]));
}

/// A parse transform that leaves a trace in the directory of its project.
fn transform(tree: &Scratch) -> PathBuf {
    let trace = tree.path("ran");
    let text = format!(
        "-module(pt).\n-export([parse_transform/2]).\n\
         parse_transform(Forms, _) -> ok = file:write_file({:?}, <<>>), Forms.\n",
        trace.to_str().unwrap()
    );
    let source = tree.write("pt.erl", &text);
    let ebin = tree.path("_build/default/lib/pt/ebin");
    fs::create_dir_all(&ebin).unwrap();
    let status = Command::new("erlc").arg("-o").args([&ebin, &source]).status().unwrap();
    assert!(status.success());
    // Next to the module, and where the compiler is started, it must not be found either.
    fs::create_dir_all(tree.path("src")).unwrap();
    fs::copy(ebin.join("pt.beam"), tree.path("src/pt.beam")).unwrap();
    trace
}

#[test]
fn code_of_the_project_runs_only_when_it_is_trusted() {
    let tree = Scratch::of(&[("src/pt.hrl", "-define(OPTION, {parse_transform, pt}).\n-compile(?OPTION).\n")]);
    let trace = transform(&tree);
    let attribute = PLAIN.replace("-export", "-compile([debug_info, {parse_transform, pt}]).\n-export");
    let header = PLAIN.replace("-export", "-include(\"pt.hrl\").\n-export");
    let core = PLAIN.replace("-export", "-compile({core_transform, pt}).\n-export");
    for text in [&attribute, &header] {
        let reason = why(prove(&tree, text, text));
        let expected = "undefined parse transform 'pt' (the project's code is run only when it is trusted)";
        assert!(reason.ends_with(expected), "{reason}");
        assert!(!trace.exists());
        let options = ProveOptions { trust: true, ..ProveOptions::default() };
        assert_eq!(prove_with(&tree, options, text, text), compiles(&[]));
        fs::remove_file(&trace).unwrap();
    }
    let reason = why(prove(&tree, &core, &core));
    assert!(reason.contains("the project's code is run only when it is trusted"), "{reason}");
}

/// The old text must not become code that the new one's compilation runs.
#[test]
fn a_module_cannot_transform_itself() {
    let tree = Scratch::of(&[]);
    let trace = tree.path("ran");
    let before = format!(
        "-module(mod_x).\n-export([parse_transform/2]).\nparse_transform(F, _) -> file:write_file({:?}, <<>>), F.\n",
        trace.to_str().unwrap()
    );
    let after = before.replace("-export", "-compile({parse_transform, mod_x}).\n-export");
    assert!(matches!(prove(&tree, &before, &after), Proof::Fails { .. }));
    assert!(matches!(prove(&tree, &after, &after), Proof::NotProvable { .. }));
    assert!(!trace.exists());
}

/// The compiler quotes what it does not understand of a header.
#[test]
fn headers_outside_of_the_project_are_not_told() {
    let (tree, outside) =
        (Scratch::of(&[("rebar.lock", "[]."), ("src/in.hrl", "-include(\"deep.hrl\").")]), Scratch::of(&[]));
    let secret = outside.write("secret.txt", "$password-of-acme");
    tree.write("src/deep.hrl", "-ifdef(NEVER).\n-endif.\n");
    let up = "../".repeat(12);
    let absolute = secret.to_str().unwrap().to_owned();
    let climbing = format!("{up}{}", absolute.trim_start_matches('/'));
    let library = format!("kernel/{climbing}");
    let (front, back) = absolute.split_at(5);
    let ways = [
        format!("-include({absolute:?})."),
        format!("-'include'({absolute:?})."),
        format!("-'\\x69nclude'({absolute:?})."),
        format!("-include({front:?} {back:?})."),
        format!("-include({climbing:?})."),
        format!("-include_lib({absolute:?})."),
        format!("-include_lib({library:?})."),
        "-include(\"$HOME/.profile\").".to_owned(),
    ];
    let bounds = Bounds::around(&[tree.path("src")]);
    let options = ProveOptions { bounds, ..ProveOptions::default() };
    for way in ways {
        let text = PLAIN.replace("-export", &format!("{way}\n-export"));
        let reason = why(prove_with(&tree, options.clone(), &text, &text));
        assert!(
            reason.contains("mod_x.erl:2: `")
                && reason.ends_with("leads out of the project, and is not read without --trust"),
            "{reason}"
        );
        // Trust lets the compiler tell.
        let trusting = ProveOptions { trust: true, ..ProveOptions::default() };
        let told = format!("{:?}", prove_with(&tree, trusting, &text, &text));
        assert!(way.contains("HOME") || told.contains("secret.txt:1:1"), "{way}: {told}");
    }
    // A header of the project that leads out is found, too, and so is a link.
    let text = PLAIN.replace("-export", "-include(\"in.hrl\").\n-export");
    assert_eq!(prove_with(&tree, options.clone(), &text, &text), compiles(&[]));
    tree.write("src/deep.hrl", &format!("-ifdef(NEVER).\n-include({absolute:?}).\n-endif.\n"));
    let reason = why(prove_with(&tree, options.clone(), &text, &text));
    assert!(reason.contains("deep.hrl:2: `"), "{reason}");
    #[cfg(unix)]
    {
        fs::remove_file(tree.path("src/deep.hrl")).unwrap();
        std::os::unix::fs::symlink(&secret, tree.path("src/deep.hrl")).unwrap();
        let reason = why(prove_with(&tree, options, &text, &text));
        assert!(reason.contains("in.hrl:1: `deep.hrl` leads out"), "{reason}");
    }
}

/// Each macro is ten of the one before.
#[test]
fn macros_that_stand_for_more_than_there_is_room_for_are_given_up() {
    let mut text = "-module(mod_x).\n-export([f/0]).\n-define(A0, x).\n".to_owned();
    for level in 1..12 {
        let ten = vec![format!("?A{}", level - 1); 10].join(",");
        text.push_str(&format!("-define(A{level}, {{{ten}}}).\n"));
    }
    text.push_str("f() -> ?A11.\n");
    let start = Instant::now();
    let reason = why(prove(&Scratch::of(&[]), &text, &text));
    assert!(reason.contains("erlc failed without an error in the module"), "{reason}");
    assert!(start.elapsed() < TIME_LIMIT, "memory was the limit, not time");
}

#[test]
fn transforms_of_erlang_itself_are_run() {
    let text = "-module(mod_x).\n-export([f/0]).\n-include_lib(\"stdlib/include/ms_transform.hrl\").\n\
                f() -> ets:fun2ms(fun(X) -> X end).\n";
    assert_eq!(prove(&Scratch::of(&[]), text, text), compiles(&[]));
}

#[test]
fn what_is_missing_or_no_module_is_said() {
    let tree = Scratch::of(&[]);
    let options = ProveOptions { erlc: Some("no-such-erlc".into()), ..ProveOptions::default() };
    assert_eq!(why(prove_with(&tree, options, PLAIN, PLAIN)), "there is no Erlang compiler (no-such-erlc)");
    let proof = Prover::new(ProveOptions::default()).prove(&tree.path("a.hrl"), b"", b"");
    assert_eq!(why(proof), "only modules (.erl) are compiled by themselves");
}

#[cfg(unix)]
fn compiler(tree: &Scratch, script: &str) -> Prover {
    use std::os::unix::fs::PermissionsExt;
    let erlc = tree.write("erlc", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&erlc, fs::Permissions::from_mode(0o755)).unwrap();
    Prover::new(ProveOptions { erlc: Some(erlc), ..ProveOptions::default() })
}

#[cfg(unix)]
#[test]
fn a_compiler_that_hangs_is_given_up() {
    let tree = Scratch::of(&[]);
    let mut prover = compiler(&tree, "exec sleep 60");
    prover.time_limit = Duration::from_secs(1);
    let start = Instant::now();
    let proof = prover.prove(&tree.path("mod_x.erl"), PLAIN.as_bytes(), PLAIN.as_bytes());
    assert_eq!(why(proof), "compiling takes longer than 1 seconds");
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[cfg(unix)]
#[test]
fn a_compiler_that_fails_without_a_reason_proves_nothing() {
    let tree = Scratch::of(&[]);
    let proof = compiler(&tree, "echo 'no beams today' >&2; exit 3");
    let proof = proof.prove(&tree.path("mod_x.erl"), PLAIN.as_bytes(), PLAIN.as_bytes());
    let expected = "erlc failed without an error in the module (exit status: 3): no beams today";
    assert_eq!(why(proof), expected);
}

#[test]
fn many_threads_can_prove_at_once() {
    let tree = Scratch::of(&[]);
    let prover = Prover::new(ProveOptions::default());
    std::thread::scope(|scope| {
        let proofs: Vec<_> = (0..4)
            .map(|index| {
                let (prover, path) = (&prover, tree.path("src/mod_x.erl"));
                let after = if index % 2 == 0 { PLAIN.to_owned() } else { PLAIN.replace("{ok, Acc}", "{ok, Jid}") };
                scope.spawn(move || prover.prove(&path, PLAIN.as_bytes(), after.as_bytes()))
            })
            .collect();
        for (index, proof) in proofs.into_iter().enumerate() {
            let proof = proof.join().unwrap();
            assert_eq!(matches!(proof, Proof::Compiles { .. }), index % 2 == 0, "{proof:?}");
        }
    });
}

#[test]
fn bytes_are_compiled_as_they_are() {
    let tree = Scratch::of(&[]);
    let latin = b"%% coding: latin-1\n-module(mod_x).\n-export([f/0]).\nf() -> <<\"caf\xE9\">>.\n";
    let proof = Prover::new(ProveOptions::default()).prove(&tree.path("src/mod_x.erl"), latin, latin);
    assert_eq!(proof, compiles(&[]));
}
