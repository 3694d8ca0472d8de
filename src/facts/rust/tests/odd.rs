//! Files that nobody should write: a finding for each, never a crash.

use super::check;
use crate::facts::{ExprKind, FileFacts, rust};

/// Lowers a text on a stack like those of the program's threads.
fn lower(text: String) -> FileFacts {
    let thread = std::thread::Builder::new().stack_size(256 * 1024 * 1024);
    let thread = thread.spawn(move || rust::lower(&text)).expect("a thread");
    thread.join().expect("it does not panic")
}

/// What is wrong with a file, as one line.
fn error(text: String) -> String {
    let facts = lower(text);
    let messages: Vec<String> = facts.errors.into_iter().map(|error| error.message).collect();
    messages.join("; ")
}

const TOO_DEEP: &str = "nested more than 1000 levels deep";

#[test]
fn an_item_that_does_not_parse_leaves_the_others_alone() {
    check(
        "fn a() {} fn b( -> {} struct C { d: } fn e() {}",
        "error at 14 ``: this bracket has no counterpart",
    );
    check(
        "fn a() {} struct B { c } fn d() {} let e = f; use g;",
        "
        error at 23 `}`: expected `:`
        fn a() {
        }
        fn d() {
        }
        import g as g",
    );
}

#[test]
fn text_that_does_not_lex_is_one_error() {
    assert_eq!(error("fn f() { \"a }".into()), "a string or a comment that does not end");
    assert_eq!(error("/* /* */ fn f() {}".into()), "a string or a comment that does not end");
    assert_eq!(error("fn f() { r##\"a\"# }".into()), "a string or a comment that does not end");
    assert_eq!(error("fn f() { g(] }".into()), "this bracket has no counterpart");
    assert_eq!(error("fn f() { 'ab' }".into()), "no token of Rust starts here");
    assert_eq!(error("fn f() { \u{1}; }".into()), "no token of Rust starts here");
}

#[test]
fn a_file_may_be_empty() {
    for text in ["", "\n", "// a", "#!/bin/run", "#![allow(x)]"] {
        assert_eq!(lower(text.into()), FileFacts::default(), "{text:?}");
    }
}

#[test]
fn what_nests_too_deep_is_refused() {
    let nested = |open: &str, close: &str, times: usize| {
        format!("fn f() {{ g({}1{}); }}", open.repeat(times), close.repeat(times))
    };
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("m!(", ")"), ("A<", ">")] {
        assert_eq!(error(nested(open, close, 10_000)), TOO_DEEP, "{open}");
    }
    for prefix in ["!", "-", "&", "*", "|| ", "return ", "a = ", "a as &", "..", "match "] {
        assert_eq!(error(nested(prefix, "", 50_000)), TOO_DEEP, "{prefix}");
    }
    let types = format!("type A = {}B{};", "Vec<".repeat(20_000), ">".repeat(20_000));
    assert_eq!(error(types), TOO_DEEP);
    assert_eq!(error(format!("fn f({}a: A) {{}}", "&".repeat(20_000))), TOO_DEEP);
}

#[test]
fn long_chains_are_refused() {
    let chain = |link: &str, times: usize| format!("fn f() {{ a{}; }}", link.repeat(times));
    for link in [".b()", ".b", "?", "()", "[0]", ".await", " + a", " - a", ".b::<C>()?"] {
        assert_eq!(error(chain(link, 100_000)), if link == "?" { "" } else { TOO_DEEP }, "{link}");
    }
    assert_eq!(error(chain(".b()", 5_000_000 / 4)), TOO_DEEP);
    assert_eq!(error(chain("?", 5_000_000)), TOO_DEEP);
}

#[test]
fn chains_within_reason_are_read() {
    let chain = |link: &str, times: usize| format!("fn f() {{ a{}; }}", link.repeat(times));
    for link in [".b()", "?", " + a", "[0]"] {
        assert_eq!(error(chain(link, 900)), "", "{link}");
    }
    assert_eq!(error(chain(" && a", 4_000)), "");
    assert_eq!(error(chain(" || b()", 4_000)), "");
}

#[test]
fn branches_may_be_many() {
    let arms: String = (0..50_000).map(|at| format!("{at} => g({at}),\n")).collect();
    let facts = lower(format!("fn f() {{ match a {{ {arms} }} }}"));
    assert_eq!(facts.errors, []);
    assert_eq!(facts.stmts.len(), 100_001);
    let elses = "else if a() { b(); } ".repeat(50_000);
    assert_eq!(error(format!("fn f() {{ if a() {{ b(); }} {elses} }}")), "");
    assert_eq!(
        error(format!("fn f() {{ match a {{ {} => b }} }}", "1 | ".repeat(9_000) + "2")),
        ""
    );
}

#[test]
fn macros_in_macros_are_looked_into_up_to_a_point() {
    let nested =
        |times: usize| format!("fn f() {{ {}1{} }}", "m!(".repeat(times), ")".repeat(times));
    assert_eq!(lower(nested(20)).exprs.len(), 41);
    assert_eq!(lower(nested(900)).exprs.len(), 67);
}

#[test]
fn calls_in_attributes_are_looked_into_up_to_a_point() {
    let many: String = (0..2_000).map(|at| format!(", b{at} = c")).collect();
    let (open, close) = ("a(".repeat(900), ")".repeat(900));
    let facts = lower(format!("#[{open}type = x{many}{close}] struct A;"));
    assert_eq!(facts.errors, []);
    let calls = facts.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Call { .. }));
    assert_eq!(calls.count(), 9);
}
