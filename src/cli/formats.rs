//! What comes of a check, and where it goes: one format on standard output, others in files, all from one analysis.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::ci::Ci;
use super::output::Output;
use crate::report::concise::Concise;
use crate::report::full::Full;
use crate::report::json::Json;
use crate::report::{Report, Run};

/// A form in which the result of a check can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// With the source around each finding, notes, help and evidence
    #[default]
    Full,
    /// One line for each finding
    Concise,
    /// For programs; `hookshift schema check` has its schema
    Json,
}

impl Format {
    /// Whether it shows fixes, which are made only for somebody who does.
    fn has_fixes(self) -> bool {
        matches!(self, Self::Json)
    }

    /// Whether a program reads it, which expects a whole document even where there was nothing to do.
    fn is_for_programs(self) -> bool {
        !matches!(self, Self::Full | Self::Concise)
    }

    fn report(self) -> &'static dyn Report {
        match self {
            Self::Full => &Full,
            Self::Concise => &Concise,
            Self::Json => &Json,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct FormatArgs {
    /// How findings are shown on standard output [default: full, and in GitHub Actions and GitLab CI what fits there]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write findings to a file as well, in the format before the `=` (may be repeated)
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = parse_target)]
    outputs: Vec<Target>,
}

/// A format with the file that gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    format: Format,
    file: PathBuf,
    /// What stands in the file stays there, above.
    appends: bool,
}

fn parse_target(text: &str) -> Result<Target, String> {
    let (format, file) = text.split_once('=').ok_or("FORMAT=FILE is expected, as in json=findings.json")?;
    let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| {
        let known = <Format as clap::ValueEnum>::value_variants().iter();
        let known: Vec<_> =
            known.filter_map(|it| Some(clap::ValueEnum::to_possible_value(it)?.get_name().to_owned())).collect();
        let suggestion = crate::suggest::did_you_mean(format, known.iter().map(String::as_str));
        format!("there is no format `{format}`{suggestion}; formats are {}", known.join(", "))
    })?;
    if file.is_empty() {
        return Err("the name of the file is missing behind the `=`".to_owned());
    }
    Ok(Target { format, file: file.into(), appends: false })
}

/// All that is wanted of a run.
pub struct Wanted {
    /// On standard output.
    format: Format,
    files: Vec<Target>,
}

impl FormatArgs {
    /// What is asked for; what fits the service that runs this, when nothing is.
    pub fn wanted(&self, ci: Option<&Ci>) -> Wanted {
        match ci {
            Some(ci) if self.format.is_none() && self.outputs.is_empty() => Wanted::of_service(ci),
            _ => Wanted { format: self.format.unwrap_or_default(), files: self.outputs.clone() },
        }
    }
}

impl Wanted {
    fn of_service(_ci: &Ci) -> Self {
        Self { format: Format::default(), files: Vec::new() }
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        std::iter::once(self.format).chain(self.files.iter().map(|it| it.format))
    }

    /// Whether any of them shows fixes.
    pub fn has_fixes(&self) -> bool {
        self.formats().any(Format::has_fixes)
    }

    /// Whether standard output is read by a program.
    pub fn is_for_programs(&self) -> bool {
        self.format.is_for_programs()
    }

    /// Writes the files.
    ///
    /// # Errors
    /// One of them cannot be written.
    pub fn write_files(&self, run: &Run<'_>) -> anyhow::Result<()> {
        let run = Run { color: false, ..*run };
        self.files.iter().try_for_each(|target| {
            let written = target.write(|out| target.format.report().write(&run, out));
            written.with_context(|| format!("cannot write {}", target.file.display()))
        })
    }

    /// Writes what goes to standard output.
    ///
    /// # Errors
    /// Those of [`Output::write`].
    pub fn print(&self, run: &Run<'_>, output: Output) -> anyhow::Result<()> {
        output.write(|out| self.format.report().write(run, out))
    }
}

impl Target {
    /// A file is there whole or not at all. What is no plain file, as a pipe, is written to as it comes.
    fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let is_plain = fs::metadata(&self.file).map_or(true, |it| it.is_file());
        if self.appends || !is_plain {
            let file = OpenOptions::new().append(self.appends).write(true).create(self.appends).open(&self.file)?;
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            return out.flush();
        }
        // Where a link leads is what is meant.
        let file = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
        let directory = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut builder = tempfile::Builder::new();
        // As any file that a program makes, and not for its owner alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(directory)?;
        let mut out = BufWriter::new(temporary);
        write(&mut out)?;
        let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        temporary.persist(&file).map(drop).map_err(|error| error.error)
    }
}
