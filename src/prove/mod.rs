//! What the compiler says to a module before and after a rewrite.
//!
//! Both texts are compiled by `erlc` in a directory of their own, with the include path of the place where the module
//! stands; nothing in the project is written. Compiling can run code: parse transforms, and behaviours, which
//! the compiler asks for their callbacks. Without [`ProveOptions::trust`] none of the project's is run, whatever attributes,
//! macros or headers say, since the compiler's code path then holds nothing but Erlang's own applications.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

mod headers;
mod includes;
mod messages;

use crate::program;
use crate::project::bounds::Bounds;
use headers::SearchPath;
use messages::Messages;

/// How modules are compiled.
#[derive(Clone, Debug, Default)]
pub struct ProveOptions {
    /// The compiler; `erlc` on the `PATH` when there is none.
    pub erlc: Option<PathBuf>,
    /// Where headers are, besides the places that are found by themselves.
    pub include_dirs: Vec<PathBuf>,
    /// The source tree of the server to compile for.
    pub server: Option<PathBuf>,
    /// Where headers may be that code names, besides those places.
    pub bounds: Bounds,
    /// Whether code of the project may be run.
    pub trust: bool,
}

/// What is known after compiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The new text compiles.
    Compiles {
        /// Those that the old text does not have: `path:line:column: text`, on one line each.
        new_warnings: Vec<String>,
    },
    /// The new text has errors that the old one does not have. Written as warnings are.
    Fails { errors: Vec<String> },
    /// The compiler cannot tell.
    NotProvable { why: String },
}

/// Compiles modules. Can be used by many threads at once.
#[derive(Clone, Debug)]
pub struct Prover {
    options: ProveOptions,
    /// For one run of the compiler.
    time_limit: Duration,
}

const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The largest heap that a process of the compiler may have, in words of eight bytes: a few macros can stand for code that no
/// machine has room for.
const MAX_HEAP: &str = "+hmax 134217728 +hmaxk true +hmaxel false";

