//! What a hook gave its handlers one by one, and where the new contract has it.

use super::super::Subject;
use crate::catalog::{Catalog, Computed, EarlierForm, Positional};
use crate::migrate::code::template::variables;
use crate::syntax::ast::Name;

/// The old contract of a function on a hook.
pub(super) struct Contract<'a> {
    /// All arguments, the accumulator among them where there is one.
    pub arguments: Vec<Argument<'a>>,
    /// The form that handlers had in releases before the last with positional arguments, when it is that.
    pub earlier: Option<&'a EarlierForm>,
}

/// One argument of an old handler.
#[derive(Clone, Copy)]
pub(super) struct Argument<'a> {
    /// The catalog's variable for it.
    pub name: &'a str,
    pub given: Given<'a>,
}

/// Where the value of an argument is now.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Accumulator,
    /// In the parameter map.
    Key(&'a str),
    /// In the extra map.
    Extra(&'a str),
    /// It is the parameter map.
    Whole,
    /// It has to be computed, alone or with others.
    Computed(&'a Computed),
}

/// Hooks that give a function the same arguments.
pub(super) struct Group<'a> {
    pub contract: Contract<'a>,
    pub hooks: Vec<Name>,
}

/// The hooks that a function serves, by what they give it. `own` has the project's own hooks among them.
///
/// # Errors
/// What a hook gives is not known, or does not fit the function.
pub(super) fn groups<'a>(subject: &Subject, own: &'a [Positional]) -> Result<Vec<Group<'a>>, String> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for hook in &subject.hooks {
        let contract = Contract::of(subject, hook, own)?;
        match groups.iter_mut().find(|group| group.contract.is_same(&contract)) {
            Some(group) => group.hooks.push(hook.clone()),
            None => groups.push(Group { contract, hooks: vec![hook.clone()] }),
        }
    }
    Ok(groups)
}

impl<'a> Contract<'a> {
    fn of(subject: &Subject, hook: &Name, own: &'a [Positional]) -> Result<Self, String> {
        let Subject { function, arity, .. } = subject;
        let positional = Catalog::embedded()
            .positional(hook)
            .or_else(|| own.iter().find(|it| it.hook == hook.as_str()))
            .ok_or_else(|| format!("it is not known what `{hook}` gave its handler `{function}/{arity}`"))?;
        if positional.map_only {
            return Err(format!(
                "`{hook}` was run with a map alone already, and a call of `{function}/{arity}` failed"
            ));
        }
        let given = positional.arguments.len() + 1;
        if *arity == given {
            return Self::with(hook, Forms { positional, earlier: &[] });
        }
        let fits = positional.earlier.iter().position(|form| form.arguments.len() == *arity);
        let earlier = fits.and_then(|at| positional.earlier.get(..=at)).ok_or_else(|| {
            let takes = if *arity == 1 { "one argument" } else { &format!("{arity} arguments") };
            format!("`{function}/{arity}` takes {takes}, and `{hook}` gives {given}")
        })?;
        Self::with(hook, Forms { positional, earlier })
    }

    fn with(hook: &str, forms: Forms<'a>) -> Result<Self, String> {
        let earlier = forms.earlier.last();
        if let Some(form) = earlier.filter(|form| !form.stuck.is_empty()) {
            return Err(format!("handlers of `{hook}` were other ones until {}: {}", form.until, form.stuck));
        }
        let accumulator = Argument { name: "", given: Given::Accumulator };
        let (first, others) = match earlier {
            Some(form) if form.accumulator => (Some(accumulator), &form.arguments[1..]),
            Some(form) => (None, &form.arguments[..]),
            None => (Some(accumulator), &forms.positional.arguments[..]),
        };
        let others = others.iter().map(|name| forms.argument(hook, name));
        let arguments = first.map(Ok).into_iter().chain(others).collect::<Result<_, _>>()?;
        Ok(Self { arguments, earlier })
    }
}

/// A form of a hook's handlers with all that came after it.
#[derive(Clone, Copy)]
struct Forms<'a> {
    positional: &'a Positional,
    /// The newest first, the form itself last; none for the last form of all.
    earlier: &'a [EarlierForm],
}

impl<'a> Forms<'a> {
    /// Where an argument is now: what the form itself says goes before what later ones do.
    fn argument(self, hook: &str, name: &'a str) -> Result<Argument<'a>, String> {
        let later = std::iter::once((&self.positional.keys, &self.positional.extra, &self.positional.computed));
        let tables = self.earlier.iter().rev().map(|form| (&form.keys, &form.extra, &form.computed)).chain(later);
        for (keys, extra, computed) in tables {
            let given = if let Some(key) = keys.get(name) {
                Given::Key(key)
            } else if let Some(key) = extra.get(name) {
                Given::Extra(key)
            } else if let Some(computed) = computed.iter().find(|it| variables(&it.pattern).contains(&name)) {
                Given::Computed(computed)
            } else {
                continue;
            };
            return Ok(Argument { name, given });
        }
        if self.positional.whole == name {
            return Ok(Argument { name, given: Given::Whole });
        }
        Err(format!("`{hook}` does not give `{name}` any more"))
    }
}

impl Contract<'_> {
    /// Whether a handler's result is the next one's accumulator. Else it was of no matter, except for `stop`.
    pub fn folds(&self) -> bool {
        self.earlier.is_none_or(|form| form.accumulator)
    }

    /// What a person has to look at, where a handler, shown as `name/arity`, is of an older release.
    pub fn reason(&self, handler: &str) -> Option<String> {
        let form = self.earlier?;
        let what = if form.accumulator { "took other arguments" } else { "took no accumulator" };
        let until = &form.until;
        Some(format!(
            "{handler} has the form of handlers until MongooseIM {until}, which {what}: whether it is given the same is to be checked"
        ))
    }

    /// Whether a function that serves one serves the other.
    fn is_same(&self, other: &Self) -> bool {
        self.agrees(other, &vec![true; self.arguments.len()])
    }

    /// Whether a function that needs nothing but these arguments serves one as well as the other.
    pub fn agrees(&self, other: &Self, needed: &[bool]) -> bool {
        let same = |((one, other), needed): ((&Argument<'_>, &Argument<'_>), &bool)| !needed || one.is_same(other);
        self.arguments.len() == other.arguments.len()
            && self.earlier.is_some() == other.earlier.is_some()
            && self.folds() == other.folds()
            && self.arguments.iter().zip(&other.arguments).zip(needed).all(same)
    }
}

impl Argument<'_> {
    fn is_same(&self, other: &Self) -> bool {
        match (self.given, other.given) {
            (Given::Accumulator, Given::Accumulator) | (Given::Whole, Given::Whole) => true,
            (Given::Key(one), Given::Key(other)) | (Given::Extra(one), Given::Extra(other)) => one == other,
            (Given::Computed(one), Given::Computed(with)) => {
                let place =
                    |name: &str, computed: &Computed| variables(&computed.pattern).iter().position(|it| *it == name);
                one.value == with.value && one.take == with.take && place(self.name, one) == place(other.name, with)
            }
            _ => false,
        }
    }
}
