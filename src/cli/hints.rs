//! What helps somebody who uses hookshift for the first time.

use std::path::Path;

use super::project_args::{Project, describe};
use crate::check::analysis::Analysis;
use crate::project::files::Files;
use crate::project::settings::Origin;

/// What there is to begin with, for whoever calls hookshift without saying what for.
const BEGINNING: &str = "\
hookshift upgrades custom MongooseIM modules: it finds their hook handlers, says
what another release of the server breaks in them, and writes the new code.

  hookshift check           what breaks in the modules here, why, what to write
  hookshift fix             the new code, as a diff
  hookshift fix --write     the same, put in place
  hookshift plan            everything else that the upgrade takes
  hookshift explain HOOK    what became of a hook

Another directory is named behind the command, as in `hookshift check apps/acme`,
another target as in `hookshift check --to 6.8.0`.

`hookshift --help` has all commands, `hookshift check --help` one with its options.";

/// Says what hookshift is and how one begins.
pub fn tell_where_to_begin() {
    use std::io::Write;
    // Where standard error is closed, there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{BEGINNING}");
}

/// As many paths that are left out are named.
const MOST_LEFT_OUT: usize = 3;

/// Files that say: here is where an Erlang project begins.
const BUILD_FILES: [&str; 3] = ["rebar.config", "erlang.mk", "mix.exs"];

/// Says that there is no Erlang below the paths, which is rarely what was meant, and where there may be some.
pub fn tell_of_no_files(project: &Project, files: &Files) {
    let show = |path: &Path| project.shown.show(path);
    let roots: Vec<String> = project.roots().iter().map(|path| show(path)).collect();
    super::say("warning", &format!("no Erlang files (*.erl, *.hrl, *.escript) in {}", roots.join(", ")));
    if !files.server_configs.is_empty() {
        return;
    }
    let left_out = project.left_out(files);
    if !left_out.is_empty() {
        let named: Vec<String> =
            left_out.iter().take(MOST_LEFT_OUT).map(|it| format!("{} ({})", show(&it.path), it.reason)).collect();
        let more = match left_out.len().saturating_sub(MOST_LEFT_OUT) {
            0 => String::new(),
            more => format!(" and {more} more, see --show-files"),
        };
        super::say("note", &format!("left out: {}{more}", named.join(", ")));
    }
    match project.roots().iter().find_map(|root| project_above(root)) {
        Some(above) => super::say("note", &format!("a project begins above, in {}", show(&above))),
        None if left_out.is_empty() => {
            super::say("note", "name the directory that has your modules, as in `hookshift check PATH`");
        }
        None => {}
    }
}

/// The nearest directory above that has a build file.
fn project_above(root: &Path) -> Option<std::path::PathBuf> {
    let above = root.canonicalize().ok()?;
    let found = above.ancestors().skip(1).find(|directory| BUILD_FILES.iter().any(|it| directory.join(it).is_file()));
    found.map(Path::to_path_buf)
}

/// Says from which release code was taken to be, and to which it was held, where nobody said so.
pub fn tell_of_releases(project: &Project, analysis: &Analysis) {
    let (from, to) = (&project.settings.from, &project.settings.to);
    if analysis.summary.files == 0 {
        return;
    }
    let taken = project.taken_from(analysis);
    let older = analysis.older.as_ref().filter(|_| taken != from.0);
    let why = match (&from.1, older) {
        (_, Some(place)) => Some(describe(&Origin::Code(place.clone()), &project.shown)),
        (Origin::Default(None), None) => Some("nothing here names a release".to_owned()),
        _ => None,
    };
    if let Some(why) = why {
        super::say("note", &format!("taken to be written for {taken}, as {why}; --from names another release"));
    }
    let newest = project.settings.config.catalog().releases().max();
    if let (Origin::Default(_), Some(newest)) = (&to.1, newest.filter(|newest| *newest > to.0)) {
        super::say("note", &format!("{} is the target unless --to names another, up to {newest}", to.0));
    }
}
