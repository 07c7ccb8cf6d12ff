//! `hookshift dev parse-diff`: where parsing form by form and parsing a whole file see different declarations, and where
//! what is read from a function's tokens is not what the grammar makes of it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Outcome;
use super::output::Output;
use crate::project::bounds::Bounds;
use crate::project::files::{self, Excludes};
use crate::source::{Source, Span};
use crate::syntax::declarations::{Declaration, Declared, declarations};
use crate::syntax::{self, scan};

/// Compare the declarations found form by form with those found in whole files
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files and directories
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// How many declarations of each difference to show
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    show: usize,
}

/// One file in which the two ways differ.
struct Difference {
    source: Source,
    whole: Declared,
    by_form: Declared,
    /// How many forms are read from their tokens.
    plain: usize,
    /// Those of them that are something else to the grammar.
    misread: Vec<Span>,
}

#[derive(Default)]
struct Totals {
    files: usize,
    declarations: usize,
    /// Files in which a whole-file parse meets something that it does not understand.
    broken: usize,
    plain: usize,
    misread: usize,
}

pub fn run(args: &Args, output: Output) -> anyhow::Result<Outcome> {
    let files = files::find(&args.paths, &Excludes::default(), &Bounds::default());
    let compared: Vec<_> = files.paths.par_iter().filter_map(|path| compare(path)).collect();
    let mut totals = Totals::default();
    let mut differences = Vec::new();
    for difference in compared {
        totals.files += 1;
        totals.declarations += difference.by_form.declarations.len();
        totals.broken += usize::from(difference.whole.errors);
        totals.plain += difference.plain;
        totals.misread += difference.misread.len();
        if difference.whole.declarations != difference.by_form.declarations || !difference.misread.is_empty() {
            differences.push(difference);
        }
    }
    output.write(|out| {
        for difference in &differences {
            difference.write(args.show, out)?;
        }
        writeln!(
            out,
            "{} files, {} of them with code that is not understood, {} declarations; {} files differ",
            totals.files,
            totals.broken,
            totals.declarations,
            differences.len()
        )?;
        writeln!(out, "{} functions are read from their tokens, {} of them differ", totals.plain, totals.misread)
    })?;
    Ok(if differences.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Parses a file in both ways; a file that cannot be read has nothing to compare.
fn compare(path: &Path) -> Option<Difference> {
    let source = Source::read(path).ok()?;
    let whole = declarations(source.text(), 0);
    let (mut by_form, mut plain, mut misread) = (Declared::default(), 0, Vec::new());
    for form in scan::split(source.text()).forms {
        let alike = syntax::is_read_alike(source.slice(form.span));
        plain += usize::from(alike.is_some());
        misread.extend((alike == Some(false)).then_some(form.span));
        let declared = declarations(source.slice(form.span), form.span.start as usize);
        by_form.declarations.extend(declared.declarations);
        by_form.errors |= declared.errors;
    }
    Some(Difference { source, whole, by_form, plain, misread })
}

impl Difference {
    fn write(&self, show: usize, out: &mut dyn Write) -> io::Result<()> {
        let broken = |declared: &Declared| if declared.errors { "with errors" } else { "clean" };
        writeln!(
            out,
            "{}: whole file {}, form by form {}",
            self.source.path().display(),
            broken(&self.whole),
            broken(&self.by_form)
        )?;
        for form in &self.misread {
            let line = self.source.position(form.start).line;
            writeln!(out, "  line {line}: the function is another one by its tokens")?;
        }
        self.write_missing("whole file", &self.whole, &self.by_form, show, out)?;
        self.write_missing("form by form", &self.by_form, &self.whole, show, out)
    }

    /// What only one of the two ways has.
    fn write_missing(
        &self,
        way: &str,
        has: &Declared,
        lacks: &Declared,
        show: usize,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        // Both are in the order of their spans, which begin the comparison.
        let only: Vec<_> = has.declarations.iter().filter(|it| lacks.declarations.binary_search(it).is_err()).collect();
        if only.is_empty() {
            return Ok(());
        }
        writeln!(out, "  only {way}: {}", only.len())?;
        for declaration in only.iter().take(show) {
            self.write_declaration(declaration, out)?;
        }
        Ok(())
    }

    fn write_declaration(&self, declaration: &Declaration, out: &mut dyn Write) -> io::Result<()> {
        let Declaration { kind, name, arity, span } = declaration;
        let line = |offset| self.source.position(offset).line;
        let arity = arity.map_or_else(String::new, |arity| format!("/{arity}"));
        writeln!(out, "    lines {} to {}: {kind} {name}{arity}", line(span.start), line(span.end))
    }
}
