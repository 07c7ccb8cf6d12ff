//! The image: its recipe is judged everywhere, and built where there is an engine.

use std::collections::BTreeSet;

use super::{client, command, read, repository, run, succeed, tool};

const RECIPE: &str = "packages/docker/Dockerfile";

#[test]
fn the_recipe_is_right() {
    let lint = || command(tool("python/bin/hadolint"), repository());
    assert_eq!(run(lint().arg(RECIPE)), (Some(0), String::new(), String::new()));
    let (code, complaints, _) = run(lint().arg("--disable-ignore-pragma").arg(RECIPE));
    assert!(code != Some(0) && complaints.contains("DL3008"), "{complaints}");
}

#[test]
fn what_it_is_built_from_is_what_the_crate_has() {
    let text = read("packages/docker/Dockerfile.dockerignore");
    let (all, kept) = text.split_once('\n').unwrap();
    assert_eq!(all, "*");
    let kept: BTreeSet<&str> = kept.lines().map(|line| line.strip_prefix('!').unwrap()).collect();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let included = manifest["package"]["include"].as_array().unwrap().iter();
    let included = included.map(|it| it.as_str().unwrap().trim_start_matches('/'));
    // Cargo packs these by itself.
    assert_eq!(kept, included.chain(["Cargo.toml", "Cargo.lock"]).collect());
}

#[test]
fn it_is_as_new_as_the_crate_needs() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let version = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(read(RECIPE).contains(&format!("FROM rust:{version}-")), "{version}");
}

#[test]
fn it_is_built_and_runs() {
    let has_engine = client("docker", repository()).arg("info").output().is_ok_and(|output| output.status.success());
    if !has_engine {
        eprintln!("skipped: there is no engine that images could be built with");
        return;
    }
    let name = "hookshift:under-test";
    succeed(client("docker", repository()).args(["build", "--file", RECIPE, "--tag", name, "."]));
    let version = succeed(client("docker", repository()).args(["run", "--rm", name, "--version"]));
    assert_eq!(version, concat!("hookshift ", env!("CARGO_PKG_VERSION"), "\n"));
    let who = succeed(client("docker", repository()).args(["run", "--rm", "--entrypoint", "id", name, "-u"]));
    assert_eq!(who, "10001\n");
    let project = format!("{}:/project:ro", repository().join("corpus/acme").display());
    let (code, ..) = run(client("docker", repository()).args(["run", "--rm", "--volume", &project, name, "check"]));
    assert_eq!(code, Some(1));
}
