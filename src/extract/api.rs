//! What a server's modules export and its headers declare.

use super::{Tree, slashes};
use crate::catalog::{Api, ApiHeader, ApiModule, ApiRecord};
use crate::outline::Module;
use crate::syntax::ast::Item;

/// Lists are strings with blanks between, so a name with a blank, which needs quotes in Erlang, cannot be in one.
fn is_plain(name: &str) -> bool {
    !name.contains(char::is_whitespace)
}

pub(super) fn of(tree: &Tree, release: &str, notes: &mut Vec<String>) -> Api {
    let mut modules: Vec<ApiModule> = tree
        .modules
        .iter()
        .map(|module| ApiModule { name: module.name().to_string(), exports: exports(module) })
        .collect();
    // Stable: of two files with one module the first stays.
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    modules.dedup_by(|b, a| {
        let twice = a.name == b.name;
        if twice {
            notes.push(format!("module `{}` is there twice: the first is taken", a.name));
        }
        twice
    });
    let mut headers: Vec<ApiHeader> = tree.headers.iter().map(|header| api_header(tree, header)).collect();
    headers.sort_by(|a, b| a.name.cmp(&b.name));
    Api { release: release.to_owned(), modules, headers }
}

fn exports(module: &Module) -> String {
    let header = module.header();
    let all = module.functions().into_iter().filter(|_| header.export_all);
    let all = all.map(|(name, function)| (name.as_str(), function.arity));
    let named = header.exports.iter().map(|(name, arity)| (name.as_str(), *arity));
    let mut exports: Vec<_> = all.chain(named).filter(|(name, _)| is_plain(name)).collect();
    exports.sort_unstable();
    exports.dedup();
    let exports: Vec<_> = exports.into_iter().map(|(name, arity)| format!("{name}/{arity}")).collect();
    exports.join(" ")
}

fn api_header(tree: &Tree, header: &Module) -> ApiHeader {
    let path = header.source().path();
    let path = path.strip_prefix(tree.root.join("include")).unwrap_or(path);
    let mut macros: Vec<String> = header
        .header()
        .defines
        .iter()
        .map(|define| match define.arity {
            Some(arity) => format!("{}/{arity}", define.name),
            None => define.name.to_string(),
        })
        .filter(|name| is_plain(name))
        .collect();
    macros.sort_unstable();
    macros.dedup();
    ApiHeader { name: slashes(path), macros: macros.join(" "), records: records(header) }
}

/// In source order. A record that conditions declare in several ways is told as the first.
fn records(header: &Module) -> Vec<ApiRecord> {
    let mut records: Vec<ApiRecord> = Vec::new();
    for (name, form) in &header.header().records {
        let Ok(ast) = header.ast(*form) else { continue };
        for item in &ast.items {
            let Item::Record { fields, .. } = item else { continue };
            let fields: Vec<&str> =
                ast.fields(*fields).iter().filter_map(|field| ast.atom(field.key)).map(|name| name.as_str()).collect();
            if !records.iter().any(|known| known.name == name.as_str()) {
                records.push(ApiRecord { name: name.to_string(), fields: fields.join(" ") });
            }
        }
    }
    records
}
