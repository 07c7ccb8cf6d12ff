//! Everything that names the version of hookshift names the same one.

use serde_json::Value;

use super::read;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

#[test]
fn packages_have_the_version_of_the_crate() {
    let main = json("packages/npm/hookshift/package.json");
    assert_eq!(main["version"], VERSION);
    let optional = main["optionalDependencies"].as_object().unwrap();
    assert!(optional.len() >= 7);
    // Exactly this version, as the program and what starts it belong together.
    assert!(optional.values().all(|it| it == VERSION), "{optional:?}");
    assert_eq!(json("editors/vscode/package.json")["version"], VERSION);
    let lock = json("editors/vscode/package-lock.json");
    assert_eq!(lock["version"], VERSION);
    assert_eq!(lock["packages"][""]["version"], VERSION);
    let plugin = read("packages/rebar3_hookshift/src/rebar3_hookshift.app.src");
    assert!(plugin.contains(&format!("{{vsn, \"{VERSION}\"}}")), "{plugin}");
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let locked = lock["package"].as_array().unwrap().iter().find(|it| it["name"].as_str() == Some("hookshift"));
    assert_eq!(locked.unwrap()["version"].as_str(), Some(VERSION));
}

#[test]
fn the_wheel_takes_its_version_from_the_crate() {
    let project: toml::Table = read("packages/python/pyproject.toml").parse().unwrap();
    let project = &project["project"];
    assert!(project.get("version").is_none());
    let dynamic = project["dynamic"].as_array().unwrap();
    assert!(dynamic.iter().any(|it| it.as_str() == Some("version")));
}

#[test]
fn change_logs_begin_with_this_version_or_with_what_is_not_released() {
    let debian = read("packages/debian/changelog");
    assert!(debian.starts_with(&format!("hookshift ({VERSION}-1) ")), "{debian}");
    for page in ["CHANGELOG.md", "editors/vscode/CHANGELOG.md"] {
        let text = read(page);
        let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let first = headings.next().unwrap();
        assert!(first == VERSION || first == "Unreleased", "{page} begins with {first}");
        // Releases are in order, and none is told twice.
        let releases: Vec<Vec<u64>> =
            [first].into_iter().chain(headings).filter(|it| *it != "Unreleased").map(parts).collect();
        assert!(releases.iter().all(|it| it.len() == 3), "{page}: {releases:?}");
        assert!(releases.windows(2).all(|pair| pair[0] > pair[1]), "{page}: {releases:?}");
        assert!(releases.first().is_none_or(|newest| *newest <= parts(VERSION)), "{page}: {releases:?}");
    }
}

fn parts(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_else(|_| panic!("{version} is no version"))).collect()
}

#[test]
fn every_package_has_the_licence() {
    let licence = read("LICENSE");
    for copy in ["packages/npm/hookshift/LICENSE", "packages/python/LICENSE", "editors/vscode/LICENSE"] {
        assert!(read(copy) == licence, "{copy} is not LICENSE");
    }
    for place in ["packages/npm/hookshift/package.json", "packages/rebar3_hookshift/src/rebar3_hookshift.app.src"] {
        assert!(read(place).contains("\"Apache-2.0\""), "{place}");
    }
}
