//! The hooks that the project itself runs with `gen_hook:run_fold/4`, or with the functions of `ejabberd_hooks` before it.
//!
//! The names stand in the calls, or come through arguments of functions that run what they are told. Where a name comes from
//! elsewhere, every atom of the function counts: what is asked is whether an unknown hook might be the project's own,
//! and it is better to believe so once too often.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::handlers::{Callee, callee};
use super::modules::Modules;
use crate::outline::{FormIndex, Module};
use crate::syntax::ast::{Ast, Clause, Expr, Item, Name, NodeId};
use crate::syntax::scan::FormKind;

/// A function that runs the hook whose name is its argument of this number, counted from 0.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Runner {
    module: Name,
    function: Name,
    arity: usize,
    argument: usize,
}

/// How many functions may stand one behind the other between a name and `run_fold`.
const MAX_ROUNDS: usize = 4;

/// What runs the hook that is its first argument: module, function, arity.
const RUNNERS: [(&str, &str, usize); 5] = [
    ("gen_hook", "run_fold", 4),
    ("ejabberd_hooks", "run", 2),
    ("ejabberd_hooks", "run", 3),
    ("ejabberd_hooks", "run_fold", 3),
    ("ejabberd_hooks", "run_fold", 4),
];

/// Whether a function ran hooks before `gen_hook` did.
#[must_use]
pub fn is_legacy_run(module: &str, function: &str, arity: usize) -> bool {
    module != "gen_hook" && RUNNERS.contains(&(module, function, arity))
}

/// Searches all files, so ask only when there is a name that the catalog does not have.
#[must_use]
pub fn find(modules: &Modules) -> FxHashSet<Name> {
    let mut search = Search { modules, hooks: FxHashSet::default(), runners: FxHashSet::default() };
    let runner = |&(module, function, arity): &(&str, &str, usize)| Runner {
        module: module.into(),
        function: function.into(),
        arity,
        argument: 0,
    };
    let mut new: Vec<Runner> = RUNNERS.iter().map(runner).collect();
    for _ in 0..MAX_ROUNDS {
        search.runners.extend(new.iter().cloned());
        new = search.callers(&new);
        new.retain(|runner| !search.runners.contains(runner));
        if new.is_empty() {
            break;
        }
    }
    search.hooks
}

struct Search<'a> {
    modules: &'a Modules,
    hooks: FxHashSet<Name>,
    runners: FxHashSet<Runner>,
}

impl Search<'_> {
    /// Takes the names from all calls of these functions, and returns the functions that hand on a name of their own.
    fn callers(&mut self, runners: &[Runner]) -> Vec<Runner> {
        let functions: Vec<_> =
            runners.iter().map(|runner| (runner.module.as_str(), runner.function.as_str())).collect();
        let mut found = Vec::new();
        for module in self.modules.callers_of(&functions) {
            let text = module.source().text();
            let called: Vec<&Runner> =
                runners.iter().filter(|runner| text.contains(runner.function.as_str())).collect();
            for (form, content) in module.forms() {
                let text = module.text_of(form);
                let relevant = called.iter().any(|runner| text.contains(runner.function.as_str()));
                if relevant && content.kind != FormKind::Other {
                    self.form(&module, form, &called, &mut found);
                }
            }
        }
        found
    }

    fn form(&mut self, module: &Arc<Module>, form: FormIndex, runners: &[&Runner], found: &mut Vec<Runner>) {
        let Ok(ast) = module.ast(form) else { return };
        for item in &ast.items {
            match item {
                Item::Clause(clause) => {
                    let mut parts = Vec::new();
                    ast.parts_of_clause(clause, &mut parts);
                    self.code(module, ast, parts, Some(clause), runners, found);
                }
                Item::Define { body: Some(body), .. } => self.code(module, ast, vec![*body], None, runners, found),
                _ => {}
            }
        }
    }

    fn code(
        &mut self,
        module: &Arc<Module>,
        ast: &Ast,
        parts: Vec<NodeId>,
        clause: Option<&Clause>,
        runners: &[&Runner],
        found: &mut Vec<Runner>,
    ) {
        for (_, expr) in ast.descend(parts.iter().copied()) {
            let Expr::Call { module: target, function, args } = expr else { continue };
            let args = ast.list(*args);
            let callee = callee(module, ast, *target, *function);
            for runner in runners.iter().filter(|runner| runner.arity == args.len() && runner.is(module, &callee)) {
                let name = args[runner.argument];
                if let Some(hook) = self.name(module, ast, name) {
                    self.hooks.insert(hook);
                } else if let Some(handed_on) = clause.and_then(|clause| handed_on(module, ast, clause, name)) {
                    found.push(handed_on);
                } else {
                    self.hooks.extend(ast.descend(parts.iter().copied()).filter_map(|(id, _)| ast.atom(id).cloned()));
                }
            }
        }
    }

    /// The name that an argument is, as an atom or through a macro.
    fn name(&self, module: &Arc<Module>, ast: &Ast, node: NodeId) -> Option<Name> {
        match ast.expr(node) {
            Expr::Atom(name) => Some(name.clone()),
            Expr::Macro { name, args: None } if name == "MODULE" => Some(module.name().clone()),
            Expr::Macro { name, args: None } => {
                let (owner, form) = self.modules.definitions(module, name, None).into_iter().next()?;
                let ast = owner.ast(form).ok()?;
                ast.atom(ast.macro_body()?).cloned()
            }
            _ => None,
        }
    }
}

