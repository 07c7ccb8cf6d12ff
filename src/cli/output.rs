//! Standard output: whether it is coloured, and what happens when nobody reads it.

use std::io::{self, BufWriter, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice, StripStream};

use super::ci::Ci;
use crate::report::workflow;

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless the environment (`NO_COLOR`, `CLICOLOR`, `TERM=dumb`) says otherwise
    #[default]
    Auto,
    Always,
    Never,
}

/// Standard output, not yet opened.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    when: ColorWhen,
}

impl Output {
    pub fn new(when: ColorWhen) -> Self {
        Self { when }
    }

    /// Whether text may carry colours.
    pub fn color(self) -> bool {
        match self.when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        }
    }

    /// How many characters fit in a line; `None` when standard output is no terminal.
    pub fn terminal_width(self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0))
    }

    /// How wide a table may be: as wide as the terminal; what another program reads has each row on one line.
    pub fn table_width(self) -> usize {
        self.terminal_width().unwrap_or(usize::MAX)
    }

    /// As [`Output::write`], for what may give commands to GitHub's runner.
    ///
    /// # Errors
    /// Those of [`Output::write`].
    pub fn write_commands(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        let mut out = BufWriter::with_capacity(64 * 1024, self.open());
        let written = write(&mut out).and_then(|()| out.flush());
        if written.is_err() {
            // What is still buffered has no reader; dropping the buffer would try again.
            let _ = out.into_parts();
        }
        told(written)
    }

    /// Hands `write` a buffered standard output, and flushes it. A reader that has gone away, as `head` does, has
    /// all that it wanted: that is no error. In GitHub Actions, nothing in it is taken for a command.
    ///
    /// # Errors
    /// Any other failure to write.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        if !is_workflow() {
            return self.write_commands(write);
        }
        let mut text = Vec::new();
        let written = if self.color() {
            write(&mut text)
        } else {
            let mut out = StripStream::new(text);
            let written = write(&mut out);
            text = out.into_inner();
            written
        };
        // What was written before it failed is shown all the same.
        let sent = send(&workflow::unheeded(&text));
        told(written.and(sent))
    }

    /// Writes a diff, whatever its encoding, to a standard output that is no terminal.
    ///
    /// # Errors
    /// Any failure to write but that nobody reads.
    pub fn write_raw(self, bytes: &[u8]) -> anyhow::Result<()> {
        let bytes = if is_workflow() { workflow::enclosed(bytes) } else { bytes.into() };
        told(send(&bytes))
    }

    /// Without colours, styles are taken off here, so that what writes need not ask.
    fn open(self) -> AutoStream<StdoutLock<'static>> {
        let stdout = io::stdout().lock();
        if self.color() { AutoStream::always(stdout) } else { AutoStream::never(stdout) }
    }
}

/// Hands `write` standard error.
///
/// # Errors
/// Those of `write`; where standard error is closed, there is nobody to tell.
pub fn write_error(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if !is_workflow() {
        return write(&mut io::stderr().lock());
    }
    let mut text = Vec::new();
    let written = write(&mut text);
    io::stderr().lock().write_all(&workflow::unheeded(&text)).and(written)
}

/// Prints help, version, or what is wrong with how the program was called. The last shows arguments, which can be names of files from anywhere.
///
/// # Errors
/// Those of writing.
pub fn write_usage(error: &clap::Error) -> io::Result<()> {
    if error.use_stderr() && is_workflow() {
        return write_error(|out| write!(out, "{}", error.render()));
    }
    error.print()
}

/// Whether what is written is looked through for commands.
fn is_workflow() -> bool {
    matches!(Ci::detect(), Some(Ci::GithubActions { .. }))
}

fn send(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush())
}

fn told(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to standard output"))
        }
        _ => Ok(()),
    }
}
