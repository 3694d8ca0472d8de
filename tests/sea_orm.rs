//! Holds `rules/sea-orm.toml` against a running SeaORM: `tests/sea-orm` does each write on SQLite in memory
//! and tells which hooks ran, with 1.1 by itself and with 2.0 by `tests/sea-orm-2`.
//!
//! Builds an ORM, so it runs only where `CACHE_LINT_SEA_ORM=1` asks for it, as CI does.

use std::io::Write;
use std::process::Command;

use wildmatch::WildMatch;

#[test]
fn the_table_of_writes_is_what_sea_orm_does() {
    if std::env::var("CACHE_LINT_SEA_ORM").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: CACHE_LINT_SEA_ORM=1 builds and runs SeaORM");
        return;
    }
    for (judge, least) in [("sea-orm", 14), ("sea-orm-2", 22)] {
        compare(judge, least);
    }
}

/// Complains where a judge tells of a write what the table does not; it is to know `least` of them.
fn compare(judge: &str, least: usize) {
    let said = include_str!("../rules/sea-orm.toml");
    let said: toml::Table = said.parse().expect("the framework file is TOML");
    let writes = said["query"]["write"].as_array().expect("writes are listed");
    let ran = Command::new("cargo")
        .args(["run", "--quiet", "--locked", "--target-dir", "target/sea-orm", "--manifest-path"])
        .arg(format!("tests/{judge}/Cargo.toml"))
        .output()
        .expect("cargo starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told = String::from_utf8(ran.stdout).expect("the judge prints text");
    let mut judged = 0;
    for line in told.lines() {
        let mut words = line.split(' ');
        let (on, call) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let hooks = words.next().unwrap_or_default();
        if on == "links" {
            let (on, method) = call.split_once(':').expect("what the method is called on");
            let known = writes
                .iter()
                .find(|it| it["on"].as_str() == Some(on) && it["method"].as_str() == Some(method));
            let links = known.and_then(|it| it.get("links")).and_then(toml::Value::as_bool);
            assert_eq!(links.unwrap_or(false), hooks == "gone", "{line}");
            assert!(!line.contains("link:"), "hooks of links ran: {line}");
            judged += 1;
            continue;
        }
        // Behind the colon stands in what way it is run.
        let method = call.split(':').next().unwrap_or(call);
        let known = writes.iter().find(|write| {
            write["on"].as_str() == Some(on)
                && write["method"].as_str().is_some_and(|it| WildMatch::new(it).matches(method))
        });
        let Some(known) = known else {
            assert!(!["active", "row", "entity"].contains(&on) || hooks.is_empty(), "{line}");
            continue;
        };
        let runs_hooks = known.get("hooks").and_then(toml::Value::as_bool).unwrap_or(false);
        assert_eq!(runs_hooks, hooks.contains("after_"), "{line}");
        judged += 1;
    }
    assert!(judged >= least, "only {judged} writes of {judge} were judged:\n{told}");
}
