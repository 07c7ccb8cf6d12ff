use hookshift::{
    outline::Module,
    project::{modules::Modules, registrations},
    source::Source,
};
use std::sync::Arc;
fn main() {
    let root = std::env::args().nth(1).unwrap();
    let mut paths: Vec<_> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(|e| e.ok())
        .map(|e| e.into_path())
        .filter(|p| p.extension().is_some_and(|e| e == "erl" || e == "hrl"))
        .collect();
    paths.sort();
    let modules = Modules::new(paths.clone(), &[], &[]);
    let (mut n, mut un, mut parsed) = (0, 0, 0);
    let mut read = 0;
    for p in &paths {
        let Ok(s) = Source::read(p) else { continue };
        read += s.text().len();
        if !s.text().contains("hook") {
            continue;
        }
        let m = Arc::new(Module::new(Arc::new(s)));
        modules.insert(&m);
        let f = registrations::find(&modules, &m, &Default::default());
        for r in &f.registrations {
            n += 1;
            if r.unresolved.is_some() {
                un += 1
            }
            println!(
                "{:?} {:?} {} {:?} {} {:?} {} {:?}",
                r.action,
                r.hook,
                r.tag,
                r.handler,
                r.priority,
                r.place,
                r.registered(),
                r.unresolved
            );
        }
        for (w, rs) in &f.open {
            println!("OPEN {w:?}");
            for r in rs {
                println!("   {:?} {:?} {:?}", r.hook, r.handler, r.place)
            }
        }
        parsed += m.parsed_bytes();
    }
    println!("{n} {un} parsed {parsed} of {read}");
}
