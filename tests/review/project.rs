//! The repository of a shop that runs its own modules on MongooseIM 6.0.0, and a branch on which somebody works on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rooms of the shop. One handler is touched by the branch; what is wrong below it is not.
const ROOMS: &str = r#"-module(mod_shop_rooms).
-behaviour(gen_mod).

-include_lib("exml/include/exml.hrl").

-export([start/2, stop/1, supported_features/0]).
-export([mark_guest/3, count_joins/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{filter_room_packet, HostType, fun ?MODULE:mark_guest/3, #{}, 60},
     {join_room, HostType, fun ?MODULE:count_joins/3, #{}, 50}].

%% Guests have no affiliation to the room.
mark_guest(#xmlel{name = <<"message">>} = Packet, #{event_data := #{affiliation := none}}, _Extra) ->
    {ok, add_mark(Packet)};
mark_guest(Packet, _Params, _Extra) ->
    {ok, Packet}.

add_mark(#xmlel{children = Children} = Packet) ->
    Packet#xmlel{children = [#xmlel{name = <<"guest">>} | Children]}.






%% How many customers come in.
count_joins(Acc, #{room := Room}, #{host_type := HostType}) ->
    case mongoose_metrics:update(HostType, [shop, joins, Room], 1) of
        ok -> Acc;
        {error, _} -> {ok, Acc}
    end.
"#;

/// Not touched by the branch at all.
const ALIVE: &str = r#"-module(mod_shop_alive).
-behaviour(gen_mod).

-export([start/2, stop/1, lost/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

hooks(HostType) ->
    [{user_ping_timeout, HostType, fun ?MODULE:lost/3, #{}, 50}].

lost(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    mongoose_metrics:update(HostType, [shop, lost, jid:to_bare_binary(Jid)], 1),
    {ok, Acc}.
"#;

/// New on the branch: a hook that is gone, with a rewrite that a person has to look at, and a name with a slip.
const KEEPER: &str = r#"-module(mod_shop_keeper).
-behaviour(gen_mod).

-export([start/2, stop/1, supported_features/0]).
-export([pinged/3, befriended/3]).

start(HostType, _Opts) ->
    gen_hook:add_handlers(hooks(HostType)).

stop(HostType) ->
    gen_hook:delete_handlers(hooks(HostType)).

supported_features() -> [dynamic_domains].

hooks(HostType) ->
    [{user_ping_timeout, HostType, fun ?MODULE:pinged/3, #{}, 50},
     {roster_in_subscripton, HostType, fun ?MODULE:befriended/3, #{}, 70}].

%% A customer who does not answer is not waited for.
pinged(Acc, #{jid := Jid}, #{host_type := HostType}) ->
    shop_queue:forget(HostType, jid:to_bare_binary(Jid)),
    {ok, Acc}.

befriended(Acc, #{to := To, from := From}, _Extra) ->
    shop_queue:friends(To, From),
    {ok, Acc}.
"#;

/// Written on Windows.
const WINDOWS: &str = r#"-module(mod_shop_windows).
-export([start/2, stop/1, joined/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(join_room, HostType, fun ?MODULE:joined/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(join_room, HostType, fun ?MODULE:joined/3, #{}, 50).

joined(Acc, _Params, _Extra) ->
    case shop_queue:is_open() of
        true -> Acc;
        false -> {ok, Acc}
    end.
"#;

/// In Latin-1, in a file whose name is not ASCII.
const GREETING: &str = r#"%% coding: latin-1
-module('mod_shop_grüße').
-export([start/2, stop/1, left/3]).

start(HostType, _Opts) ->
    gen_hook:add_handler(leave_room, HostType, fun ?MODULE:left/3, #{}, 50).

stop(HostType) ->
    gen_hook:delete_handler(leave_room, HostType, fun ?MODULE:left/3, #{}, 50).

%% Auf Wiedersehen, schöne Grüße
left(Acc, _Params, _Extra) ->
    case shop_queue:is_open() of
        true -> Acc;
        false -> {ok, Acc}
    end.
"#;

pub struct Project {
    directory: tempfile::TempDir,
    pub base: String,
}

impl Project {
    /// The branch, checked out.
    pub fn new() -> Self {
        let mut project = Self::empty();
        project.write("src/mod_shop_rooms.erl", ROOMS);
        project.write("src/mod_shop_alive.erl", ALIVE);
        project.write_bytes("src/mod_shop_grüße.erl", &latin1(&GREETING.replace("schöne ", "")));
        project.base = project.commit("The shop");
        project.write(
            "src/mod_shop_rooms.erl",
            &ROOMS.replace("have no affiliation to the room.", "are new.\n%% They get a mark."),
        );
        project.write("src/mod_shop_keeper.erl", KEEPER);
        project.write("src/mod_shop_windows.erl", &WINDOWS.replace('\n', "\r\n"));
        project.write_bytes("src/mod_shop_grüße.erl", &latin1(GREETING));
        project.commit("Keep the shop");
        project
    }

    /// A repository without any file.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let project = Self { directory, base: String::new() };
        project.git(&["init", "-q", "-b", "main"]);
        for (key, value) in [
            ("user.name", "Ada"),
            ("user.email", "ada@example.com"),
            ("commit.gpgsign", "false"),
            ("core.hooksPath", ".git/hooks"),
            ("core.autocrlf", "false"),
        ] {
            project.git(&["config", key, value]);
        }
        project
    }

    /// A branch that adds one module with many handlers which all return something that no hook expects.
    pub fn with_many_findings(number: usize) -> Self {
        let mut project = Self::empty();
        project.write("README.md", "A shop.\n");
        project.base = project.commit("The shop");
        let names: Vec<String> = (0..number).map(|it| format!("handler_{it}")).collect();
        let exports: Vec<String> = names.iter().map(|name| format!("{name}/3")).collect();
        let entries: Vec<String> =
            names.iter().map(|name| format!("{{join_room, HostType, fun ?MODULE:{name}/3, #{{}}, 50}}")).collect();
        let handlers: String =
            names.iter().map(|name| format!("\n{name}(Acc, _Params, _Extra) ->\n    Acc.\n")).collect();
        let module = format!(
            "-module(mod_shop_many).\n-export([start/2, stop/1, {}]).\n\nstart(HostType, _Opts) ->\n    \
             gen_hook:add_handlers(hooks(HostType)).\n\nstop(HostType) ->\n    gen_hook:delete_handlers(hooks(HostType)).\n\n\
             hooks(HostType) ->\n    [{}].\n{handlers}",
            exports.join(", "),
            entries.join(",\n     "),
        );
        project.write("src/mod_shop_many.erl", &module);
        project.commit("Many handlers");
        project
    }

    /// The same module, which was there before; the branch adds a line at its beginning.
    pub fn with_many_old_findings(number: usize) -> Self {
        let mut project = Self::with_many_findings(number);
        project.base = project.head();
        project.change("src/mod_shop_many.erl", "-module(mod_shop_many).\n", "-module(mod_shop_many).\n%% Many.\n");
        project.commit("A line");
        project
    }

    /// A branch that adds all the modules of a team.
    pub fn with_the_modules_of_acme() -> Self {
        let mut project = Self::empty();
        project.write("README.md", "Acme.\n");
        project.base = project.commit("Nothing yet");
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/acme/src");
        for entry in fs::read_dir(corpus).unwrap() {
            let entry = entry.unwrap();
            project.write_bytes(&format!("src/{}", entry.file_name().display()), &fs::read(entry.path()).unwrap());
        }
        project.commit("All modules");
        project
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        self.write_bytes(path, text.as_bytes());
    }

    pub fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn change(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.file(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replace(from, to));
    }

    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-qm", message]);
        self.head()
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&git(self.path(), arguments)).into_owned()
    }
}

/// Runs Git where no outer one is in the way.
pub fn git(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut git = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z").env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z");
    let output = git.arg("-C").arg(directory).args(["-c", "core.quotepath=off"]).args(arguments).output();
    let output = output.expect("git is needed for this test: install it");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}
