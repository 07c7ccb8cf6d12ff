//! A record's field whose value was a list of pairs, and is a map now.
//!
//! What has to change is not only where the field stands: the list is made somewhere, handed on, looked into. So values are
//! followed first (`flow`, `goes`, `contract`), from the field to where they come from and where they go, through variables and the module's
//! own functions. All that is reached changes together, as one [`Group`]; what cannot be followed stops the whole group.
//! `write` then says each part of it with a map.

mod calls;
mod contract;
mod flow;
mod goes;
mod patterns;
mod scope;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use crate::catalog::ApiChange;
use crate::outline::Module;
use crate::rewrite::Fix;
use crate::source::Span;

/// A field in question.
#[derive(Clone, Copy)]
pub struct Field<'c> {
    pub entry: &'c ApiChange,
    pub record: &'c str,
    pub field: &'c str,
}

impl<'c> Field<'c> {
    /// `None` when an entry is about something else.
    #[must_use]
    pub fn of(entry: &'c ApiChange) -> Option<Self> {
        let (record, field) = entry.name.split_once('.')?;
        entry.field.as_ref().map(|_| Self { entry, record, field })
    }

    /// How many elements the record has as a tuple, its name among them, and which of them the field is, from 0.
    fn in_tuple(&self) -> Option<(usize, usize)> {
        let tuple = &self.entry.field.as_ref()?.tuple;
        let elements: Vec<&str> = tuple.trim_matches(['{', '}']).split(',').map(str::trim).collect();
        Some((elements.len(), elements.iter().position(|it| *it == FIELD)?))
    }
}

/// What stands for the field's value in the catalog's code.
const FIELD: &str = "Field";

/// Values that are lists together, or maps together.
pub struct Group<'c> {
    pub field: Field<'c>,
    /// Where the field stands, in source order.
    pub roots: Vec<Span>,
    /// Where values are taken for lists, in source order.
    pub as_list: Vec<Span>,
    /// Where values are taken for maps.
    pub as_map: Vec<Span>,
    /// Where they are taken for lists by code that may mean lists of another time, which are kept somewhere.
    pub as_either: Vec<Span>,
    /// Whether they come from, or go to, where nobody can look.
    pub is_open: bool,
    /// What it takes, or why a person has to.
    pub fix: Result<Fix, String>,
}

/// All groups of a module, in source order.
#[must_use]
pub fn groups<'c>(module: &Arc<Module>, fields: &[Field<'c>]) -> Vec<Group<'c>> {
    flow::Flow::of(module, fields).groups()
}
