//! `hookshift fix`: what it prints, and above all what it writes.

use std::path::Path;
use std::process::Command as Process;

use super::trees::{hookshift, tree};

const PRESENCE: &str = "-module(mod_a).
-export([start/2, stop/1, stamp/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{c2s_update_presence, HostType, fun ?MODULE:stamp/3, #{}, 50}].

%% Größe: 1
stamp(Acc, _Params, _Extra) ->
    {ok, Acc}.
";

/// What `PRESENCE` becomes.
fn presence_fixed() -> String {
    PRESENCE.replace("{c2s_update_presence,", "{user_send_presence,").replace("#{}, 50}", "#{}, 5}")
}

fn latin_fixed() -> Vec<u8> {
    presence_fixed().chars().map(|c| u8::try_from(c).unwrap()).collect()
}

const INBOX: &str = "-module(mod_b).
-export([start/2, listed/3, room/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{check_bl_c2s, global, fun ?MODULE:listed/3, #{}, 50},
                           {filter_room_packet, HostType, fun ?MODULE:room/3, #{}, 50}]).

listed(false, #{ip := IP}, _Extra) ->
    {ok, ets:member(bl, IP)};
listed(true, _Params, _Extra) ->
    {stop, true}.

room(Packet, #{event_data := #{from_nick := Nick}}, _Extra) ->
    {ok, mark(Packet, Nick)}.

mark(Packet, _) -> Packet.
";

const FOR_ALL: &str = "-module(mod_c).
-export([start/2, got/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(user_receive_packet, HostType, fun ?MODULE:got/3, #{}, 50).

got(Acc, #{jid := Jid}, _Extra) ->
    {ok, mongoose_acc:set(acme, jid, Jid, Acc)}.
";

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn git(root: &Path, args: &[&str]) -> String {
    let run = Process::new("git")
        .args(["-c", "user.name=A. Dev", "-c", "user.email=dev@example.org", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(run.status.success(), "{args:?}: {}", text(&run.stderr));
    text(&run.stdout)
}

/// A repository in which everything is committed.
pub(crate) fn committed(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tree(files);
    git(root.path(), &["init", "-q"]);
    git(root.path(), &["config", "user.name", "A. Dev"]);
    git(root.path(), &["config", "user.email", "dev@example.org"]);
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["commit", "-q", "-m", "first"]);
    root
}

#[test]
fn without_a_word_nothing_is_written_and_the_diff_can_be_applied() {
    let root = committed(&[("src/mod_a.erl", PRESENCE)]);
    let run = hookshift(root.path()).args(["fix"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
    let said = text(&run.stderr);
    assert!(
        said.contains("fix: src/mod_a.erl:11:7: [removed-hook] register `stamp/3` for `user_send_presence`"),
        "{said}"
    );
    assert!(said.contains("1 fix to apply in 1 file; nothing is written without --write"), "{said}");
    std::fs::write(root.path().join("it.diff"), &run.stdout).unwrap();
    git(root.path(), &["apply", "it.diff"]);
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed());
}

#[test]
fn written_once_there_is_nothing_to_do_the_second_time() {
    let root = tree(&[("src/mod_a.erl", PRESENCE)]);
    hookshift(root.path()).args(["fix", "--write"]).assert().code(0).stdout_eq("");
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed());
    hookshift(root.path()).args(["fix", "--write"]).assert().code(0).stdout_eq("");
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed());
}

#[test]
fn line_ends_marks_and_encodings_stay() {
    let crlf = PRESENCE.replace('\n', "\r\n");
    let marked = format!("\u{feff}{PRESENCE}");
    let root = tree(&[("src/crlf.erl", &crlf), ("src/bom.erl", &marked), ("src/latin.erl", "")]);
    let latin: Vec<u8> = PRESENCE.chars().map(|c| u8::try_from(c).unwrap()).collect();
    std::fs::write(root.path().join("src/latin.erl"), &latin).unwrap();
    // Git applies what is printed, byte for byte.
    let copy = committed(&[("src/mod_a.erl", "")]);
    std::fs::write(copy.path().join("src/mod_a.erl"), &latin).unwrap();
    let diff = hookshift(copy.path()).args(["fix"]).output().unwrap().stdout;
    std::fs::write(copy.path().join("it.diff"), diff).unwrap();
    git(copy.path(), &["apply", "it.diff"]);
    assert_eq!(std::fs::read(copy.path().join("src/mod_a.erl")).unwrap(), latin_fixed());
    hookshift(root.path()).args(["fix", "--write"]).assert().code(0);
    assert_eq!(read(root.path(), "src/crlf.erl"), presence_fixed().replace('\n', "\r\n"));
    assert_eq!(read(root.path(), "src/bom.erl"), format!("\u{feff}{}", presence_fixed()));
    assert_eq!(std::fs::read(root.path().join("src/latin.erl")).unwrap(), latin_fixed());
}

#[test]
fn what_a_person_has_to_look_at_is_written_only_when_asked_for() {
    let root = tree(&[("src/mod_c.erl", FOR_ALL)]);
    let run = hookshift(root.path()).args(["fix", "--write"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(read(root.path(), "src/mod_c.erl"), FOR_ALL);
    let said = text(&run.stderr);
    assert!(said.contains("1 more finding could be fixed with --unsafe"), "{said}");
    let run = hookshift(root.path()).args(["fix", "--write", "--unsafe"]).output().unwrap();
    let said = text(&run.stderr);
    assert!(said.contains("look: the handler does not serve one kind of stanza alone"), "{said}");
    let fixed = read(root.path(), "src/mod_c.erl");
    assert!(fixed.contains("got(Acc, #{c2s_data := C2SData}, _Extra) ->"), "{fixed}");
    assert!(fixed.contains("set(acme, jid, mongoose_c2s:get_jid(C2SData), Acc)"), "{fixed}");
}

#[test]
fn rules_can_be_chosen() {
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", INBOX)]);
    hookshift(root.path()).args(["fix", "--write", "--select", "changed-params"]).assert().code(0);
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
    assert!(read(root.path(), "src/mod_b.erl").contains("#{ip := {IP, _Port}}"));
    hookshift(root.path()).args(["fix", "--write", "--ignore", "removed-hook"]).assert().code(0);
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
}

#[test]
fn a_file_with_changes_that_are_not_committed_is_refused() {
    let root = committed(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", "-module(mod_b).\n")]);
    // Another file's changes do not matter.
    std::fs::write(root.path().join("src/mod_b.erl"), "-module(mod_b). %% mine\n").unwrap();
    let edited = PRESENCE.replace("%% Größe", "%% My size");
    std::fs::write(root.path().join("src/mod_a.erl"), &edited).unwrap();
    let run = hookshift(root.path()).args(["fix", "--write"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = text(&run.stderr);
    assert!(said.contains("src/mod_a.erl: has uncommitted changes"), "{said}");
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(read(root.path(), "src/mod_a.erl"), edited);
    hookshift(root.path()).args(["fix", "--write", "--allow-dirty"]).assert().code(0);
    assert!(read(root.path(), "src/mod_a.erl").contains("{user_send_presence,"));
}

#[test]
fn one_commit_for_each_rule() {
    let root = committed(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", INBOX)]);
    hookshift(root.path()).args(["fix", "--one-commit-per-rule"]).assert().code(0);
    let log = git(root.path(), &["log", "--format=%s", "--reverse"]);
    let log: Vec<&str> = log.lines().collect();
    assert_eq!(log, ["first", "removed-hook: MongooseIM 6.0.0 to 6.1.0", "changed-params: MongooseIM 6.0.0 to 6.1.0"]);
    assert_eq!(git(root.path(), &["show", "--format=", "--name-only", "HEAD"]).trim(), "src/mod_b.erl");
    assert_eq!(git(root.path(), &["status", "--porcelain"]), "");
    let message = git(root.path(), &["log", "-1", "--format=%b", "HEAD~1"]);
    assert!(message.contains("* register `stamp/3` for `user_send_presence` with priority 5"), "{message}");
}

#[test]
fn commits_need_a_repository_and_clean_files() {
    let root = tree(&[("src/mod_a.erl", PRESENCE)]);
    let run = hookshift(root.path()).args(["fix", "--one-commit-per-rule"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("not all files that change are in a Git repository"));
    let root = committed(&[("src/mod_a.erl", "")]);
    std::fs::write(root.path().join("src/mod_a.erl"), PRESENCE).unwrap();
    let run = hookshift(root.path()).args(["fix", "--one-commit-per-rule", "--allow-dirty"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
}

#[test]
fn json_fits_its_schema_and_says_how_far_each_fix_was_proved() {
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("src/mod_c.erl", FOR_ALL)]);
    let schema = hookshift(root.path()).args(["schema", "fix"]).output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    let run = hookshift(root.path()).args(["fix", "--format", "json", "--prove"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(document["written"], false);
    assert_eq!(document["fixes"][0]["proof"], "compiles");
    assert_eq!(document["fixes"][0]["rule"], "removed-hook");
    assert!(document["files"][0]["diff"].as_str().unwrap().contains("+    [{user_send_presence,"));
    let left = document["left"].as_array().unwrap();
    assert!(left.iter().any(|it| it["fix"]["applicability"] == "unsafe"), "{left:#?}");
}

#[test]
fn a_finding_that_is_gone_is_gone_whatever_others_of_its_kind_are_left() {
    let calls = "-module(mod_d).
-export([all/1]).

all(Pid) ->
    ejabberd_c2s:stop(Pid),
    ejabberd_receiver:close(Pid),
    ejabberd_c2s:stop(Pid).
";
    let root = tree(&[("src/mod_d.erl", calls)]);
    let run = hookshift(root.path()).args(["fix", "--unsafe", "--format", "json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let proofs: Vec<_> = document["fixes"].as_array().unwrap().iter().map(|fix| &fix["proof"]).collect();
    assert_eq!(proofs, ["clean", "clean"], "{document:#}");
    assert_eq!(document["left"].as_array().unwrap().len(), 1);
}

#[test]
fn what_no_later_run_will_find_is_said() {
    let half = "-module(mod_e).
-export([start/2, counted/3, blocked/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers([{user_receive_packet, HostType, fun ?MODULE:counted/3, #{}, 50},
                           {user_send_packet, HostType, fun ?MODULE:blocked/3, #{}, 50}]).

counted(Acc, #{jid := Jid}, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<\"message\">> -> {ok, mongoose_acc:set(acme, jid, Jid, Acc)};
        _ -> {ok, Acc}
    end.

blocked(Acc, _Params, _Extra) ->
    case mongoose_acc:stanza_type(Acc) of
        <<\"error\">> -> {stop, Acc};
        _ -> {ok, Acc}
    end.
";
    let root = tree(&[("src/mod_e.erl", half)]);
    let json = hookshift(root.path()).args(["fix", "--format", "json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let stop = document["left"].as_array().unwrap().iter().find(|it| it["rule"] == "changed-stop").unwrap();
    assert_eq!(stop["last_seen"], true);
    let run = hookshift(root.path()).args(["fix", "--write"]).output().unwrap();
    let told = "1 of them will not be found again: src/mod_e.erl will look as if written for 6.1.0";
    assert!(text(&run.stderr).contains(told), "{}", text(&run.stderr));
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let root = tree(&[("src/mod_a.erl", PRESENCE)]);
    let run = hookshift(root.path()).args(["fix", "--interactive"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("--interactive asks on a terminal"));
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
}

#[test]
fn standard_input_cannot_be_rewritten() {
    let root = tree(&[]);
    let run = hookshift(root.path()).args(["fix", "-"]).stdin(PRESENCE).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("fix works on files"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_stays() {
    use std::os::unix::fs::PermissionsExt;
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", INBOX)]);
    let path = root.path().join("src/mod_a.erl");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    let run = hookshift(root.path()).args(["fix", "--write"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let said = text(&run.stderr);
    assert!(said.contains("mod_a.erl"), "{said}");
    assert_eq!(read(root.path(), "src/mod_a.erl"), PRESENCE);
    assert!(read(root.path(), "src/mod_b.erl").contains("{IP, _Port}"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told_and_fails_the_run_and_the_others_are_fixed() {
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("rel/mongooseim.toml", "[general\n")]);
    std::os::unix::fs::symlink("nowhere.erl", root.path().join("src/mod_gone.erl")).unwrap();
    for arguments in [&["fix"][..], &["fix", "--write"]] {
        let run = hookshift(root.path()).args(arguments).output().unwrap();
        let said = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{said}");
        assert!(said.contains("error: src/mod_gone.erl: no such file or directory\n"), "{said}");
        assert!(said.contains("note: rel/mongooseim.toml: "), "{said}");
    }
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed());
}

/// Runs on a terminal that `script` makes, and types.
fn typed(root: &Path, answers: &str) -> (String, Option<i32>) {
    let hookshift = snapbox::cmd::cargo_bin!("hookshift");
    let mut terminal = Process::new("script")
        .args(["--quiet", "--return", "--command", &format!("{} fix --interactive", hookshift.display()), "/dev/null"])
        .current_dir(root)
        .env("TERM", "dumb")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut terminal.stdin.take().unwrap(), answers.as_bytes()).unwrap();
    let done = terminal.wait_with_output().unwrap();
    (text(&done.stdout), done.status.code())
}

#[test]
fn each_fix_is_asked_about_and_what_was_wanted_is_written() {
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", INBOX), ("src/mod_c.erl", FOR_ALL)]);
    // The order is: the presence hook (safe), two parameters (safe), and the one that needs a look.
    let (said, _) = typed(root.path(), "y\nn\ny\nn\n");
    assert!(said.contains("apply this fix?"), "{said}");
    assert!(said.contains("register `stamp/3` for `user_send_presence` with priority 5"), "{said}");
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed(), "{said}");
    let inbox = read(root.path(), "src/mod_b.erl");
    assert!(inbox.contains("#{ip := IP}") != inbox.contains("#{event_data :="), "one of two is written: {said}");
    assert_eq!(read(root.path(), "src/mod_c.erl"), FOR_ALL);
}

#[test]
fn who_quits_gets_what_was_wanted_until_then() {
    let root = tree(&[("src/mod_a.erl", PRESENCE), ("src/mod_b.erl", INBOX)]);
    let (said, code) = typed(root.path(), "y\nq\n");
    assert_eq!(read(root.path(), "src/mod_a.erl"), presence_fixed(), "{said}");
    assert_eq!(read(root.path(), "src/mod_b.erl"), INBOX);
    assert_eq!(code, Some(1), "{said}");
}

/// A module with two handlers that its module does not name, and comments.
const COMMENTED: &str = "-module(mod_a).
-export([start/2, f/3, g/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(remove_user, HostType, fun f/3, #{}, 50), %% hookshift: ignore[local-handler] as it was
    gen_hook:add_handler(remove_user, HostType, fun g/3, #{}, 60).

%% hookshift: ignore[changed-stop, changed-params] not any more
f(Acc, _Params, _Extra) ->
    {ok, Acc}. %% hookshift: ignore[changed-stop] not any more

g(Acc, _Params, _Extra) ->
    {ok, Acc}.
";

#[test]
fn what_a_comment_suppresses_stays_and_a_comment_in_vain_goes() {
    for ends in ["\n", "\r\n"] {
        let root = tree(&[("src/mod_a.erl", &COMMENTED.replace('\n', ends))]);
        let run =
            hookshift(root.path()).args(["fix", "--write", "--select", "local-handler,changed-stop,changed-params"]);
        let run = run.args(["--select", "unused-suppression"]).output().unwrap();
        let said = text(&run.stderr);
        assert!(said.contains("1 finding is suppressed."), "{said}");
        assert_eq!(run.status.code(), Some(0), "{said}");
        let expected = COMMENTED
            .replace("fun g/3", "fun ?MODULE:g/3")
            .replace("%% hookshift: ignore[changed-stop, changed-params] not any more\n", "")
            .replace(" %% hookshift: ignore[changed-stop] not any more", "");
        assert_eq!(read(root.path(), "src/mod_a.erl"), expected.replace('\n', ends));
    }
}

#[test]
fn a_comment_is_in_vain_when_what_it_was_for_is_fixed_with_something_else() {
    // Both rules ask for the same rewrite of the handler.
    let code = "-module(mod_a).
-export([start/2, sent/4]).
start(Host, _Opts) ->
    ejabberd_hooks:add(user_send_packet, Host, ?MODULE, sent, 50).
%% hookshift: ignore[legacy-handler] as it was
sent(Acc, _From, _To, _Packet) ->
    Acc.
";
    let root = tree(&[("src/mod_a.erl", code)]);
    let run = hookshift(root.path()).args(["fix", "--write", "--unsafe"]).output().unwrap();
    assert_ne!(run.status.code(), Some(2), "{}", text(&run.stderr));
    let fixed = read(root.path(), "src/mod_a.erl");
    assert!(fixed.contains("gen_hook:add_handler(") && !fixed.contains("hookshift"), "{fixed}");
    let again = hookshift(root.path()).args(["fix", "--unsafe"]).output().unwrap();
    assert_eq!(text(&again.stdout), "");
}

#[test]
fn a_fix_that_would_part_a_comment_from_its_line_is_left() {
    let code = "-module(mod_a).
-export([start/2, note/3]).
start(HostType, _Opts) ->
    gen_hook:add_handlers([{remove_user, HostType, fun gone/3, #{}, 50}, {user_send_packet, HostType, fun ?MODULE:note/3, #{}, 55}]). %% hookshift: ignore[local-handler] x
note(Acc, _Params, _Extra) ->
    case mongoose_acc:stanza_name(Acc) of
        <<\"message\">> -> {ok, note_message(Acc)};
        <<\"presence\">> -> {ok, note_presence(Acc)};
        _ -> {ok, Acc}
    end.
gone(Acc, _Params, _Extra) -> {ok, Acc}.
";
    let root = tree(&[("src/mod_a.erl", code)]);
    let select = "local-handler,split-hook,unused-suppression";
    let run =
        hookshift(root.path()).args(["fix", "--unsafe", "--format", "json", "--select", select]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(document["files"].as_array().unwrap().len(), 0, "{document:#}");
    assert_eq!(document["failed"].as_array().unwrap().len(), 0, "{document:#}");
    assert_eq!(document["suppressed"], 1);
    let why = "the comment that suppresses `local-handler` would stand in another line than what it is for";
    assert_eq!(document["left"][0]["no_fix"], why, "{document:#}");
}

#[test]
fn comments_in_vain_have_a_commit_of_their_own() {
    let root = committed(&[("src/mod_a.erl", COMMENTED)]);
    hookshift(root.path())
        .args(["fix", "--one-commit-per-rule", "--ignore", "unbalanced-registration"])
        .assert()
        .code(0);
    let log = git(root.path(), &["log", "--format=%s"]);
    assert!(log.starts_with("unused-suppression: MongooseIM 6.0.0 to 6.1.0\nlocal-handler: "), "{log}");
    assert!(!read(root.path(), "src/mod_a.erl").contains("changed-stop"));
}