/// Variables by which a compiler would do other things than it is asked to.
const ENVIRONMENT: [&str; 6] =
    ["ERL_COMPILER_OPTIONS", "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "ERL_LIBS", "ERLC_USE_SERVER"];

impl Prover {
    #[must_use]
    pub fn new(options: ProveOptions) -> Self {
        Self { options: absolute(options), time_limit: TIME_LIMIT }
    }

    /// Compiles what a module was and what it shall be, both as bytes on disk. The file itself is not read; its path
    /// says where headers are, and is what messages begin with.
    #[must_use]
    pub fn prove(&self, path: &Path, before: &[u8], after: &[u8]) -> Proof {
        self.compare(path, before, after).unwrap_or_else(|why| Proof::NotProvable { why })
    }

    fn compare(&self, path: &Path, before: &[u8], after: &[u8]) -> Result<Proof, String> {
        if path.extension().is_none_or(|it| it != "erl") {
            return Err("only modules (.erl) are compiled by themselves".to_owned());
        }
        let no_directory = |error| format!("no temporary directory can be made: {error}");
        let directory = tempfile::Builder::new().prefix("hookshift-prove-").tempdir().map_err(no_directory)?;
        let search = SearchPath::of(path, &self.options, directory.path()).map_err(no_directory)?;
        if !self.options.trust {
            // The compiler looks beside its own copy of the module, and where it runs.
            let copies = ["after", "after/empty"].map(|name| directory.path().join(name));
            fs::create_dir_all(&copies[1]).map_err(no_directory)?;
            for text in [before, after] {
                includes::stay_inside(path, &copies, text, &search, &self.options)?;
            }
        }
        let compile = |name: &str, text: &[u8]| self.compile(&directory.path().join(name), path, text, &search);
        // The old text is needed only to compare with, and mostly there is nothing to compare.
        let new = compile("after", after)?;
        if new.ok && new.messages.warnings.is_empty() {
            return Ok(Proof::Compiles { new_warnings: Vec::new() });
        }
        Ok(judge(&compile("before", before)?, &new, self.options.server.is_some()))
    }

    /// Compiles a text in a directory that is made for it.
    fn compile(&self, directory: &Path, path: &Path, text: &[u8], search: &SearchPath) -> Result<Compiled, String> {
        let file = directory.join(path.file_name().unwrap_or_default());
        // The compiler has the directory in which it runs on its code path: an empty one.
        let (out, empty) = (directory.join("out"), directory.join("empty"));
        let prepare = || {
            fs::create_dir_all(&out)?;
            fs::create_dir_all(&empty)?;
            fs::write(&file, text)
        };
        prepare().map_err(|error| format!("the module cannot be written to a temporary directory: {error}"))?;
        let mut arguments: Vec<OsString> = vec!["+brief".into(), "+nowarn_undefined_behaviour".into()];
        for include in &search.include {
            arguments.extend(["-I".into(), include.into()]);
        }
        for code in search.code.iter().filter(|_| self.options.trust) {
            arguments.extend(["-pa".into(), code.into()]);
        }
        arguments.extend(["-o".into(), out.into(), file.clone().into()]);
        let (status, said) = self.run(&arguments, directory, &empty)?;
        let messages = Messages::parse(&said, &file.to_string_lossy(), &path.to_string_lossy());
        if !status.success() && messages.errors.is_empty() {
            let said = said.lines().next().unwrap_or_default();
            return Err(format!("erlc failed without an error in the module ({status}): {said}"));
        }
        Ok(Compiled { ok: status.success(), messages })
    }

    /// Runs the compiler, and gives all that it says.
    fn run(&self, arguments: &[OsString], directory: &Path, within: &Path) -> Result<(ExitStatus, String), String> {
        let no_compiler = |erlc: &Path| format!("there is no Erlang compiler ({})", erlc.display());
        let named = self.options.erlc.as_deref().unwrap_or(Path::new("erlc"));
        let erlc = match named.to_str().filter(|_| named.components().count() == 1) {
            Some(name) => program::find(name).map_err(|_| no_compiler(named))?,
            None => named.to_path_buf(),
        };
        let output = directory.join("said");
        let temporary = |error: io::Error| format!("no temporary file can be made: {error}");
        // A file, and no pipe: whoever inherits it cannot keep this process waiting for its end.
        let file = File::create(&output).map_err(temporary)?;
        let mut command = Command::new(&erlc);
        command.args(arguments).current_dir(within).stdin(Stdio::null());
        command.stdout(file.try_clone().map_err(temporary)?).stderr(file);
        if !self.options.trust {
            for variable in ENVIRONMENT {
                command.env_remove(variable);
            }
            command.env("ERL_FLAGS", MAX_HEAP);
        }
        command.env("LC_ALL", "C.UTF-8");
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => no_compiler(&erlc),
            _ => format!("{} cannot be run: {error}", erlc.display()),
        })?;
        let status = wait(&mut child, self.time_limit)
            .map_err(|error| format!("{} cannot be waited for: {error}", erlc.display()))?
            .ok_or_else(|| format!("compiling takes longer than {} seconds", self.time_limit.as_secs()))?;
        let said = fs::read(&output).map_err(temporary)?;
        Ok((status, String::from_utf8_lossy(&said).into_owned()))
    }
}

/// A relative path would mean something else in the directory where the compiler runs. A bare name is looked for on
/// the `PATH`.
fn absolute(mut options: ProveOptions) -> ProveOptions {
    let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    options.erlc = options.erlc.map(|it| if it.components().count() > 1 { absolute(&it) } else { it });
    options.include_dirs = options.include_dirs.iter().map(absolute).collect();
    options.server = options.server.as_ref().map(absolute);
    options
}

/// Waits for the end of a child; kills it, and gives `None`, when that takes too long.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        // The compiler takes some hundred milliseconds at least.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What came of one text.
struct Compiled {
    ok: bool,
    messages: Messages,
}

fn judge(before: &Compiled, after: &Compiled, server: bool) -> Proof {
    if after.ok {
        let new_warnings = messages::new(&before.messages.warnings, &after.messages.warnings);
        return Proof::Compiles { new_warnings: new_warnings.iter().map(ToString::to_string).collect() };
    }
    let mut errors = messages::new(&before.messages.errors, &after.messages.errors);
    if before.messages.stopped_early() {
        // The compiler never came to functions then, or passed over those with macros of a missing header, and whatever
        // calls these, as an adapter does, seems to be wrong.
        errors.retain(|error| error.stops_early());
    }
    if before.ok || !errors.is_empty() {
        return Proof::Fails { errors: errors.iter().map(ToString::to_string).collect() };
    }
    Proof::NotProvable { why: why(&before.messages, server) }
}

/// Why the old text does not compile.
fn why(before: &Messages, server: bool) -> String {
    let first = before.errors.iter().find(|it| it.stops_early()).or(before.errors.first());
    let Some(first) = first else {
        return "the module did not compile before either".to_owned();
    };
    let hint = first.hint(server).map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("the module did not compile before either: {first}{hint}")
}

#[cfg(test)]
mod tests;
