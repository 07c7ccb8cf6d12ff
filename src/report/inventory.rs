//! The inventory of registrations, as a table and as JSON.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::escape;
use super::json::{HandlerOut, write_pretty};
use super::paths::Shown;
use super::summary::Count;
use super::table::{Cell, Table};
use crate::catalog::{HookStatus, Version};
use crate::check::analysis::Registration;

/// Writes the registrations as a JSON array.
///
/// # Errors
/// Those of `out`.
pub fn json(inventory: &[Registration], paths: &Shown, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = inventory.iter().map(|it| HandlerOut::of(it, paths)).collect();
    write_pretty(&rows, out)
}

/// Writes the registrations as a table, in lines of at most `width` characters where that can be done, with a closing line.
///
/// # Errors
/// Those of `out`.
pub fn text(
    inventory: &[Registration],
    releases: (Version, Version),
    paths: &Shown,
    (color, width): (bool, usize),
    out: &mut dyn Write,
) -> io::Result<()> {
    let header = ["STATUS", "HOOK", "TAG", "HANDLER", "PRIORITY", "ACTION", "REGISTERED", "PLACE"];
    if !inventory.is_empty() {
        let mut table = Table::new(header);
        for registration in inventory {
            table.row(row(registration, paths, color).into());
        }
        table.write(out, width)?;
        writeln!(out)?;
    }
    closing(inventory, releases, out)
}

fn row(registration: &Registration, paths: &Shown, color: bool) -> [Cell; 8] {
    let it = registration;
    let at = it.place.source.position(it.place.span.start);
    let place = format!("{}:{}", paths.show(it.place.source.path()), at.line);
    let handler = it.handler.as_ref().map(ToString::to_string);
    let priority = it.priority.map(|number| number.to_string());
    let priority = priority.as_deref().or(it.priority_source.as_deref());
    [
        status(registration, color),
        plain(it.hook.as_deref().unwrap_or("?")),
        plain(&it.tag),
        plain(handler.as_deref().unwrap_or("?")),
        plain(priority.unwrap_or("?")),
        plain(it.action.as_str()),
        plain(&it.registered),
        plain(&place),
    ]
}

/// Text on one line; what a terminal could stumble over is made visible.
fn plain(text: &str) -> Cell {
    Cell::styled(escape::one_line(text), Style::new())
}

fn status(registration: &Registration, color: bool) -> Cell {
    let text = match (&registration.why_unresolved, registration.resolved) {
        (_, true) => registration.status.as_str().to_owned(),
        (Some(why), false) => format!("unresolved: {why}"),
        (None, false) => "unresolved".to_owned(),
    };
    let style = match registration.status {
        _ if !color => Style::new(),
        HookStatus::Removed => AnsiColor::Red.on_default(),
        HookStatus::Changed | HookStatus::Meaning | HookStatus::Unknown => AnsiColor::Yellow.on_default(),
        HookStatus::Unchanged | HookStatus::Added => Style::new(),
    };
    Cell::styled(escape::one_line(&text), style)
}

fn closing(inventory: &[Registration], (from, to): (Version, Version), out: &mut dyn Write) -> io::Result<()> {
    let fates = [
        HookStatus::Unchanged,
        HookStatus::Changed,
        HookStatus::Removed,
        HookStatus::Meaning,
        HookStatus::Added,
        HookStatus::Unknown,
    ];
    let counts: Vec<_> = fates
        .into_iter()
        .map(|fate| (fate, inventory.iter().filter(|it| it.status == fate).count()))
        .filter(|&(_, count)| count > 0)
        .map(|(fate, count)| format!("{count} {}", fate.as_str()))
        .collect();
    let unresolved = inventory.iter().filter(|it| !it.resolved).count();
    let separator = if counts.is_empty() { "" } else { ": " };
    writeln!(
        out,
        "{from} → {to}: {}{separator}{}; {unresolved} unresolved.",
        Count(inventory.len(), "registration"),
        counts.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    const RELEASES: (Version, Version) = (Version::new(6, 0, 0), Version::new(6, 1, 0));

    #[test]
    fn the_table_shows_what_is_known() {
        let mut out = anstream::StripStream::new(Vec::new());
        let inventory = samples::analysis().inventory;
        text(&inventory, RELEASES, &Shown::relative_to("/"), (false, usize::MAX), &mut out).unwrap();
        let shown = String::from_utf8(out.into_inner()).unwrap();
        assert_eq!(
            shown,
            "\
STATUS                                      HOOK       TAG       HANDLER             PRIORITY  ACTION  REGISTERED        PLACE
removed                                     acme_gone  HostType  acme_words:check/3  50        add     hooks/1 callback  src/acme_filter.erl:3
unresolved: the hook's name is an argument  ?          HostType  ?                   ?PRIO     add     hooks/1 callback  src/acme_filter.erl:3

6.0.0 → 6.1.0: 2 registrations: 1 removed, 1 unknown; 1 unresolved.
"
        );
    }

    #[test]
    fn nothing_registered_is_one_line() {
        let mut out = Vec::new();
        text(&[], RELEASES, &Shown::relative_to("/"), (false, usize::MAX), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "6.0.0 → 6.1.0: 0 registrations; 0 unresolved.\n");
    }
}