impl Runner {
    fn is(&self, here: &Module, callee: &Callee) -> bool {
        match callee {
            Callee::Local(function) => {
                let imported = |(name, arity, from): &(Name, usize, Name)| {
                    *name == self.function && *arity == self.arity && *from == self.module
                };
                *function == self.function
                    && (*here.name() == self.module || here.header().imports.iter().any(imported))
            }
            Callee::Remote(module, function) => *module == self.module && *function == self.function,
            Callee::Dynamic => false,
        }
    }
}

/// The function that a clause belongs to, when the variable is one of its arguments.
fn handed_on(module: &Module, ast: &Ast, clause: &Clause, variable: NodeId) -> Option<Runner> {
    let variable = ast.var(variable)?;
    let patterns = ast.list(clause.patterns);
    let argument = patterns.iter().position(|&pattern| ast.var(pattern) == Some(variable))?;
    let function = ast.atom(clause.name?)?.clone();
    Some(Runner { module: module.name().clone(), function, arity: patterns.len(), argument })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn hooks(files: &[(&str, &str)]) -> Vec<String> {
        let modules = Modules::new(files.iter().map(|(path, _)| path.into()), &[], &[]);
        for (path, text) in files {
            let source = Source::from_bytes(path.into(), text.as_bytes().to_vec()).unwrap();
            modules.insert(&Arc::new(Module::new(Arc::new(source))));
        }
        let mut found: Vec<String> = find(&modules).iter().map(ToString::to_string).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_stand_in_calls() {
        let text = "-define(SEEN, acme_seen).\n\
                    f(H) -> gen_hook:run_fold(acme_sent, H, ok, #{}), gen_hook:run_fold(?SEEN, H, ok, #{}).\n\
                    g(H) -> gen_hook:run_fold(?MODULE, H, ok, #{}).\n";
        assert_eq!(hooks(&[("src/a.erl", text)]), ["a", "acme_seen", "acme_sent"]);
    }

    #[test]
    fn names_come_through_functions_of_other_modules() {
        let runner = "-import(gen_hook, [run_fold/4]).\n\
                      run(H, Hook) -> do_run(Hook, H).\ndo_run(Hook, H) -> run_fold(Hook, H, ok, #{}).\n";
        let caller = "f(H) -> runner:run(H, acme_sent), runner:run(acme_host, other), other:run(H, not_this).\n";
        assert_eq!(hooks(&[("src/runner.erl", runner), ("src/b.erl", caller)]), ["acme_sent", "other"]);
    }

    #[test]
    fn where_a_name_comes_from_elsewhere_all_atoms_count() {
        let text = "f(H) -> [gen_hook:run_fold(N, H, x, #{}) || N <- [one, two]].\ng() -> three.\n";
        let found = hooks(&[("src/a.erl", text)]);
        assert!(found.contains(&"one".to_owned()) && found.contains(&"two".to_owned()));
        assert!(!found.contains(&"three".to_owned()));
    }

    #[test]
    fn hooks_can_be_run_in_the_old_way() {
        let text = "-import(ejabberd_hooks, [run/2]).\n\
                    f(H) -> ejabberd_hooks:run(acme_a, H, []), ejabberd_hooks:run_fold(acme_b, ok, []), run(acme_c, []).\n\
                    g(H) -> ejabberd_hooks:run_fold(acme_d, H, ok, []), ejabberd_hooks:add_args(not_this, []).\n";
        assert_eq!(hooks(&[("src/a.erl", text)]), ["acme_a", "acme_b", "acme_c", "acme_d"]);
    }

    #[test]
    fn registering_is_not_running() {
        let text = "f(H) -> gen_hook:add_handler(acme_sent, H, fun ?MODULE:g/3, #{}, 1).\n";
        assert_eq!(hooks(&[("src/a.erl", text)]), [""; 0]);
    }
}
