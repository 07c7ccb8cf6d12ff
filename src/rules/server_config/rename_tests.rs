use std::sync::Arc;

use super::*;
use crate::rewrite::compose::Composition;
use crate::source::Source;

/// What comes of renaming all entries with a path, one after the other, or why the first that cannot be renamed is not.
fn renamed(text: &str, path: &str, now: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    loop {
        let source = Source::from_text("mongooseim.toml".into(), text.clone()).unwrap();
        let config = ServerConfig::of(&Arc::new(source)).unwrap();
        let Some((entry, bound)) = config.naming(path).next() else { return Ok(text) };
        let now = bound.fill(now, path).ok_or("not of a host")?;
        let fix = rename(&config, entry, &now, Vec::new())?;
        let mut edited = Composition::default();
        edited.add(&fix).map_err(|_| "conflict")?;
        let new = edited.texts().next().unwrap().1;
        assert_ne!(new, text);
        text = new;
    }
}

#[track_caller]
fn is(path: &str, now: &str, before: &str, after: &str) {
    assert_eq!(renamed(before, path, now).as_deref(), Ok(after));
}

#[track_caller]
fn is_not(path: &str, now: &str, text: &str, why: &str) {
    let told = renamed(text, path, now).unwrap_err();
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_table_is_renamed_wherever_it_is_named() {
    let (path, now) = ("modules.mod_a", "modules.mod_b");
    is(
        path,
        now,
        "[modules.mod_a]\nx = 1 # mod_a\n\n[modules.mod_x]\n[modules.mod_a.pm]\n[modules.mod_a.pm.deep]\ny = 'mod_a'\n",
        "[modules.mod_b]\nx = 1 # mod_a\n\n[modules.mod_x]\n[modules.mod_b.pm]\n[modules.mod_b.pm.deep]\ny = 'mod_a'\n",
    );
    is(path, now, "[modules.mod_a.pm]\n", "[modules.mod_b.pm]\n");
    is(path, now, "[ modules . 'mod_a' . pm ]\n", "[ modules . mod_b . pm ]\n");
    is(path, now, "modules.mod_a.x = 1\nmodules.\"mod_a\".y = 2\n", "modules.mod_b.x = 1\nmodules.mod_b.y = 2\n");
    is(path, now, "[modules]\nmod_a.x = 1\nmod_a . y = 2\n", "[modules]\nmod_b.x = 1\nmod_b . y = 2\n");
    is(path, now, "modules = {mod_a = {mod_a = 1}, mod_x = {}}\n", "modules = {mod_b = {mod_a = 1}, mod_x = {}}\n");
    is(path, now, "[modules.mod_a]\r\nx = 1\r\n", "[modules.mod_b]\r\nx = 1\r\n");
    is(
        path,
        now,
        "[[host_config]]\nhost = 'a'\n[host_config.modules.mod_a]\n[[host_config]]\n[host_config.modules.mod_a.pm]\n",
        "[[host_config]]\nhost = 'a'\n[host_config.modules.mod_b]\n[[host_config]]\n[host_config.modules.mod_b.pm]\n",
    );
    is(
        path,
        now,
        "host_config = [{host = 'a', modules = {mod_a = {}}}, {host = 'b', modules.mod_a = {}}]\n",
        "host_config = [{host = 'a', modules = {mod_b = {}}}, {host = 'b', modules.mod_b = {}}]\n",
    );
}

#[test]
fn tables_of_a_list_are_renamed_one_by_one() {
    let (path, now) = ("l.x[]", "l.y[]");
    is(path, now, "[[l.x]]\na = 1\n[l.x.t]\n[[l.x]]\n[[l.y]]\n", "[[l.y]]\na = 1\n[l.y.t]\n[[l.y]]\n[[l.y]]\n");
    is(path, now, "[l]\nx = [{a = 1}, {x = 2}]\n", "[l]\ny = [{a = 1}, {x = 2}]\n");
    is(path, now, "l = {x = [{a = 1}]}\n", "l = {y = [{a = 1}]}\n");
    // The name of a table of its own in each of them.
    is("l.x[].t", "l.x[].u", "[[l.x]]\n[l.x.t]\n[[l.x]]\nt.a = 1\n", "[[l.x]]\n[l.x.u]\n[[l.x]]\nu.a = 1\n");
}

#[test]
fn options_are_renamed() {
    is("s.a", "s.b", "[s]\n  a = [1,\n  2] # a\n", "[s]\n  b = [1,\n  2] # a\n");
    is("p.*.*.a", "p.*.*.b", "[p.x.y]\na = 1\n[p.x.\"y.z\"]\na = 2\n", "[p.x.y]\nb = 1\n[p.x.\"y.z\"]\nb = 2\n");
}

#[test]
fn templates_keep_their_tags() {
    is(
        "modules.mod_a",
        "modules.mod_b",
        "{{#mod_a}}\n[modules.mod_a]\n  x = {{{mod_a}}}\n{{{mod_a}}}\n{{/mod_a}}\n",
        "{{#mod_a}}\n[modules.mod_b]\n  x = {{{mod_a}}}\n{{{mod_a}}}\n{{/mod_a}}\n",
    );
}

#[test]
fn a_place_in_a_table_below_is_said_in_the_same_line() {
    is("s.a", "s.out.a", "[s]\na = 1\n", "[s]\nout.a = 1\n");
    is("s.a", "s.out.tls.b", "s = {a = 1, c = 2}\n", "s = {out.tls.b = 1, c = 2}\n");
    is("s.a", "s.out.a", "[[s.a]]\nx = 1\n[[s.a]]\n", "[[s.out.a]]\nx = 1\n[[s.out.a]]\n");
    // A table with a header cannot be continued elsewhere, so it is moved.
    is("s.a", "s.out.a", "[s]\na = 1\nz = 0\n[s.out]\nb = 2\n", "[s]\nz = 0\n[s.out]\nb = 2\na = 1\n");
}

#[test]
fn another_place_is_said_in_headers() {
    is("m.mod_a", "s.svc_a", "[m.mod_a]\nx = 1\n[m.mod_b]\n", "[s.svc_a]\nx = 1\n[m.mod_b]\n");
    is("m.mod_a", "s.svc_a", "m.mod_a.x = 1\n", "s.svc_a.x = 1\n");
    is_not("m.mod_a", "s.svc_a", "[m]\nmod_a = {x = 1}\n", "to which it has to be moved");
    is_not("modules.mod_a", "s.svc_a", "[[host_config]]\n[host_config.modules.mod_a]\n", "not of a host");
}

#[test]
fn an_option_moves_to_a_table_that_is_there() {
    let (path, now) = ("p.r.*.connection.n", "p.r.*.n");
    is(
        path,
        now,
        "[p.r.main]\nscope = 'global'\n\n[p.r.main.connection]\nn = 5\nhost = 'a'\n",
        "[p.r.main]\nscope = 'global'\nn = 5\n\n[p.r.main.connection]\nhost = 'a'\n",
    );
    is(path, now, "[p.r.main]\nconnection.n = 5\n", "[p.r.main]\nn = 5\n");
    is_not(path, now, "[p.r.main.connection]\nn = 5\n", "there is no `[p.r.main]` with a header here");
    is_not(path, now, "{{#a}}\n[p.r.main]\n{{/a}}\n[p.r.main.connection]\nn = 5\n", "a condition of the template");
}

#[test]
fn what_is_there_already_is_not_overwritten() {
    is_not("m.a", "m.b", "[m.a]\n[m.b]\n", "`m.b` is there already");
    is_not("m.a", "m.b", "[m]\na = 1\nb = 2\n", "`m.b` is there already");
    is_not("l.x[].a", "l.x[].b", "[[l.x]]\na = 1\nb = 2\n", "is there already");
    // In another table of the list it is no matter.
    is("l.x[].a", "l.x[].b", "[[l.x]]\na = 1\n[[l.x]]\nb = 2\n", "[[l.x]]\nb = 1\n[[l.x]]\nb = 2\n");
    is_not("l.x[]", "l.y[]", "[[l.x]]\n[[l.z]]\n[l]\ny = [{}]\n", "");
}
