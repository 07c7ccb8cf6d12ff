//! The server's release as the tag of a container image: `FROM mongooseim/mongooseim:6.0.0`, `image: …/mongooseim:6.0.0`.
//!
//! An image says what code is run on, which is what it was written for until somebody upgrades; so it counts less than
//! what the code is built with. Values of variables are those that the same file gives them.

use std::path::Path;

use super::{Detected, SERVER};
use crate::catalog::Version;

/// Files that name an image, the first one first.
pub(super) const FILES: [&str; 7] = [
    "Dockerfile",
    "Containerfile",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
    "docker/Dockerfile",
];

/// A file of this size, in bytes, is not one that people write.
const MOST_BYTES: u64 = 1 << 20;

/// Looks in the files of one directory.
pub(super) fn detect(directory: &Path) -> Option<Detected> {
    FILES.iter().find_map(|name| {
        let path = directory.join(name);
        let is_small = std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= MOST_BYTES);
        let text = is_small.then(|| std::fs::read(&path).ok()).flatten()?;
        let (version, line) = find(&String::from_utf8_lossy(&text))?;
        Some(Detected { version, path, line })
    })
}

/// The release, and the 1-based line that names it. Of several images the last one counts: what a Dockerfile ends with is
/// what is run.
fn find(text: &str) -> Option<(Version, usize)> {
    let lines = text.lines().enumerate().filter_map(|(at, line)| Some((image(line)?, at + 1)));
    let versions = lines.filter_map(|(image, line)| Some((version(image, text)?, line)));
    versions.last()
}

/// What a line has behind `FROM` or `image:`.
fn image(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let rest = match line.split_once(char::is_whitespace) {
        Some((word, rest)) if word.eq_ignore_ascii_case("from") || word == "image:" => rest,
        _ => return None,
    };
    let words = rest.split_whitespace().find(|word| !word.starts_with("--"))?;
    Some(words.trim_matches(['"', '\'']))
}

/// The release in a reference such as `mongooseim/mongooseim:6.0.0`, when it is the server's.
fn version(image: &str, text: &str) -> Option<Version> {
    let image = image.split('@').next().unwrap_or(image);
    let (name, tag) = split_tag(image)?;
    let is_server = name.rsplit('/').next() == Some(SERVER);
    let tag = if is_server { value(tag, text)? } else { return None };
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    tag.split('-').next()?.parse().ok()
}

/// The colon before a tag is the last one, and not one within `${…}` or before a port.
fn split_tag(image: &str) -> Option<(&str, &str)> {
    let end = image.find('$').unwrap_or(image.len());
    let at = image[..end].rfind(':')?;
    let tag = &image[at + 1..];
    (tag.starts_with('$') || !tag.contains('/')).then_some((&image[..at], tag))
}

/// What stands for a tag: itself, or what a variable has by default.
fn value<'t>(tag: &'t str, text: &'t str) -> Option<&'t str> {
    let Some(name) = tag.strip_prefix('$') else { return Some(tag) };
    let name = name.strip_prefix('{').map_or(name, |inside| inside.split('}').next().unwrap_or(inside));
    if let Some((_, default)) = name.split_once(":-").or_else(|| name.split_once('-')) {
        return Some(default);
    }
    let given = text.lines().filter_map(|line| line.trim_start().strip_prefix("ARG "));
    let mut given = given.filter_map(|line| line.trim().split_once('='));
    let last = given.rfind(|(known, _)| *known == name);
    last.map(|(_, value)| value.trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        find(text).map(|(version, line)| format!("{version}:{line}"))
    }

    #[test]
    fn the_tag_of_the_image_is_the_release() {
        assert_eq!(found("FROM mongooseim/mongooseim:6.0.0\nCOPY ebin /usr/lib\n").as_deref(), Some("6.0.0:1"));
        assert_eq!(
            found("from --platform=linux/amd64 erlangsolutions/mongooseim:6.3.2 AS server").as_deref(),
            Some("6.3.2:1")
        );
        assert_eq!(found("FROM registry.example.org:5000/im/mongooseim:v6.1.0-2").as_deref(), Some("6.1.0:1"));
        let compose = "services:\n  xmpp:\n    image: \"mongooseim/mongooseim:5.1.0\"\n";
        assert_eq!(found(compose).as_deref(), Some("5.1.0:3"));
    }

    #[test]
    fn of_several_stages_the_last_one_runs() {
        let text = "FROM mongooseim/mongooseim:6.0.0 AS build\nFROM mongooseim/mongooseim:6.1.0\n";
        assert_eq!(found(text).as_deref(), Some("6.1.0:2"));
        assert_eq!(found("FROM mongooseim/mongooseim:6.0.0\nFROM debian:12.0.0\n").as_deref(), Some("6.0.0:1"));
    }

    #[test]
    fn variables_have_what_the_file_gives_them() {
        let text = "ARG MIM=6.0.0\nFROM mongooseim/mongooseim:${MIM}\n";
        assert_eq!(found(text).as_deref(), Some("6.0.0:2"));
        assert_eq!(found("ARG MIM=\"6.0.0\"\nFROM mongooseim/mongooseim:$MIM\n").as_deref(), Some("6.0.0:2"));
        assert_eq!(found("image: mongooseim/mongooseim:${TAG:-6.2.1}").as_deref(), Some("6.2.1:1"));
        assert_eq!(found("image: mongooseim/mongooseim:${TAG}"), None);
    }

    #[test]
    fn other_images_and_moving_tags_say_nothing() {
        for text in [
            "FROM mongooseim/mongooseim:latest",
            "FROM mongooseim/mongooseim",
            "FROM acme/mongooseim-exporter:6.0.0",
            "FROM postgres:15.0.0",
            "# FROM mongooseim/mongooseim:6.0.0",
            "FROM mongooseim/mongooseim@sha256:0a1b",
            "image:mongooseim/mongooseim:6.0.0",
            "FROM registry.example.org:5000/mongooseim",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
