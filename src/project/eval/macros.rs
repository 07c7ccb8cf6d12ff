//! Macros, which are followed where they are used.

use std::sync::Arc;

use super::{Code, Env, Interpreter, Val, Value};
use crate::finding::Place;
use crate::syntax::ast::{Name, NodeId};

impl Interpreter<'_> {
    pub(super) fn expand(
        &mut self,
        code: &Code,
        name: &Name,
        args: Option<&[NodeId]>,
        env: &mut Env,
        at: Place,
    ) -> Val {
        match name.as_str() {
            "MODULE" => return Val::new(Value::Atom(code.home.name().clone()), at),
            "MODULE_STRING" => return Val::new(Value::Text(Arc::from(code.home.name().as_str())), at),
            _ => {}
        }
        let definitions = self.modules.definitions(&code.home, name, args.map(<[_]>::len));
        if definitions.is_empty() {
            return self.undefined_macro(code, name, args, env, at);
        }
        let values: Vec<Val> = args.into_iter().flatten().map(|&arg| self.argument(code, arg, env)).collect();
        let mut results = Vec::new();
        for (module, form) in definitions {
            let body = Code { module, form, home: Arc::clone(&code.home) };
            let Some(ast) = body.ast() else { continue };
            let Some(crate::syntax::ast::Item::Define { params, body: Some(node), .. }) = ast.items.first() else {
                continue;
            };
            // A macro sees the variables around its use, under its own parameters.
            let mut inner = env.clone();
            for (param, value) in params.iter().flatten().zip(&values) {
                inner.bind(param.clone(), value.clone());
            }
            let value = self.eval(&body, *node, &mut inner);
            results.push(self.force(&value));
        }
        // What the macro makes stands where the macro is used, for whoever reads the code.
        let mut value = Val::choice(results, at.clone());
        value.at = at;
        value
    }

    fn undefined_macro(&mut self, code: &Code, name: &Name, args: Option<&[NodeId]>, env: &mut Env, at: Place) -> Val {
        // `?F(X)` where `F` is defined without parameters: a call of what it stands for.
        if let Some(args) = args
            && !self.modules.definitions(&code.home, name, None).is_empty()
        {
            let callee = self.expand(code, name, None, env, at.clone());
            let values: Vec<Val> = args.iter().map(|&arg| self.argument(code, arg, env)).collect();
            return match callee.atom() {
                Some(function) => self.local_call(code, &function.clone(), &values, at),
                None => self.apply(&callee, &values, at),
            };
        }
        Val::unknown(format!("the macro {name} is not defined in the checked code"), at)
    }

    pub(super) fn macro_has_effect(&self, code: &Code, name: &str, arity: Option<usize>) -> bool {
        name != "MODULE"
            && self.modules.definitions(&code.home, name, arity).iter().any(|(module, form)| {
                let text = module.text_of(*form);
                text.contains("gen_hook")
                    || text.contains("ejabberd_hooks")
                    || self.wrappers.iter().any(|(_, function, _)| text.contains(function.as_str()))
            })
    }
}
