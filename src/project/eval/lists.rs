//! The functions of `lists` and `maps` with which registrations are built.

use std::sync::Arc;

use super::{Interpreter, MAX_DEPTH, MAX_WIDTH, Val, Value, unknown_item};
use crate::budget::spend;
use crate::finding::Place;
use crate::syntax::ast::Name;

impl Interpreter<'_> {
    /// The items of a list; of an unknown one, a single [`Value::Rest`].
    pub(super) fn items(&mut self, list: &Val) -> Vec<Val> {
        let mut items = Vec::new();
        self.append_to(&mut items, list);
        items
    }

    /// Appends the items of a list. Of a choice of lists, the items of all.
    pub(super) fn append_to(&mut self, out: &mut Vec<Val>, list: &Val) {
        if out.len() >= MAX_WIDTH {
            return;
        }
        let list = self.force(list);
        match &list.value {
            Value::List(items) => {
                spend(items.len());
                out.extend(items.iter().cloned());
            }
            // What a function that calls itself returns can be choices inside of choices without end.
            Value::Choice(_) if self.depth >= MAX_DEPTH => {
                out.push(Val::new(Value::Rest("the code nests too deeply to be followed".into()), list.at));
            }
            Value::Choice(options) => {
                self.depth += 1;
                for option in options.iter() {
                    self.append_to(out, option);
                }
                self.depth -= 1;
            }
            Value::Param { .. } => out.push(list),
            Value::Unknown(why) | Value::Rest(why) => out.push(Val::new(Value::Rest(Arc::clone(why)), list.at)),
            _ => out.push(Val::new(Value::Rest("it is not a list".into()), list.at)),
        }
    }

    /// A function of `lists`, if it is one of those that keep track of items.
    pub(super) fn lists_call(&mut self, function: &Name, args: &[Val], at: &Place) -> Option<Val> {
        let items = match (function.as_str(), args) {
            ("map", [fun, list]) => self.map(fun, list, at),
            ("foreach", [fun, list]) => {
                self.map(fun, list, at);
                return Some(Val::new(Value::Atom("ok".into()), at.clone()));
            }
            ("flatmap", [fun, list]) => {
                let lists = self.map(fun, list, at);
                self.concatenate(&lists)
            }
            ("filtermap", [fun, list]) => {
                let mapped = self.map(fun, list, at);
                let originals = self.items(list);
                mapped.iter().zip(originals).map(|(value, original)| self.filtermapped(value, original)).collect()
            }
            ("append" | "concat", [lists]) => {
                let lists = self.items(lists);
                self.concatenate(&lists)
            }
            ("flatten", [list]) => {
                let mut items = Vec::new();
                self.flatten(list, &mut items);
                items
            }
            ("append", [left, right]) => self.concatenate(&[left.clone(), right.clone()]),
            // What a filter keeps is known at run time; all that it could keep is followed.
            ("filter", [_, list]) | ("reverse" | "sort" | "usort", [list]) => self.items(list),
            ("foldl" | "foldr", [fun, start, list]) => {
                let mut acc = start.clone();
                for item in self.items(list) {
                    acc = self.apply(fun, &[unknown_item(item), acc], at.clone());
                }
                return Some(acc);
            }
            ("zip", [left, right]) => {
                let (left, right) = (self.items(left), self.items(right));
                let pair = |(a, b)| Val::new(Value::Tuple([a, b].into()), at.clone());
                left.into_iter().zip(right).map(pair).collect()
            }
            _ => return None,
        };
        Some(Val::new(Value::List(items.into()), at.clone()))
    }

    fn map(&mut self, fun: &Val, list: &Val, at: &Place) -> Vec<Val> {
        let items = self.items(list);
        items
            .into_iter()
            .map(|item| {
                let value = self.apply(fun, &[unknown_item(item)], at.clone());
                self.force(&value)
            })
            .collect()
    }

    fn concatenate(&mut self, lists: &[Val]) -> Vec<Val> {
        let mut items = Vec::new();
        for list in lists {
            let list = self.force(list);
            match list.value {
                // The call fails at what is no list; it is followed all the same.
                Value::Tuple(_) | Value::Atom(_) => items.push(list),
                _ => self.append_to(&mut items, &list),
            }
        }
        items
    }

    /// Appends the items of a list, and of the lists in it, however deep they are.
    fn flatten(&mut self, list: &Val, out: &mut Vec<Val>) {
        for item in self.items(list) {
            self.flatten_item(&item, out);
        }
    }

    fn flatten_item(&mut self, item: &Val, out: &mut Vec<Val>) {
        let item = self.force(item);
        match &item.value {
            _ if out.len() >= MAX_WIDTH => {}
            Value::List(_) | Value::Choice(_) if self.depth >= MAX_DEPTH => {
                out.push(Val::new(Value::Rest("the code nests too deeply to be followed".into()), item.at));
            }
            Value::List(_) => {
                self.depth += 1;
                self.flatten(&item, out);
                self.depth -= 1;
            }
            Value::Choice(options) => {
                self.depth += 1;
                for option in options.iter() {
                    self.flatten_item(option, out);
                }
                self.depth -= 1;
            }
            // What is no list is kept.
            Value::Tuple(_) | Value::Atom(_) => out.push(item),
            _ => self.append_to(out, &item),
        }
    }

    fn filtermapped(&mut self, value: &Val, original: Val) -> Val {
        match &self.force(value).value {
            Value::Tuple(parts) if parts.len() == 2 => parts[1].clone(),
            _ => original,
        }
    }

    pub(super) fn maps_call(&mut self, function: &Name, args: &[Val], at: &Place) -> Option<Val> {
        let (map, fun) = match (function.as_str(), args) {
            ("to_list" | "keys" | "values", [map]) => (map, None),
            ("foreach", [fun, map]) => (map, Some(fun)),
            _ => return None,
        };
        let Value::Map(entries) = self.force(map).value else { return None };
        if let Some(fun) = fun {
            for (key, value) in entries.iter() {
                self.apply(fun, &[key.clone(), value.clone()], at.clone());
            }
            return Some(Val::new(Value::Atom("ok".into()), at.clone()));
        }
        let items = entries.iter().map(|(key, value)| match function.as_str() {
            "keys" => key.clone(),
            "values" => value.clone(),
            _ => Val::new(Value::Tuple([key.clone(), value.clone()].into()), at.clone()),
        });
        Some(Val::new(Value::List(items.collect()), at.clone()))
    }
}
