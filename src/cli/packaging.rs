//! `hookshift dev packaging`: what packages carry besides the program, made from its own command line.

use std::path::PathBuf;

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::writing::write_generated;
use super::{Cli, Outcome, man};

/// Write the manual pages of all commands, and the completions of all shells
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Gets `man` with a page for each command, and `completions` with a script for each shell
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    for (name, command) in commands(&root) {
        let mut page = Vec::new();
        man::page(command, &name).render(&mut page)?;
        write_generated(&args.directory.join("man").join(format!("{name}.1")), &page)?;
    }
    let mut cli = Cli::command();
    for shell in Shell::value_variants() {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut cli, "hookshift", &mut script);
        write_generated(&args.directory.join("completions").join(file_name(*shell)), &script)?;
    }
    Ok(Outcome::Clean)
}

/// The command itself and all below it that are told about, with the names of their pages. What only prints help has none.
fn commands(root: &clap::Command) -> Vec<(String, &clap::Command)> {
    let mut found = Vec::new();
    let mut left = vec![(root.get_name().to_owned(), root)];
    while let Some((name, command)) = left.pop() {
        let below = command.get_subcommands().filter(|it| !it.is_hide_set() && it.get_name() != "help");
        left.extend(below.map(|it| (format!("{name}-{}", it.get_name()), it)));
        found.push((name, command));
    }
    found
}

/// The name under which a shell looks for the completions of a program.
fn file_name(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "hookshift",
        Shell::Elvish => "hookshift.elv",
        Shell::Fish => "hookshift.fish",
        Shell::PowerShell => "_hookshift.ps1",
        // A shell that is new to the generator has to be given a name here before it can be shipped.
        Shell::Zsh | _ => "_hookshift",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn every_command_that_is_told_about_has_a_page() {
        let mut root = Cli::command();
        root.build();
        let names: Vec<String> = commands(&root).into_iter().map(|(name, _)| name).collect();
        for expected in ["hookshift", "hookshift-check", "hookshift-baseline-write", "hookshift-catalog-draft"] {
            assert!(names.iter().any(|name| name == expected), "{expected}: {names:?}");
        }
        assert!(!names.iter().any(|name| name.contains("dev") || name.contains("help")), "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn every_shell_has_a_file_of_its_own() {
        let names: BTreeSet<&str> = Shell::value_variants().iter().map(|shell| file_name(*shell)).collect();
        assert_eq!(names.len(), Shell::value_variants().len());
    }

    #[test]
    fn files_are_written_where_they_are_wanted() {
        let directory = tempfile::tempdir().unwrap();
        let args = Args { directory: directory.path().join("new/one") };
        run(&args).unwrap();
        let page = fs::read_to_string(args.directory.join("man/hookshift-check.1")).unwrap();
        assert!(page.contains("hookshift\\-check \\- Say what the target release breaks"), "{page}");
        let script = fs::read_to_string(args.directory.join("completions/_hookshift")).unwrap();
        assert!(script.starts_with("#compdef hookshift"), "{script}");
    }
}
