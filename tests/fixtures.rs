//! Every case under `fixtures/` says on its own lines what must be found: `# expect: CL101`.
//!
//! A `fires*` case runs its own rule; a `quiet*` case runs all of them: its own must be silent, and the
//! others say what the lines expect.
//! `SNAPSHOTS=overwrite cargo test --test fixtures` writes `words.snap` anew; read the difference.

mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use cases::{Case, Place};
use rayon::prelude::*;

/// How many firing cases of a rule show their words.
const SHOWN: usize = 2;

#[test]
fn each_case_finds_what_its_lines_expect() {
    let cases = cases::all();
    assert!(!cases.is_empty(), "there are no cases under fixtures/");
    let complaints: Vec<String> = cases.par_iter().filter_map(complaint).collect();
    let (failed, all) = (complaints.len(), cases.len());
    assert!(complaints.is_empty(), "{failed} of {all} cases differ\n\n{}", complaints.join("\n"));
}

#[test]
fn the_words_of_each_rule() {
    let mut shown: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    let cases = cases::all();
    for case in cases.iter().filter(|case| case.fires()) {
        let of_rule = shown.entry(&case.rule).or_default();
        if of_rule.len() < SHOWN {
            of_rule.push(case);
        }
    }
    let mut words = String::new();
    for case in shown.into_values().flatten() {
        let report = case.check(&case.rule, "full");
        let report = report.trim_end();
        let _ = writeln!(words, "=== {} ===\n{report}\n", case.title());
    }
    let expected = snapbox::Data::read_from("tests/words.snap".as_ref(), None);
    snapbox::assert_data_eq!(words, expected.raw());
}

/// What is wrong with a case, as a block to read.
fn complaint(case: &Case) -> Option<String> {
    let expected = case.expected();
    let found = findings(case);
    let mut problems = String::new();
    if case.fires() && expected.is_empty() {
        problems.push_str("  a case that fires needs an `# expect:` line\n");
    }
    let own = cases::code_of(&case.rule);
    if !case.fires() && expected.iter().any(|(_, _, code)| *code == own) {
        problems.push_str("  a quiet case cannot expect its own rule\n");
    }
    if !case.fires() && !case.name.starts_with("quiet") {
        problems.push_str("  its name starts with neither `fires` nor `quiet`\n");
    }
    let lines: BTreeSet<Place> = found.iter().cloned().collect();
    tell(&mut problems, "missing   ", expected.difference(&lines));
    tell(&mut problems, "unexpected", lines.difference(&expected));
    // Findings of one rule at one place are to be merged into one.
    let again = found.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]);
    tell(&mut problems, "repeated  ", again);
    (!problems.is_empty()).then(|| format!("{}\n{problems}", case.title()))
}

fn findings(case: &Case) -> Vec<Place> {
    // A suppression is only unused where the rules that it names ran.
    let mut found = case.found(match case.rule.as_str() {
        rule if case.fires() && rule != "unused-suppression" => rule,
        _ => "ALL",
    });
    if case.fires() && case.rule == "unused-suppression" {
        found.retain(|(_, _, code)| code == "CL901");
    }
    found
}

fn tell<'p>(problems: &mut String, how: &str, places: impl Iterator<Item = &'p Place>) {
    for (file, line, code) in places {
        let _ = writeln!(problems, "  {how} {code} at {file}:{line}");
    }
}
