//! The code in which handlers are added and deleted, and what stands in it at a place.

use std::sync::Arc;

use crate::finding::Place;
use crate::migrate::serving::Context;
use crate::outline::{FormIndex, Module};
use crate::project::registrations::Registration;
use crate::syntax::ast::{Ast, Expr, NodeId};

/// The interface that is gone.
pub use crate::migrate::serving::EJABBERD_HOOKS as INTERFACE;

/// The modules that have to do with some registrations, and the headers whose macros they use.
pub struct Sites {
    files: Vec<Arc<Module>>,
}

impl Sites {
    #[must_use]
    pub fn of(context: &Context<'_>, registrations: &[&Registration]) -> Self {
        let mut sites = Self { files: Vec::new() };
        for registration in registrations {
            sites.add(&registration.module);
            let near = registration.module.source().path();
            for through in registration.via.iter().filter_map(|via| via.split_once(':')) {
                if let Some(module) = context.modules.module(through.0, near) {
                    sites.add(&module);
                }
            }
        }
        for module in sites.files.clone() {
            for header in context.modules.headers(&module) {
                sites.add(&header);
            }
        }
        // Tuples can stand in modules that others ask for their lists.
        for registration in registrations {
            let parts = registration.parts.iter();
            let places = parts.flat_map(|parts| [&parts.function, &parts.hook]).chain([&registration.tuple]);
            for place in places {
                if sites.file(place).is_none() {
                    sites.add(&Arc::new(Module::new(Arc::clone(&place.source))));
                }
            }
        }
        sites
    }

    fn add(&mut self, module: &Arc<Module>) {
        if !self.files.iter().any(|known| known.source().path() == module.source().path()) {
            self.files.push(Arc::clone(module));
        }
    }

    #[must_use]
    pub fn files(&self) -> &[Arc<Module>] {
        &self.files
    }

    /// The file in which a place lies.
    #[must_use]
    pub fn file(&self, place: &Place) -> Option<&Arc<Module>> {
        self.files.iter().find(|file| file.source().path() == place.source.path())
    }

    /// What stands at a place.
    #[must_use]
    pub fn at(&self, place: &Place) -> Option<Site<'_>> {
        let module = self.file(place)?;
        let form = module.form_at(place.span.start)?;
        let ast = module.ast(form).ok()?;
        let is_it = |expr: &Expr| matches!(expr, Expr::Tuple(_) | Expr::Call { .. } | Expr::Macro { .. });
        let (node, _) = ast.nodes().find(|(_, node)| node.span == place.span && is_it(&node.expr))?;
        Some(Site { module, form, ast, node })
    }
}

/// A node of some code.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub module: &'a Arc<Module>,
    pub form: FormIndex,
    pub ast: &'a Ast,
    pub node: NodeId,
}

impl<'a> Site<'a> {
    #[must_use]
    pub fn text(&self, node: NodeId) -> &'a str {
        self.module.source().slice(self.ast.span(node))
    }

    #[must_use]
    pub fn place(&self, node: NodeId) -> Place {
        self.module.place(self.ast.span(node))
    }

    /// The name of the macro in whose definition it stands.
    #[must_use]
    pub fn macro_around(&self) -> Option<String> {
        let define = self.module.header().defines.iter().find(|define| define.form == self.form)?;
        Some(format!("?{}", define.name))
    }
}

/// A place, for people.
#[must_use]
pub fn line_in(place: &Place) -> String {
    let name = place.source.path().file_name().unwrap_or_default().to_string_lossy();
    format!("line {} of `{name}`", place.source.position(place.span.start).line)
}
