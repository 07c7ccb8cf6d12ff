//! Standard output: whether it is coloured, and what happens when nobody reads it.

use std::io::{self, BufWriter, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};

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

    /// Hands `write` a buffered standard output, and flushes it. A reader that has gone away, as `head` does, has
    /// all that it wanted: that is no error.
    ///
    /// # Errors
    /// Any other failure to write.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        let mut out = BufWriter::with_capacity(64 * 1024, self.open());
        let written = write(&mut out).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(anyhow::Error::new(error).context("cannot write to standard output"))
            }
            Err(_) => {
                // What is still buffered has no reader; dropping the buffer would try again.
                let _ = out.into_parts();
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Writes bytes as they are, whatever their encoding, to a standard output that is no terminal.
    ///
    /// # Errors
    /// Any failure to write but that nobody reads.
    pub fn write_raw(self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(anyhow::Error::new(error).context("cannot write to standard output"))
            }
            _ => Ok(()),
        }
    }

    /// Without colours, styles are taken off here, so that what writes need not ask.
    fn open(self) -> AutoStream<StdoutLock<'static>> {
        let stdout = io::stdout().lock();
        if self.color() { AutoStream::always(stdout) } else { AutoStream::never(stdout) }
    }
}
