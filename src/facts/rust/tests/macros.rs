//! Macros.

use super::{check, check_body, check_expr};

#[test]
fn arguments_make_a_call() {
    check_expr("a!()", "a!()");
    check_expr(
        "sqlx::query_as!(User, \"SELECT 1\", id)",
        "sqlx::query_as!(User, \"SELECT 1\", id)",
    );
    check_expr("a![b, c = d, e.f()]", "a!(b, c=d, e.f())");
    check_expr("a!(type = b)", "a!(type=b)");
    check_expr("a!(b == c)", "a!((b == c))");
    check_body("a!(b); c!{d}", "a!(b)\nreturn c!(d)");
}

#[test]
fn rows_are_lists() {
    check_expr("vec![a, b]", "[a, b]");
    check_expr("vec![a; 3]", "[a]");
    check_expr("vec![]", "[]");
}

#[test]
fn format_strings_have_holes() {
    check_expr("format!(\"user:{}:{name}\", a.id)", "f{\"user:\", a.id, \":\", name}");
    check_expr("format!(\"{0}{b}{0:?}\", c, b = d)", "f{c, d, c}");
    check_expr("format!(\"{}\")", "f{?()}");
    check_expr("format!(a, b)", "format!(a, b)");
    check_expr("std::format_args!(\"a\")", "f{\"a\"}");
}

#[test]
fn writers_have_arguments_only() {
    check_expr("println!(\"{}\", a.b())", "?(\"{}\", a.b())");
    check_body("tracing::info!(user = %id, \"x\", b());", "?(\"x\", b())");
}

#[test]
fn matches_is_a_test() {
    check_expr("matches!(a, B::C(..))", "(a == B::C)");
    check_expr("matches!(a, B | C if d)", "(((a == B) or (a == C)) and d)");
}

#[test]
fn statements_are_part_of_what_is_around_them() {
    check_body("let a = m! { let b = c(); b.d() };", "b = c()\na = b.d()");
    check_body("m! { a(); b(); }", "a()\nb()");
}

#[test]
fn any_arm_of_a_select_may_be_the_one() {
    check_body(
        "tokio::select! {
            biased;
            Some(a) = b.recv() => { c(a); }
            _ = d(), if e => f(),
            else => g(),
        };",
        "
        if ?() {
          $1 = b.recv()
          a = $1
          c(a)
        } else if ?(e) {
          $2 = d()
          f()
        } else {
          g()
        }",
    );
    check_body(
        "let a = select! { b = c => b, };",
        "
        if ?() {
          b = c
          $1 = b
        }
        a = $1",
    );
}

#[test]
fn statics_hide_in_macros() {
    check(
        "lazy_static! { /// Docs.\n pub static ref A: B = c(); static ref D: E = f(); }",
        "A: B = c()\nD: E = f()",
    );
    check("thread_local! { static A: B = const { C }; }", "A: B = C");
    check("thread_local!(static A: B = c());", "A: B = c()");
    check_body("thread_local! { static A: B = c(); }", "A: B = c()");
}

#[test]
fn conditional_code_is_code() {
    check(
        "cfg_if! { if #[cfg(unix)] { fn f() {} } else if #[cfg(test)] { fn g() {} } else { use a::B; } }",
        "fn f() {\n}\nfrom a import B as B",
    );
    check(
        "cfg_select! { feature = \"a\" => { type A = B; } not(unix) => { type A = C; } _ => { type A = D; } }",
        "A = B\nA = C\nA = D",
    );
    check_body("cfg_if! { if #[cfg(unix)] { a(); } else { b(); } }", "a()\nb()");
}

#[test]
fn items_hide_in_macros() {
    check("m! { struct A; fn f() {} }", "struct A() {\n}\nfn f() {\n}");
    check("impl A { m! { fn f() {} } }", "impl A(A) {\n  fn f() {\n  }\n}");
}

#[test]
fn among_items_arguments_make_a_call() {
    check("kv_def!(Key, a::Value);", "kv_def!(Key, a::Value)");
    check("a::submit! { b(c) }", "a::submit!(b(c))");
}

#[test]
fn what_looks_like_nothing_is_its_text() {
    check(
        "diesel::table! { users (id) { id -> Int4, } }",
        "diesel::table!(\" users (id) { id -> Int4, } \")",
    );
    check("joinable!(a -> b (c));", "joinable!(\"a -> b (c)\")");
    check_expr("json!({\"a\": b})", "json!(\"{\\\"a\\\": b}\")");
}
