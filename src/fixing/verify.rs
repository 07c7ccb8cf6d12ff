//! What every set of fixes promises, held against what came of it. Asked by the tests of each fix, and by the fuzzers.

use std::sync::Arc;

use anyhow::{Context, ensure};

use super::{Changed, Outcome, damage, is_toml, run};
use crate::finding::Finding;
use crate::outline::Module;
use crate::project::options::Options;
use crate::rewrite::{Edit, Fix};
use crate::source::{Source, Span};

/// Applies fixes as [`run`] does, without a compiler, and asserts that
///
/// * a fix is unsafe exactly when it says why;
/// * each changed file is the old one with the edits of the applied fixes, byte by byte: outside of them nothing changed;
/// * no part of a file that could be parsed cannot be parsed any more;
/// * a second run changes nothing.
///
/// # Errors
/// Those of [`run`], and what is not as promised.
pub fn run_verified(options: &Options, wanted: &mut dyn FnMut(&Finding, &Fix) -> bool) -> anyhow::Result<Outcome> {
    let outcome = run(options, None, wanted)?;
    for applied in &outcome.applied {
        let Fix { title, reasons, .. } = &applied.fix;
        ensure!(applied.fix.is_safe() == reasons.is_empty(), "only an unsafe fix has reasons: {title}");
    }
    let edits: Vec<&Edit> = outcome.applied.iter().flat_map(|applied| &applied.fix.edits).collect();
    let mut options = options.clone();
    for file in &outcome.files {
        let path = file.source.path();
        only_edits(file, &edits).with_context(|| path.display().to_string())?;
        no_damage(file).with_context(|| path.display().to_string())?;
        options.overlay.insert(path.to_path_buf(), Arc::clone(&file.new));
    }
    if let Some(file) = run(&options, None, wanted)?.files.first() {
        anyhow::bail!("a second run changes something: {}\n{}", file.source.path().display(), file.text);
    }
    Ok(outcome)
}

/// Makes the edits once more, in the plainest way, and holds the result against what was made of them.
fn only_edits(file: &Changed, edits: &[&Edit]) -> anyhow::Result<()> {
    let on_disk = |text: &str| file.source.encode(text);
    ensure!(on_disk(file.source.text()).as_deref() == Some(&*file.old), "the old text is not what stands in the file");
    ensure!(on_disk(&file.text).as_deref() == Some(&*file.new), "the new text is not what is to be written");
    let mut text = file.source.text().to_owned();
    let mut pass: Vec<(Span, String)> = Vec::new();
    for edit in edits.iter().filter(|edit| edit.place.source.path() == file.source.path()) {
        let source = &edit.place.source;
        if source.text() != text {
            // The first edit of a later pass, whose places are those of what the passes before made.
            text = replaced(&text, &mut pass)?;
            ensure!(source.text() == text, "a pass started with another text than the one before left");
        }
        pass.push((edit.place.span, edit.text.replace('\n', source.newline())));
    }
    ensure!(replaced(&text, &mut pass)? == file.text, "the new text is not the old one with the edits");
    Ok(())
}

/// A text with other texts in place of parts of it; the same edit made twice is made once.
fn replaced(text: &str, edits: &mut Vec<(Span, String)>) -> anyhow::Result<String> {
    edits.sort();
    edits.dedup();
    let (mut out, mut done) = (String::new(), 0);
    for (span, new) in edits.drain(..) {
        let kept = text.get(done..span.start as usize);
        out.push_str(kept.with_context(|| format!("edits overlap or part a character at {span:?}"))?);
        out.push_str(&new);
        done = span.end as usize;
    }
    out.push_str(text.get(done..).context("an edit ends within a character or behind the end")?);
    Ok(out)
}

