//! Heads and types on lines that are not too long.

/// How long lines may get.
const WIDTH: usize = 100;

/// Where arguments go on.
pub(super) struct Line {
    /// In characters, from 0.
    pub column: usize,
    /// What stands before arguments on lines of their own.
    pub margin: String,
    /// How many characters come behind the last argument.
    pub behind: usize,
}

impl Line {
    /// Arguments, each in the parts between which a line can end: where they fit, on the line, else below, and one that is
    /// too long for a line with each of its parts on one. All of them start with a comma.
    pub fn with(mut self, arguments: &[Vec<String>]) -> String {
        let below = self.margin.chars().count();
        let margin = &self.margin;
        let mut out = String::new();
        for (index, parts) in arguments.iter().enumerate() {
            let behind = if index + 1 == arguments.len() { self.behind } else { 1 };
            let argument = parts.join(", ");
            let width = argument.chars().count();
            if self.column + 2 + width + behind <= WIDTH {
                out.push_str(&format!(", {argument}"));
                self.column += 2 + width;
            } else if below + width + behind <= WIDTH || parts.len() == 1 {
                out.push_str(&format!(",\n{margin}{argument}"));
                self.column = below + width;
            } else {
                out.push_str(&format!(",\n{margin}{}", parts.join(&format!(",\n{margin}  "))));
                self.column = below + 2 + parts.last().map_or(0, |part| part.chars().count());
            }
        }
        out
    }
}

/// A map in parts, between which commas go.
pub(super) fn map(mut fields: Vec<String>, alias: Option<&str>) -> Vec<String> {
    if let Some(first) = fields.first_mut() {
        first.insert_str(0, "#{");
    }
    if let Some(last) = fields.last_mut() {
        last.push('}');
        if let Some(alias) = alias {
            last.push_str(&format!(" = {alias}"));
        }
    }
    fields
}

/// Parts on one line behind a text, or, where that is too long, below each other.
pub(super) fn behind(before: &str, parts: &[String]) -> String {
    let text = parts.join(", ");
    let column = before.chars().count();
    if column + text.chars().count() < WIDTH {
        return format!("{before}{text}");
    }
    format!("{before}{}", parts.join(&format!(",\n{}", " ".repeat(column + 2))))
}
