//! Projects to report on.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub struct Tree {
    pub directory: TempDir,
}

impl Tree {
    pub fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let tree = Self { directory: tempfile::tempdir().unwrap() };
        for (path, bytes) in files {
            tree.write(path, bytes);
        }
        tree
    }

    /// A copy of a directory of this repository.
    pub fn copy_of(directory: &str) -> Self {
        let tree = Self::new(&[]);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), tree.path());
        tree
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// A module with a hook that is gone, for which there is a fix, and whatever else is given.
fn gone(module: &str, head: &str, note: &str) -> String {
    format!(
        "{head}-module({module}).\n\
         -export([hooks/1, written/3, sent/3, shown/3]).\n\
         \n\
         hooks(HostType) ->\n\
         \x20   [{{user_send_packet, HostType, fun ?MODULE:written/3, #{{}}, 50}}, % {note}\n\
         \x20    {{c2s_update_presence, HostType, fun ?MODULE:shown/3, #{{}}, 50}}, % {note}\n\
         \x20    {{'::error::]]> | ` <img src=x> %0A ##[error]', HostType, fun ?MODULE:sent/3, #{{}}, 50}}].\n\
         \n\
         written(Acc, _Params, _Extra) ->\n\
         \x20   case mongoose_acc:stanza_name(Acc) of % {note}\n\
         \x20       <<\"message\">> -> io:format(\"{note}\"), {{stop, Acc}};\n\
         \x20       <<\"iq\">> -> {{ok, Acc}};\n\
         \x20       _ -> Acc\n\
         \x20   end.\n\
         \n\
         sent(Acc, _Params, _Extra) ->\n\
         \x20   {{ok, Acc}}.\n\
         \n\
         shown(Acc, _Params, _Extra) -> % {note}\n\
         \x20   {{ok, mongoose_acc:set(?MODULE, shown, true, Acc)}}."
    )
}

/// Names, encodings, line ends and characters that go wrong in other tools.
pub fn odd() -> Tree {
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
    let with_mark = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let crlf = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let nasty = "]]> ::error::x\u{7} \u{1b}[31m | `*_<b>_*` \u{202e} &amp; \u{fffe} ##[add-mask]y";
    Tree::new(&[
        ("src/mod_plain.erl", gone("mod_plain", "", "plain").into_bytes()),
        ("src/mod ʃ 50%#&?'.erl", gone("'mod ʃ 50%#&?\\''", "", "ʃ 🦀").into_bytes()),
        ("a b/über \"q\"/mod_crlf.erl", crlf(&gone("mod_crlf", "%% é\n", "🦀"))),
        ("src/mod_latin1.erl", latin1(&gone("mod_latin1", "%% coding: latin-1\n%% é\n", "\u{e9}t\u{e9}"))),
        ("src/mod_bom.erl", with_mark(&gone("mod_bom", "", "ʃ"))),
        ("src/mod_nasty,:.erl", gone("'mod_nasty,:'", "", nasty).into_bytes()),
        ("src/mod_broken.erl", b"-module(mod_broken).\nf( -> ]]> ::error::x.\n".to_vec()),
    ])
}

/// So many findings, ten in each module, most of them of one rule.
pub fn many(findings: usize) -> Tree {
    let tree = Tree::new(&[]);
    for module in 0..findings / 10 {
        let hooks: Vec<String> = (0..9)
            .map(|at| format!("{{acme_hook_{module}_{at}, HostType, fun ?MODULE:sent/3, #{{}}, 50}}"))
            .chain((0..1).map(|at| format!("{{c2s_update_presence, HostType, fun ?MODULE:sent/3, #{{}}, {at}}}")))
            .collect();
        let text = format!(
            "-module(mod_{module}).\n-export([hooks/1, sent/3]).\nhooks(HostType) ->\n    [{}].\n\
             sent(Acc, _Params, _Extra) ->\n    {{ok, Acc}}.\n",
            hooks.join(",\n     ")
        );
        tree.write(&format!("src/mod_{module}.erl"), text.as_bytes());
    }
    tree
}