fn no_damage(file: &Changed) -> anyhow::Result<()> {
    if is_toml(file.source.path()) {
        return Ok(());
    }
    let new = Source::from_bytes(file.source.path().to_path_buf(), file.new.to_vec())?;
    ensure!(new.text() == file.text, "the new text is read back as another one");
    let (old, new) = (damage(&Module::new(Arc::clone(&file.source))), damage(&Module::new(Arc::new(new))));
    ensure!(new <= old, "{new} places cannot be parsed, and {old} could not before");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    const OLD: &str = "-module(a).\r\nf() -> one, two.\r\n";

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::from_bytes("/p/a.erl".into(), text.as_bytes().to_vec()).unwrap())
    }

    fn edit(source: &Arc<Source>, old: &str, new: &str) -> Edit {
        let start = source.text().find(old).unwrap();
        Edit::replace(Place::new(source, Span::new(start, start + old.len())), new)
    }

    fn changed(new: &str) -> Changed {
        let source = source(OLD);
        Changed { source, text: new.to_owned(), old: OLD.as_bytes().to_vec(), new: new.as_bytes().into() }
    }

    fn judged(file: &Changed, edits: &[Edit]) -> Result<(), String> {
        only_edits(file, &edits.iter().collect::<Vec<_>>()).map_err(|error| error.to_string())
    }

    #[test]
    fn edits_of_one_pass_and_of_the_next_one_make_the_new_text() {
        let first = source(OLD);
        let second = source("-module(a).\r\nf() -> 1,\r\n2.\r\n");
        let edits = [
            edit(&first, "one, two", "1,\n2"),
            // What two fixes want alike is done once.
            edit(&first, "one, two", "1,\n2"),
            edit(&second, "2", "two"),
        ];
        assert_eq!(judged(&changed("-module(a).\r\nf() -> 1,\r\ntwo.\r\n"), &edits), Ok(()));
    }

    #[test]
    fn what_no_edit_names_must_not_change() {
        let edits = [edit(&source(OLD), "one", "1")];
        assert_eq!(judged(&changed("-module(a).\r\nf() -> 1, two.\r\n"), &edits), Ok(()));
        for new in ["-module(a).\r\nf() -> 1, two.\n", "-module(b).\r\nf() -> 1, two.\r\n", OLD] {
            assert_eq!(judged(&changed(new), &edits), Err("the new text is not the old one with the edits".to_owned()));
        }
    }

    #[test]
    fn passes_have_to_follow_each_other() {
        let edits = [edit(&source(OLD), "one", "1"), edit(&source("f() -> 1, zwei.\n"), "zwei", "2")];
        let found = judged(&changed("-module(a).\r\nf() -> 1, 2.\r\n"), &edits);
        assert_eq!(found, Err("a pass started with another text than the one before left".to_owned()));
    }

    #[test]
    fn edits_must_not_overlap_or_part_characters() {
        let text = source("f() -> \u{e9}.\n");
        let at = |start, end| Edit::replace(Place::new(&text, Span::new(start, end)), "x");
        for edits in [vec![at(0, 3), at(2, 4)], vec![at(8, 9)], vec![at(7, 8)], vec![at(9, 99)]] {
            let file = Changed { source: Arc::clone(&text), ..changed("x") };
            let file = Changed { old: text.text().as_bytes().to_vec(), ..file };
            assert!(judged(&file, &edits).unwrap_err().contains("edit"), "{edits:?}");
        }
    }

    #[test]
    fn what_is_on_disk_is_what_is_told() {
        let file = changed(OLD);
        let wrong = Changed { old: b"f() -> x.\n".to_vec(), ..changed(OLD) };
        assert_eq!(judged(&wrong, &[]), Err("the old text is not what stands in the file".to_owned()));
        let wrong = Changed { new: b"f() -> x.\n"[..].into(), ..file };
        assert_eq!(judged(&wrong, &[]), Err("the new text is not what is to be written".to_owned()));
    }

    #[test]
    fn code_must_not_be_broken() {
        assert!(no_damage(&changed("-module(a).\nf() -> one.\n")).is_ok());
        let error = no_damage(&changed("-module(a).\nf() -> [one.\n")).unwrap_err();
        assert!(error.to_string().contains("cannot be parsed"), "{error}");
    }
}
