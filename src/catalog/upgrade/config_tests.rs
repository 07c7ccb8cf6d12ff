use super::super::super::testing::{V1_0, V1_2, catalog_with};
use super::*;

/// Two steps, each given as `kind path after` and what else there is to say.
fn upgrade(first: &str, second: &str) -> Upgrade {
    let entries = |text: &str, step: usize| {
        let read = |line: &str| {
            let mut entry: toml::Table = toml::from_str(&line.replace("; ", "\n")).unwrap();
            let path = entry["path"].as_str().unwrap().to_owned();
            entry.insert("summary".to_owned(), format!("{} {path}", step + 1).into());
            entry.insert("advice".to_owned(), String::new().into());
            entry.insert("evidence".to_owned(), toml::value::Array::new().into());
            entry.try_into().unwrap()
        };
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(read).collect::<Vec<ConfigChange>>()
    };
    let catalog = catalog_with(|step, changes| changes.config = entries([first, second][step], step));
    catalog.upgrade(V1_0, V1_2).unwrap()
}

/// What holds after two steps.
fn told(first: &str, second: &str) -> Vec<String> {
    let upgrade = upgrade(first, second);
    let show = |fate: &ConfigFate| {
        let ConfigChange { kind, path, before, after, summary, .. } = &fate.change;
        let names: Vec<_> = fate.names.iter().map(|it| format!("{}>{}", it.path, it.now)).collect();
        format!("{kind:?} {path} [{before}|{after}] {} ({summary})", names.join(" "))
    };
    upgrade.config_changes().map(show).collect()
}

const A_TO_B: &str = "kind = 'renamed'; path = 'm.a'; after = 'm.b'";

#[test]
fn the_last_name_counts() {
    assert_eq!(told(A_TO_B, "kind = 'renamed'; path = 'm.b'; after = 's.c'"), ["Renamed m.a [|s.c] m.a>s.c (2 m.b)"]);
    assert_eq!(told(A_TO_B, "kind = 'renamed'; path = 'm.b'; after = 'm.a'"), [""; 0]);
    // An option of a table that is renamed later.
    assert_eq!(
        told("kind = 'renamed'; path = 'm.a.x'; after = 'm.a.y'", A_TO_B),
        ["Renamed m.a.x [|m.b.y] m.a.x>m.a.y m.b.x>m.b.y (1 m.a.x)", "Renamed m.a [|m.b] m.a>m.b (2 m.a)"]
    );
    // And one of a table that was renamed before.
    assert_eq!(
        told(A_TO_B, "kind = 'renamed'; path = 'm.b.x'; after = 'm.b.y'"),
        ["Renamed m.a [|m.b] m.a>m.b (1 m.a)", "Renamed m.a.x [|m.b.y] m.a.x>m.a.y m.b.x>m.b.y (2 m.b.x)"]
    );
}

#[test]
fn a_table_and_its_option_may_be_renamed_in_one_step() {
    assert_eq!(
        told(
            "kind = 'renamed'; path = 'l.a[]'; after = 'l.b[]'
            kind = 'renamed'; path = 'l.a[].x'; after = 'l.b[].y'",
            "kind = 'removed-option'; path = 'l.b[].z'"
        ),
        [
            "Renamed l.a[] [|l.b[]] l.a[]>l.b[] (1 l.a[])",
            "Renamed l.a[].x [|l.b[].y] l.a[].x>l.a[].y l.b[].x>l.b[].y (1 l.a[].x)",
            "RemovedOption l.a[].z [|] l.a[].z>l.a[].z l.b[].z>l.b[].z (2 l.b[].z)",
        ]
    );
}

