//! `hookshift check --show-settings`: the settings in force, in the form of a configuration file, so that what is
//! printed can be made one.

use std::io::{self, Write};

use super::Outcome;
use super::output::Output;
use super::project_args::{Project, describe};
use crate::catalog::Scope;
use crate::project::options::{CustomHook, RuleSelection};
use crate::report::escape;
use crate::source::is_unseen;

pub fn show(project: &Project, rules: &RuleSelection, output: Output) -> anyhow::Result<Outcome> {
    output.write(|out| {
        releases(project, out)?;
        paths(project, out)?;
        rule_settings(rules, out)?;
        catalog(project, out)?;
        hooks(&project.settings.config.hooks, out)?;
        macros(project, out)
    })?;
    Ok(Outcome::Clean)
}

fn releases(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    let config = &project.settings.config.path;
    if config.as_os_str().is_empty() {
        writeln!(out, "# no hookshift.toml above the paths")?;
    } else {
        let config = project.shown.show(config);
        writeln!(out, "# {}", escape::one_line(&config))?;
    }
    for (key, (version, origin)) in [("from", &project.settings.from), ("to", &project.settings.to)] {
        let origin = describe(origin, &project.shown);
        let origin = escape::one_line(&origin);
        writeln!(out, "{key} = {} # {origin}", quoted(&version.to_string()))?;
    }
    Ok(())
}

fn paths(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "exclude = {}", list(project.settings.config.exclude.globs()))?;
    let include: Vec<_> = project.settings.config.include_paths.iter().map(|path| project.shown.show(path)).collect();
    writeln!(out, "include-paths = {}", list(&include))?;
    let servers: Vec<_> = project.mongooseim_toml.iter().map(|path| project.shown.show(path)).collect();
    match &servers[..] {
        [] => {}
        [server] => writeln!(out, "mongooseim-toml = {}", quoted(server))?,
        servers => writeln!(out, "mongooseim-toml = {}", list(servers))?,
    }
    if let Some(baseline) = &project.settings.config.baseline {
        writeln!(out, "baseline = {}", quoted(&project.shown.show(baseline)))?;
    }
    Ok(())
}

fn rule_settings(rules: &RuleSelection, out: &mut dyn Write) -> io::Result<()> {
    let on: Vec<_> = crate::rules::names().into_iter().filter(|rule| rules.enabled(rule)).collect();
    writeln!(out, "select = {}", list(&on))?;
    if !rules.severity.is_empty() {
        writeln!(out, "\n[severity]")?;
    }
    for (rule, level) in &rules.severity {
        writeln!(out, "{rule} = {}", quoted(&level.to_string()))?;
    }
    Ok(())
}

fn catalog(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    match &project.settings.config.catalog_directory {
        Some(directory) => writeln!(out, "\n[catalog]\ndirectory = {}", quoted(&project.shown.show(directory))),
        None => Ok(()),
    }
}

fn hooks(hooks: &[CustomHook], out: &mut dyn Write) -> io::Result<()> {
    for hook in hooks {
        writeln!(out, "\n[hooks.{}]", quoted(&hook.name))?;
        match hook.scope {
            Some(Scope::HostType) => writeln!(out, "scope = \"host-type\"")?,
            Some(Scope::Global) => writeln!(out, "scope = \"global\"")?,
            None => {}
        }
        if let Some(parameters) = &hook.parameters {
            writeln!(out, "parameters = {}", list(parameters))?;
        }
        if let Some(accumulator) = &hook.accumulator {
            writeln!(out, "accumulator = {}", quoted(accumulator))?;
        }
    }
    Ok(())
}

fn macros(project: &Project, out: &mut dyn Write) -> io::Result<()> {
    if !project.settings.config.macros.is_empty() {
        writeln!(out, "\n[macros]")?;
    }
    for (name, replacement) in &project.settings.config.macros {
        writeln!(out, "{} = {}", quoted(name), quoted(replacement))?;
    }
    Ok(())
}

fn list(items: &[impl AsRef<str>]) -> String {
    let items: Vec<_> = items.iter().map(|it| quoted(it.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: &str) -> String {
    match text.chars().any(is_unseen) {
        true => crate::baseline::quoted(text),
        false => toml::Value::String(text.to_owned()).to_string(),
    }
}
