//! `--output FORMAT=FILE`: a file that gets one of the forms in which a result can be had.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::rewrite::write;

/// A format with the file that gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<F> {
    pub format: F,
    pub file: PathBuf,
    /// What stands in the file stays there, above.
    pub appends: bool,
}

/// Reads `FORMAT=FILE`.
///
/// # Errors
/// It is not of that form, or there is no such format.
pub fn parse<F: clap::ValueEnum>(text: &str) -> Result<Target<F>, String> {
    let (format, file) = text.split_once('=').ok_or("FORMAT=FILE is expected, as in json=findings.json")?;
    let format = F::from_str(format, false).map_err(|_| {
        let known = F::value_variants().iter();
        let known: Vec<_> = known.filter_map(|it| Some(it.to_possible_value()?.get_name().to_owned())).collect();
        let suggestion = crate::suggest::did_you_mean(format, known.iter().map(String::as_str));
        format!("there is no format `{format}`{suggestion}; formats are {}", known.join(", "))
    })?;
    if file.is_empty() {
        return Err("the name of the file is missing behind the `=`".to_owned());
    }
    Ok(Target { format, file: file.into(), appends: false })
}

impl<F> Target<F> {
    /// Writes the file. It is there whole or not at all. What is no plain file, as a pipe, is written to as it comes.
    ///
    /// # Errors
    /// Those of the file system and of `content`.
    pub fn write(&self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let is_plain = fs::metadata(&self.file).map_or(true, |it| it.is_file());
        if self.appends || !is_plain {
            let file = OpenOptions::new().append(self.appends).write(true).create(self.appends).open(&self.file)?;
            let mut out = BufWriter::new(file);
            content(&mut out)?;
            return out.flush();
        }
        if let Some(directory) = self.file.parent() {
            fs::create_dir_all(directory)?;
        }
        write::put(&self.file, content)
    }
}