#[test]
fn what_goes_in_the_end_is_gone() {
    assert_eq!(told(A_TO_B, "kind = 'removed-option'; path = 'm.b'"), ["RemovedOption m.a [|] m.a>m.a (2 m.b)"]);
    assert_eq!(
        told(
            "kind = 'changed-default'; path = 'm.a.x'; before = '1'; after = '2'
            kind = 'removed-option'; path = 'm.a.y'
            kind = 'required-option'; path = 'm.a.z'; given = 'm.a'
            kind = 'new-option'; path = 'm.a.n'",
            "kind = 'removed-option'; path = 'm.a'"
        ),
        ["RemovedOption m.a [|] m.a>m.a (2 m.a)"]
    );
    // Something was moved into what goes.
    assert_eq!(
        told("kind = 'renamed'; path = 's.x'; after = 'm.a.x'", "kind = 'removed-option'; path = 'm.a'"),
        ["RemovedOption m.a [|] m.a>m.a (2 m.a)", "RemovedOption s.x [|] s.x>s.x (2 m.a)"]
    );
}

#[test]
fn what_came_on_the_way_is_not_told_to_have_changed() {
    let new = "kind = 'new-option'; path = 'm.a'";
    assert_eq!(told(new, "kind = 'removed-option'; path = 'm.a'"), [""; 0]);
    assert_eq!(told(new, A_TO_B), ["NewOption m.b [|] m.b>m.b (1 m.a)"]);
    assert_eq!(
        told(new, "kind = 'changed-default'; path = 'm.a.x'; before = '1'; after = '2'"),
        ["NewOption m.a [|] m.a>m.a (1 m.a)"]
    );
    assert_eq!(
        told(new, "kind = 'required-option'; path = 'm.a'; given = 'm'"),
        ["RequiredOption m.a [|] m.a>m.a (2 m.a)"]
    );
}

#[test]
fn defaults_and_types_count_from_end_to_end() {
    let default = |from, to| format!("kind = 'changed-default'; path = 'm.a'; before = '{from}'; after = '{to}'");
    assert_eq!(told(&default(1, 2), &default(2, 3)), ["ChangedDefault m.a [1|3] m.a>m.a (2 m.a)"]);
    assert_eq!(told(&default(1, 2), &default(2, 1)), [""; 0]);
    assert_eq!(
        told(&default(1, 2), A_TO_B),
        ["ChangedDefault m.a [1|2] m.a>m.b (1 m.a)", "Renamed m.a [|m.b] m.a>m.b (2 m.a)"]
    );
}

#[test]
fn values_are_followed() {
    let value =
        |from: &str, to: &str| format!("kind = 'removed-value'; path = 'm.a'; before = '{from}'; after = '{to}'");
    assert_eq!(
        told(&value("1", "2"), &value("2", "3")),
        ["RemovedValue m.a [1|3] m.a>m.a (1 m.a)", "RemovedValue m.a [2|3] m.a>m.a (2 m.a)"]
    );
}

#[test]
fn what_has_to_be_given_may_be_left_out_again() {
    let required = "kind = 'required-option'; path = 'l.c[].tls.ca'; given = 'l.c[].tls'";
    assert_eq!(told(required, "kind = 'new-option'; path = 'l.c[].tls.ca'"), [""; 0]);
    assert_eq!(
        told(required, "kind = 'renamed'; path = 'l.c[]'; after = 'l.d[]'"),
        [
            "RequiredOption l.d[].tls.ca [|] l.c[].tls.ca>l.c[].tls.ca l.d[].tls.ca>l.d[].tls.ca (1 l.c[].tls.ca)",
            "Renamed l.c[] [|l.d[]] l.c[]>l.d[] (2 l.c[])"
        ]
    );
}

