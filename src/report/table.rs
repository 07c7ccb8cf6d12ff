//! Aligned tables for the terminal.

use std::io::{self, Write};
use std::ops::Range;

use anstyle::Style;

/// Columns are set apart by this many blanks; the further lines of a row, where it needs several, are indented by as many.
const GAP: usize = 2;

/// A table with a head, whose columns are as wide as they need to be, or narrower when the line is too short:
/// then cells are broken at blanks, except for those of the first column, which name their rows. Where even that is too
/// wide, the columns of a row stand on several lines, the head's like all others'. No line ends in blanks.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// Text without line breaks, and how it looks.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell in the given style.
    #[must_use]
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

impl Table {
    /// A table without rows. A head of empty texts is not written.
    #[must_use]
    pub fn new<T: Into<String>>(head: impl IntoIterator<Item = T>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row; it has as many cells as the head.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.head.len());
        self.rows.push(cells);
    }

    /// Writes the table in lines of at most `width` characters where that can be done without breaking words;
    /// `usize::MAX` keeps every row on one line, as is right for output that another program reads.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn write(&self, out: &mut dyn Write, width: usize) -> io::Result<()> {
        let lines = self.lines(width);
        if self.head.iter().any(|title| !title.is_empty()) {
            let bold = Style::new().bold();
            let head: Vec<Cell> = self.head.iter().map(|title| Cell::styled(title.clone(), bold)).collect();
            write_row(out, &head, &lines)?;
        }
        self.rows.iter().try_for_each(|row| write_row(out, row, &lines))
    }

    /// The columns of each line of a row, with how wide they are.
    fn lines(&self, available: usize) -> Vec<Line> {
        let columns = 0..self.head.len();
        let natural: Vec<usize> = columns.clone().map(|column| self.measure(column, chars)).collect();
        let mut least: Vec<usize> = columns.map(|column| self.measure(column, longest_word)).collect();
        // Names are whole as long as others have as much room as they.
        if let (Some(least), Some(&natural)) = (least.first_mut(), natural.first())
            && natural <= available / 2
        {
            *least = natural;
        }
        let mut lines: Vec<Line> = Vec::new();
        let mut taken = 0;
        for (column, &width) in least.iter().enumerate() {
            match lines.last_mut() {
                Some(line) if taken + GAP + width <= available => {
                    line.columns.end += 1;
                    taken += GAP + width;
                }
                last => {
                    let indent = if last.is_some() { GAP } else { 0 };
                    lines.push(Line { indent, columns: column..column + 1, widths: Vec::new() });
                    taken = indent + width;
                }
            }
        }
        for line in &mut lines {
            line.widths = fit(
                &natural[line.columns.clone()],
                &least[line.columns.clone()],
                available.saturating_sub(line.indent),
            );
        }
        lines
    }

    fn measure(&self, column: usize, length: fn(&str) -> usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| length(&cell.text)).fold(length(&self.head[column]), usize::max)
    }
}

/// Columns that stand beside each other.
struct Line {
    indent: usize,
    columns: Range<usize>,
    widths: Vec<usize>,
}

/// Takes from the widest columns until a line fits, but nothing from what they have at least.
fn fit(natural: &[usize], least: &[usize], available: usize) -> Vec<usize> {
    let mut widths = natural.to_vec();
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > available {
        let widest =
            (0..widths.len()).filter(|&column| widths[column] > least[column]).max_by_key(|&column| widths[column]);
        match widest {
            Some(column) => widths[column] -= 1,
            None => break,
        }
    }
    widths
}

fn write_row(out: &mut dyn Write, cells: &[Cell], lines: &[Line]) -> io::Result<()> {
    lines.iter().try_for_each(|line| write_line(out, &cells[line.columns.clone()], line))
}

fn write_line(out: &mut dyn Write, cells: &[Cell], columns: &Line) -> io::Result<()> {
    let widths = &columns.widths;
    let cells: Vec<(Style, Vec<String>)> =
        cells.iter().zip(widths).map(|(cell, &width)| (cell.style, fill(&cell.text, width))).collect();
    let height = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    for line in 0..height {
        // Blanks are written when something follows them, so that no line ends in any.
        let mut pending = columns.indent;
        for ((style, lines), width) in cells.iter().zip(widths) {
            let text = lines.get(line).map_or("", String::as_str);
            if !text.is_empty() {
                write!(out, "{:pending$}{style}{text}{style:#}", "")?;
                pending = 0;
            }
            pending += width.saturating_sub(chars(text)) + GAP;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Breaks text at blanks into lines of at most `width` characters; a longer word stands alone.
pub(super) fn fill(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if chars(line) + 1 + chars(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn longest_word(text: &str) -> usize {
    text.split_whitespace().map(chars).max().unwrap_or(0)
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(table: &Table, width: usize) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        table.write(&mut out, width).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    fn table() -> Table {
        let mut table = Table::new(["NAME", "KEYS", "WHERE"]);
        table.row(vec!["a".into(), "one, two, three".into(), "x".into()]);
        table.row(vec!["bcdef".into(), "".into(), "yé".into()]);
        table
    }

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        assert_eq!(
            text(&table(), usize::MAX),
            "NAME   KEYS             WHERE\na      one, two, three  x\nbcdef                   yé\n"
        );
    }

    #[test]
    fn a_short_line_breaks_cells_and_no_words() {
        assert_eq!(
            text(&table(), 20),
            "NAME   KEYS    WHERE\na      one,    x\n       two,\n       three\nbcdef          yé\n"
        );
    }

    #[test]
    fn where_words_have_no_room_rows_take_several_lines() {
        assert_eq!(text(&table(), 16), "NAME   KEYS\n  WHERE\na      one, two,\n       three\n  x\nbcdef\n  yé\n");
        // Narrower than the words: as narrow as they permit.
        let narrow = "NAME\n  KEYS\n  WHERE\na\n  one,\n  two,\n  three\n  x\nbcdef\n  yé\n";
        assert_eq!(text(&table(), 3), narrow);
        assert_eq!(text(&table(), 0), narrow);
    }

    #[test]
    fn names_that_leave_no_room_are_broken_as_well() {
        let mut table = Table::new(["A", "B"]);
        table.row(vec!["a name of many words".into(), "x".into()]);
        assert_eq!(text(&table, 50), "A                     B\na name of many words  x\n");
        assert_eq!(text(&table, 13), "A           B\na name of   x\nmany words\n");
    }

    #[test]
    fn styles_do_not_disturb_the_alignment() {
        let mut table = Table::new(["A", "B"]);
        table.row(vec![Cell::styled("x", Style::new().bold()), "y".into()]);
        let mut out = Vec::new();
        table.write(&mut out, 80).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("\u{1b}[1mx\u{1b}[0m  y"));
        assert_eq!(text(&table, 80), "A  B\nx  y\n");
    }
}
