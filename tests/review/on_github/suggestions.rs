//! What suggestions do, once they are taken.

use super::*;

#[test]
fn a_suggestion_does_what_fix_does() {
    let scene = Scene::of(Project::with_many_findings(4));
    scene.run();
    let path = scene.project.file("src/mod_shop_many.erl");
    let mut comments = scene.server.played().comments.clone();
    assert_eq!(comments.len(), 4);
    // From below, so that lines stay where they are.
    comments.sort_by_key(|it| std::cmp::Reverse(it["line"].as_u64()));
    let copy = scene.project.file("copy.erl");
    fs::copy(&path, &copy).unwrap();
    for comment in &comments {
        let text = take_suggestion(&copy, comment);
        fs::write(&copy, text).unwrap();
    }
    let fix = Command::new(cargo_bin!("hookshift")).args(["fix", "--write"]).arg(&path).output().unwrap();
    assert!(fix.status.success());
    assert_eq!(fs::read_to_string(&copy).unwrap(), fs::read_to_string(&path).unwrap());
    compiles(&path);
}

#[test]
fn a_suggestion_with_several_lines_compiles() {
    let scene = Scene::new();
    // What is in its way is settled.
    scene.project.change("src/mod_shop_keeper.erl", "roster_in_subscripton", "roster_in_subscription");
    scene.push("A slip");
    scene.run();
    let comments = scene.server.played().comments.clone();
    let comment = comments.iter().find(|it| it["path"] == "src/mod_shop_keeper.erl").unwrap();
    assert_eq!((&comment["start_line"], &comment["line"]), (&json!(16), &json!(21)));
    let path = scene.project.file("src/mod_shop_keeper.erl");
    let taken = take_suggestion(&path, comment);
    let fix = ["fix", "--write", "--select", "removed-hook"];
    Command::new(cargo_bin!("hookshift")).args(fix).arg(&path).output().unwrap();
    assert_eq!(taken, fs::read_to_string(&path).unwrap());
    compiles(&path);
}

#[test]
fn whoever_takes_all_suggestions_has_settled_what_they_are_for() {
    let scene = Scene::of(Project::with_the_modules_of_acme());
    scene.expect(1, "30 comments made");
    scene.writes();
    scene.expect(1, "0 comments made");
    assert_eq!(scene.writes().len(), 0);
    let mut comments = scene.server.played().comments.clone();
    comments.retain(|it| it["body"].as_str().unwrap().contains("```suggestion\n"));
    assert!(comments.len() >= 8, "{}", comments.len());
    comments.sort_by_key(|it| std::cmp::Reverse(it["line"].as_u64()));
    for comment in &comments {
        let path = scene.project.file(comment["path"].as_str().unwrap());
        let text = take_suggestion(&path, comment);
        fs::write(&path, text).unwrap();
    }
    scene.push("All suggestions");
    scene.expect(1, "taken back");
    let marker = |it: &Value| it["body"].as_str().unwrap().lines().last().unwrap().to_owned();
    let taken: Vec<Value> = comments.iter().map(|it| it["id"].clone()).collect();
    let played = scene.server.played();
    let left: Vec<String> = played.comments.iter().filter(|it| taken.contains(&it["id"])).map(marker).collect();
    assert_eq!(left, <[String; 0]>::default());
    drop(played);
    scene.writes();
    scene.expect(1, "0 comments made");
    assert_eq!(scene.writes().len(), 0);
}

/// A file after somebody has taken the suggestion of a comment, as GitHub does it.
fn take_suggestion(file: &Path, comment: &Value) -> String {
    let body = comment["body"].as_str().unwrap();
    let start = body.find("suggestion\n").unwrap();
    let fence = &body[body[..start].rfind('\n').unwrap() + 1..start];
    assert!(fence.len() >= 3 && fence.chars().all(|c| c == '`'));
    let text = &body[start + "suggestion\n".len()..];
    let text = &text[..text.find(&format!("{fence}\n")).unwrap()];
    let last = usize::try_from(comment["line"].as_u64().unwrap()).unwrap();
    let first = comment["start_line"].as_u64().map_or(last, |it| usize::try_from(it).unwrap());
    replaced(file, (first, last), text)
}

fn compiles(file: &Path) {
    let out = tempfile::tempdir().unwrap();
    let erlc = Command::new("erlc").arg("-o").arg(out.path()).arg(file).output();
    let erlc = erlc.expect("erlc is needed for this test: install Erlang");
    assert!(erlc.status.success(), "{}", String::from_utf8_lossy(&erlc.stdout));
}
