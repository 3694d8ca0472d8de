//! The list of rules, their files, their fixtures, their docs and README's table say the same.

mod cases;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

/// What the docs of every rule tell, in this order.
const HEADINGS: [&str; 5] =
    ["What it reports", "Why it matters", "Example", "Fix", "When it stays quiet"];

struct Rule {
    code: String,
    name: String,
    severity: String,
    summary: String,
    explanation: String,
}

#[test]
fn rules_are_listed_in_the_order_of_their_codes() {
    let codes: Vec<String> = rules().into_iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
}

#[test]
fn each_rule_has_a_file_and_each_file_is_listed() {
    let listed: BTreeSet<String> =
        rules().iter().map(|rule| format!("{}.rs", rule.code.to_lowercase())).collect();
    let entries = fs::read_dir("src/rules").expect("the rules");
    let files: BTreeSet<String> = entries
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("cl") && name.as_bytes()[2].is_ascii_digit())
        .collect();
    assert_eq!(listed, files, "left: rules of the list, right: files in src/rules/");
}

#[test]
fn each_rule_has_cases_that_fire_and_cases_that_stay_quiet() {
    let listed: BTreeSet<String> = rules().into_iter().map(|rule| rule.name).collect();
    let folders: BTreeSet<String> = cases::rule_folders().into_iter().collect();
    assert_eq!(listed, folders, "left: rules of the list, right: folders in fixtures/");
    let cases = cases::all();
    for rule in &listed {
        for fires in [true, false] {
            let some = cases.iter().any(|case| case.rule == *rule && case.fires() == fires);
            let word = if fires { "fires" } else { "quiet" };
            assert!(some, "fixtures/{rule}/ has no case whose name starts with `{word}`");
        }
    }
}

#[test]
fn the_docs_of_each_rule_have_the_fixed_headings() {
    for rule in rules() {
        let (code, docs) = (&rule.code, &rule.explanation);
        let headings: Vec<&str> =
            docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{code}");
        for section in docs.split("\n## ").skip(1) {
            let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
            assert!(!text.trim().is_empty(), "{code} says nothing under `{heading}`");
        }
        assert!(rule.summary.ends_with('.'), "{code}: `{}` is no sentence", rule.summary);
    }
}

#[test]
fn readme_has_the_table_of_the_rules() {
    let mut table =
        String::from("| code | name | severity | what it reports |\n|---|---|---|---|\n");
    for Rule { code, name, severity, summary, .. } in rules() {
        table.push_str(&format!("| {code} | {name} | {severity} | {summary} |\n"));
    }
    let readme = fs::read_to_string("README.md").expect("README.md");
    assert!(readme.contains(&table), "README.md needs this table of rules:\n\n{table}");
}

fn rules() -> Vec<Rule> {
    let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .args(["rule", "--all", "--output-format", "json"])
        .output()
        .expect("it starts");
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a JSON list");
    assert!(!list.is_empty());
    let text = |rule: &Value, key: &str| rule[key].as_str().expect(key).to_owned();
    list.iter()
        .map(|rule| Rule {
            code: text(rule, "code"),
            name: text(rule, "name"),
            severity: text(rule, "severity"),
            summary: text(rule, "summary"),
            explanation: text(rule, "explanation"),
        })
        .collect()
}
