//! Where things stand: bytes of the decoded text.

use crate::facts::body::*;
use crate::facts::{FileFacts, rust};
use crate::source::Span;

fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn facts(text: &str) -> FileFacts {
    let facts = rust::lower(text);
    assert_eq!(facts.errors, []);
    facts
}

#[track_caller]
fn check_statements(text: &str, expected: &[&str]) {
    let facts = facts(text);
    let body = facts.functions.first().map_or(facts.body, |function| function.body);
    let found: Vec<&str> =
        facts.block(body).iter().map(|id| slice(text, facts.stmt(*id).span)).collect();
    assert_eq!(found, expected);
}

#[test]
fn statements_stand_where_their_code_is() {
    check_statements(
        "fn f() { let a = b(); c.d().e(); a = c; if x { y() } else { z() } m!(n); }",
        &["let a = b();", "c.d().e()", "a = c", "if x { y() } else { z() }", "m!(n)"],
    );
    check_statements("use a::{B, c::*};", &["B", "*"]);
    check_statements("struct A { b: C }", &["struct A { b: C }"]);
}

#[test]
fn offsets_count_bytes_whatever_stands_before() {
    let text = "#!/usr/bin/env run\n// é 𝒳\nfn é() { \"ü\".a(𝒳é); }\n";
    let facts = facts(text);
    assert_eq!(slice(text, facts.functions[0].name_span), "é");
    let calls = facts.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Call { .. }));
    let calls: Vec<&str> = calls.map(|call| slice(text, call.span)).collect();
    assert_eq!(calls, ["\"ü\".a(𝒳é)"]);
}

#[test]
fn each_file_starts_anew() {
    for _ in 0..3 {
        let text = "fn f() {}";
        assert_eq!(slice(text, facts(text).functions[0].name_span), "f");
    }
}

#[test]
fn classes_and_functions_stand_at_their_names() {
    let text = "struct A; impl b::C<D> for E<F> { fn g() {} } mod h {}";
    let facts = facts(text);
    let names: Vec<&str> = facts.classes.iter().map(|class| slice(text, class.name_span)).collect();
    assert_eq!(names, ["A", "E", "h"]);
    assert_eq!(facts.functions[0].scope, Scope::Class(ClassIx(1)));
}

#[test]
fn functions_know_what_they_mention_and_which_expressions_are_theirs() {
    let text = "fn f() { a::b(c.d); e!(1); } fn g() { || h() }";
    let facts = facts(text);
    let mentions = |at: usize| -> Vec<&str> {
        let mut names: Vec<&str> =
            facts.functions[at].mentions.iter().map(|name| facts.name(*name)).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(mentions(0), ["b", "c", "d", "e"]);
    assert_eq!(mentions(1), ["h"]);
    let all = facts.functions.iter().map(|function| facts.exprs_of(function).len());
    assert_eq!(all.collect::<Vec<_>>(), [7, 3, 2]);
}
