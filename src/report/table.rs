//! Aligned columns of text.

use std::io::{self, Write};

use anstyle::Style;

use super::escape;

/// A field of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Text on one line; what a terminal could stumble over is made visible.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: escape::one_line(text).into_owned(),
            style: Style::new(),
        }
    }

    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}

/// Writes a header and rows, each column as wide as its widest field, with two blanks between. The last column
/// is not padded, so no line ends in blanks.
///
/// # Errors
/// Those of `out`.
pub fn write<const N: usize>(
    out: &mut dyn Write,
    header: [&str; N],
    rows: &[[Cell; N]],
) -> io::Result<()> {
    let header = header.map(Cell::new);
    let mut widths = [0; N];
    for row in std::iter::once(&header).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.text.chars().count().max(*width);
        }
    }
    for row in std::iter::once(&header).chain(rows) {
        line(out, row, &widths)?;
    }
    Ok(())
}

fn line<const N: usize>(
    out: &mut dyn Write,
    row: &[Cell; N],
    widths: &[usize; N],
) -> io::Result<()> {
    // Blanks are written when something follows, not before.
    let mut owed = 0;
    for (cell, width) in row.iter().zip(widths) {
        let (text, style) = (&cell.text, cell.style);
        if !text.is_empty() {
            write!(out, "{:owed$}{style}{text}{style:#}", "")?;
            owed = 0;
        }
        owed += width - text.chars().count() + 2;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = [
            [Cell::new("ʃʃʃʃ"), Cell::new(""), Cell::new("")],
            [Cell::new("x"), Cell::new("two\nlines"), Cell::new("z")],
        ];
        let mut out = Vec::new();
        write(&mut out, ["A", "B", "C"], &rows).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "A     B          C\nʃʃʃʃ\nx     two lines  z\n"
        );
    }
}
