//! What comes of a check, and where it goes: one format on standard output, others in files, all from one analysis.

use anyhow::Context;

use super::ci::Ci;
use super::output::Output;
use super::target::{self, Target};
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
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = target::parse::<Format>)]
    outputs: Vec<Target<Format>>,
}

/// All that is wanted of a run.
pub struct Wanted {
    /// On standard output.
    format: Format,
    files: Vec<Target<Format>>,
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