#[test]
fn what_makes_it_necessary_is_followed() {
    let by_value = "kind = 'required-option'; path = 'l.c[].tls.ca'; given = 'l.c[].tls.m = \"x\"'";
    let of = |given: &str| format!("kind = 'required-option'; path = 'l.c[].tls.ca'; given = '{given}'");
    // The later step says it of all tables, or of those with this value as well.
    for later in ["l.c[].tls", "l.c[].tls.m", "l.c[].tls.m = \"x\""] {
        let told = told(by_value, &of(later));
        assert_eq!(told.len(), 1, "{later}: {told:?}");
        assert!(told[0].contains("(2 "), "{told:?}");
    }
    assert_eq!(told(by_value, &of("l.c[].tls.m = \"y\"")).len(), 2);
    assert_eq!(told(by_value, "kind = 'removed-option'; path = 'l.c[].tls.m'").len(), 1);
    let given = |first: &str, second: &str| {
        let upgrade = upgrade(first, second);
        let fate = upgrade.config_changes_of(ConfigKind::RequiredOption).next().unwrap();
        (fate.given.clone(), fate.change.given.clone())
    };
    assert_eq!(
        given(by_value, "kind = 'renamed'; path = 'l.c[]'; after = 'l.d[]'"),
        (vec!["l.c[].tls.m".to_owned(), "l.d[].tls.m".to_owned()], "l.d[].tls.m = \"x\"".to_owned())
    );
    assert_eq!(
        given(by_value, "kind = 'renamed'; path = 'l.c[].tls.m'; after = 'l.c[].tls.n'"),
        (vec!["l.c[].tls.m".to_owned(), "l.c[].tls.n".to_owned()], "l.c[].tls.n = \"x\"".to_owned())
    );
}

#[test]
fn what_makes_a_value_one_all_the_same_is_followed() {
    let value = "kind = 'removed-value'; path = 'm.a'; before = '1'; unless = 's.*'";
    let upgrade = upgrade(value, "kind = 'renamed'; path = 's'; after = 'general.s'");
    let fate = upgrade.config_changes_of(ConfigKind::RemovedValue).next().unwrap();
    assert_eq!(fate.unless, ["s.*", "general.s.*"]);
}

#[test]
fn a_module_is_needed_under_its_last_name() {
    let required = "kind = 'required-module'; path = 'modules.a'; implied_by = ['b', 'c']";
    assert_eq!(told(required, "kind = 'removed-option'; path = 'modules.a'").len(), 1);
    assert_eq!(
        told(required, "kind = 'renamed'; path = 'modules.a'; after = 'modules.z'"),
        [
            "RequiredModule modules.z [|] modules.a>modules.z (1 modules.a)",
            "Renamed modules.a [|modules.z] modules.a>modules.z (2 modules.a)"
        ]
    );
    let catalog = catalog_with(|step, changes| {
        let mut entry: toml::Table = toml::from_str(if step == 0 {
            "kind = 'required-module'\npath = 'modules.a'\nimplied_by = ['b', 'c']"
        } else {
            "kind = 'renamed'\npath = 'modules.b'\nafter = 'modules.d'"
        })
        .unwrap();
        entry.insert("summary".to_owned(), "x".into());
        entry.insert("advice".to_owned(), "x".into());
        entry.insert("evidence".to_owned(), toml::value::Array::new().into());
        changes.config = vec![entry.try_into().unwrap()];
    });
    let upgrade = catalog.upgrade(V1_0, V1_2).unwrap();
    let fate = upgrade.config_changes_of(ConfigKind::RequiredModule).next().unwrap();
    assert_eq!(fate.change.implied_by, ["b", "c", "d"]);
    let names = |module: &str| upgrade.under_all_names(&[module.to_owned()]);
    assert_eq!(
        (names("b"), names("d"), names("c")),
        (vec!["b".into(), "d".into()], vec!["d".into(), "b".into()], vec!["c".into()])
    );
}

#[test]
fn nobody_waits_for_a_hook_that_is_gone() {
    let precondition = |hook| format!("kind = 'precondition'; path = 'l.c[].x'; before = 'all'; hook = '{hook}'");
    assert_eq!(told(&precondition("login"), "").len(), 1);
    assert_eq!(told(&precondition("no_such_hook"), ""), [""; 0]);
}
