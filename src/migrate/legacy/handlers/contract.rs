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
        let given = positional.arguments.len() + 1;
        if *arity == given {
            let accumulator = Argument { name: "", given: Given::Accumulator };
            let others = positional.arguments.iter().map(|name| argument(positional, hook, name));
            let arguments = std::iter::once(Ok(accumulator)).chain(others).collect::<Result<_, _>>()?;
            return Ok(Self { arguments, earlier: None });
        }
        let fits = positional.earlier.iter().find(|form| form.arguments.len() == *arity);
        let form = fits.ok_or_else(|| {
            let takes = if *arity == 1 { "one argument" } else { &format!("{arity} arguments") };
            format!("`{function}/{arity}` takes {takes}, and `{hook}` gives {given}")
        })?;
        let of = |(index, name): (usize, &'a String)| match index {
            0 if form.accumulator => Ok(Argument { name: "", given: Given::Accumulator }),
            _ => argument(positional, hook, name),
        };
        let arguments = form.arguments.iter().enumerate().map(of).collect::<Result<_, _>>()?;
        Ok(Self { arguments, earlier: Some(form) })
    }
}

impl Contract<'_> {
    /// Whether a function that serves one serves the other.
    fn is_same(&self, other: &Self) -> bool {
        let same = |(one, other): (&Argument<'_>, &Argument<'_>)| one.is_same(other);
        let folds = |contract: &Self| contract.earlier.is_some_and(|form| form.accumulator);
        self.arguments.len() == other.arguments.len()
            && self.earlier.is_some() == other.earlier.is_some()
            && folds(self) == folds(other)
            && self.arguments.iter().zip(&other.arguments).all(same)
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

/// Where an argument is now.
///
/// # Errors
/// It is nowhere.
fn argument<'a>(positional: &'a Positional, hook: &str, name: &'a str) -> Result<Argument<'a>, String> {
    let computed = || positional.computed.iter().find(|it| variables(&it.pattern).contains(&name));
    let given = if let Some(key) = positional.keys.get(name) {
        Given::Key(key)
    } else if let Some(key) = positional.extra.get(name) {
        Given::Extra(key)
    } else if positional.whole == name {
        Given::Whole
    } else if let Some(computed) = computed() {
        Given::Computed(computed)
    } else {
        return Err(format!("`{hook}` does not give `{name}` any more"));
    };
    Ok(Argument { name, given })
}
