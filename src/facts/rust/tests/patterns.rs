//! Patterns: what they test, and what they bind.

use super::check_body;

/// `if let pattern = s {}`
#[track_caller]
fn check_pattern(pattern: &str, test: &str, bindings: &str) {
    let bindings: Vec<String> = bindings
        .split("; ")
        .filter(|line| !line.is_empty())
        .map(|line| format!("  {line}\n"))
        .collect();
    check_body(
        &format!("if let {pattern} = s {{}};"),
        &format!("if {test} {{\n{}}}", bindings.concat()),
    );
}

#[test]
fn names_match_everything_unless_they_are_constants() {
    check_pattern("a", "true", "a = s");
    check_pattern("ref mut a", "true", "a = s");
    check_pattern("_", "true", "");
    check_pattern("None", "(s == None)", "");
    check_pattern("MAX", "(s == MAX)", "");
}

#[test]
fn variants_compare_their_path() {
    check_pattern("a::B", "(s == a::B)", "");
    check_pattern("Some(a)", "(s == Some)", "a = s");
    check_pattern("Ok(_)", "(s == Ok)", "");
    check_pattern("E::V(a, _, b)", "(s == E::V)", "a = s.V::0; b = s.V::2");
    check_pattern("E::V(a, .., b)", "(s == E::V)", "a = s.V::0; b = ?(s)");
    check_pattern("E::V { a, b: c, .. }", "(s == E::V)", "a = s.a; c = s.b");
}

#[test]
fn variants_of_the_prelude_stand_for_what_they_hold() {
    check_pattern("Some(Ok(a))", "((s == Some) and (s == Ok))", "a = s");
    check_pattern(
        "Ok(Event::Put(a, b))",
        "((s == Ok) and (s == Event::Put))",
        "a = s.Put::0; b = s.Put::1",
    );
    check_pattern("Some((a, b))", "(s == Some)", "a = s.0; b = s.1");
    check_pattern("Ok(Event::Put(a))", "((s == Ok) and (s == Event::Put))", "a = s.Put::0");
    check_pattern(
        "M::Cache(Event::Put(_))",
        "((s == M::Cache) and (s.Cache::0 == Event::Put))",
        "",
    );
    check_pattern("Some(\"x\")", "((s == Some) and (s == \"x\"))", "");
}

#[test]
fn literals_compare() {
    check_pattern("1", "(s == 1)", "");
    check_pattern("\"a\"", "(s == \"a\")", "");
}

#[test]
fn alternatives_match_one_of_them() {
    check_pattern("A | B", "((s == A) or (s == B))", "");
    check_pattern("A(x) | B(x)", "((s == A) or (s == B))", "x = s.A::0");
    check_pattern("Some(1 | 2)", "((s == Some) and ((s == 1) or (s == 2)))", "");
}

#[test]
fn some_say_no_more_than_what_they_wrap() {
    check_pattern("&a", "true", "a = s");
    check_pattern("a @ Some(b)", "(s == Some)", "a = s; b = s");
    check_pattern("(Some(a))", "(s == Some)", "a = s");
}

#[test]
fn tuples_and_rows_have_parts() {
    check_pattern("(a, (b, _))", "?(s)", "a = s.0; b = s.1.0");
    check_pattern("[a, .., b]", "?(s)", "a = s[0]; b = ?(s)");
    check_pattern("1..=3", "?(s)", "");
    check_body("let (a, B { c }) = d();", "$1 = d()\na = $1.0\nc = $1.1.c");
    check_body("let (a, b): (A, B) = d();", "$1: [A, B] = d()\na = $1.0\nb = $1.1");
}
