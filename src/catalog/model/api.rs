//! What changed of functions, modules, headers, records and messages around hooks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evidence, Example, RewriteClass};

/// What happened to a function, module, header, record field or message around the hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiChange {
    pub kind: ApiKind,
    /// `module:function/arity` for a function, `module:function` for all of its arities, `module` for a whole
    /// module, a file name for a header, `record.field` (or `record`) for a record, a pattern for a message.
    pub name: String,
    /// The old use as code, with the variables of `instead`; empty when no code can be proposed. Where the parts of a
    /// pair changed places, both are matches with a pair on the left.
    #[serde(default)]
    pub was: String,
    /// What to use instead, as code; empty when there is nothing.
    #[serde(default)]
    pub instead: String,
    /// Narrower forms of the old use, each with what takes its place; the first that fits is taken, and `was` where none does.
    #[serde(default)]
    pub forms: Vec<UseForm>,
    /// What stands for values that the old function gave, where code looks at them: the new one gives others. A value that is
    /// not among them stayed.
    #[serde(default)]
    pub results: Vec<ValueForm>,
    /// How variables of `instead` that `was` lacks are had from what a clause has at hand, the best way first.
    #[serde(default)]
    pub needs: BTreeMap<String, Vec<String>>,
    /// Where one expression does not do: several, one in a line, the last of which matches the `Result`.
    #[serde(default)]
    pub steps: String,
    /// What the result is now, where it is another one, in words of code as in `ok | no_session`: then a rewrite keeps
    /// the meaning only where nobody looks at the result.
    #[serde(default)]
    pub result: String,
    /// Variables of `was` whose values have to be binaries now.
    #[serde(default)]
    pub binaries: Vec<String>,
    /// Variables of `was` whose values have to be XML elements: with other values the new code is something else.
    #[serde(default)]
    pub elements: Vec<String>,
    /// What is written instead where such a value is an accumulator; empty when nothing can be.
    #[serde(default)]
    pub instead_of_accumulator: String,
    /// Variables of `was` whose values have to be atoms now.
    #[serde(default)]
    pub atoms: Vec<String>,
    /// Why no code can be proposed although there is something to use instead: a clause without a full stop.
    #[serde(default)]
    pub stuck: String,
    /// Of a header: the types that it declared, separated by single blanks.
    #[serde(default)]
    pub types: String,
    /// Of a message: what processes with sessions of their own get in its place.
    #[serde(default)]
    pub received: Option<Received>,
    /// Of a field of a record that was a list of pairs and is a map now: how it is told.
    #[serde(default)]
    pub field: Option<FieldForm>,
    /// What happens to code that still uses it, or what to watch; one or two sentences.
    #[serde(default)]
    pub note: String,
    pub rewrite: RewriteClass,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Not shown to users of the catalog.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// What stands for the first sentence of entries about functions that are gone; rules say it themselves.
const UNDEF: &str = "A call fails with `undef` at run time";

impl ApiChange {
    /// What the note of a function says beyond that calls of it fail.
    #[must_use]
    pub fn further_note(&self) -> Option<&str> {
        let note = match self.note.strip_prefix(UNDEF) {
            Some(rest) => rest.split_once(". ").map_or("", |(_, further)| further),
            None => self.note.as_str(),
        };
        (!note.is_empty()).then_some(note)
    }

    /// What the note says of the new use: where something is gone, its first sentence says what becomes of code that is left as
    /// it was.
    #[must_use]
    pub fn note_on_new(&self) -> Option<&str> {
        match self.kind {
            ApiKind::RemovedFunction | ApiKind::RemovedRecordField | ApiKind::RemovedMessage => {
                self.note.split_once(". ").map(|(_, further)| further)
            }
            _ => self.further_note(),
        }
    }
}

/// A field of a record whose value was a list of pairs and is a map now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldForm {
    /// The record as a tuple, with `Field` where the field is, as in `{xmlel, _, Field, _}`.
    pub tuple: String,
    /// Calls of functions that take such a value, and perhaps give one, in both releases, each in its own form, as in
    /// `Field = jlib:replace_from_to_attrs(_, _, Field)`.
    #[serde(default)]
    pub functions: Vec<String>,
    /// The new value's type, as in `exml:attrs()`.
    #[serde(default)]
    pub types: String,
}

/// A form of a use with less freedom than an entry's `was`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseForm {
    pub was: String,
    pub instead: String,
    pub rewrite: RewriteClass,
}

/// A value that a function gave, and the one that says the same now, as patterns with the same variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueForm {
    pub before: String,
    pub after: String,
    /// A literal that the new pattern takes, where it is a variable, and the old one did not.
    #[serde(default)]
    pub except: String,
}

/// What the processes of a project's own that have sessions get in place of a message of the old release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The new message, with the variables of the old one, as in `{route, Acc}`.
    pub pattern: String,
    /// An expression that gives the other variables of the old message.
    pub unpack: String,
    /// The functions that make a process one with a session, as in `ejabberd_sm:open_session`.
    pub opened_by: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKind {
    /// Not exported any more.
    RemovedFunction,
    /// Same name and arity, other behaviour.
    ChangedFunction,
    RemovedHeader,
    RemovedRecordField,
    /// `record.field`: the value has another form, described by `field`.
    ChangedRecordField,
    RemovedMacro,
    RemovedType,
    /// A message that C2S processes no longer understand.
    RemovedMessage,
    /// A function, `behaviour:name/arity`, that the server now calls in modules of a behaviour which export it.
    NewCallback,
    /// A function, `behaviour:name/arity`, that the server no longer calls in modules of a behaviour which export it.
    RemovedCallback,
    /// Same name and arity; what it does has no effect before the function `instead` is called.
    DeferredFunction,
}
