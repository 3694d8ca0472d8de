//! Expressions.

use super::{check_body, check_expr};

#[test]
fn paths_are_one_name() {
    check_expr("user", "user");
    check_expr("user::Entity", "user::Entity");
    check_expr("crate::a::b", "crate::a::b");
    check_expr("Vec::<u8>::new", "Vec::new");
    check_expr("parse::<u8, 'a>", "parse[[u8]]");
    check_expr("<T as Trait>::f", "T::f");
    check_expr("<Self as Trait<A>>::f::<B>", "Self::f[[B]]");
    check_expr("r#type", "type");
}

#[test]
fn fields_and_methods_are_attributes() {
    check_expr("a.b.c", "a.b.c");
    check_expr("a.0", "a.0");
    check_expr("a.0.1", "a.0.1");
    check_expr("a.b(c, d).e()", "a.b(c, d).e()");
    check_expr("a.collect::<Vec<_>>()", "a.collect[[Vec[[?()]]]]()");
    check_expr("a::b(c)", "a::b(c)");
    check_expr("a[b]", "a[b]");
}

#[test]
fn some_say_no_more_than_what_they_wrap() {
    for expr in
        ["a.await", "a?", "&a", "&mut a", "*a", "(a)", "a as u8", "a.await?", "&raw const a"]
    {
        check_expr(expr, "a");
    }
    check_expr("unsafe { a }", "a");
    check_expr("{ a }", "a");
    check_expr("f(&x).await?.b", "f(x).b");
}

#[test]
fn struct_literals_are_calls() {
    check_expr("A { b: c, d, ..e }", "A(b=c, d=d, **e)");
    check_expr("a::B::<C> {}", "a::B[[C]]()");
    check_expr("A { 0: b }", "A(0=b)");
}

#[test]
fn closures_and_async_blocks_are_lambdas() {
    check_expr("|| a", "|| { return a }");
    check_expr("|a, b: B| -> C { d(); e }", "|a, b: B| -> C { d(); return e }");
    check_expr("move |(a, _)| a.b()", "|$1| { a = $1.0; return a.b() }");
    check_expr("async move { a().await }", "|| { return a() }");
    check_expr("async |a| b", "|a| { return b }");
    check_expr("|a| if a { b } else { c }", "|a| { if a { return b } else { return c } }");
}

#[test]
fn literals_are_strings_numbers_and_truths() {
    check_expr("\"a\\n\"", "\"a\\n\"");
    check_expr("r#\"a\"#", "\"a\"");
    check_expr("0x10_u8", "16");
    check_expr("99999999999999999999", "?()");
    check_expr("true", "true");
    check_expr("'a'", "\"a\"");
    for expr in ["1.5", "b\"a\"", "b'a'", "c\"a\""] {
        check_expr(expr, "?()");
    }
}

#[test]
fn tuples_and_rows_are_lists() {
    check_expr("(a, 1)", "[a, 1]");
    check_expr("()", "[]");
    check_expr("[a, b]", "[a, b]");
    check_expr("[a; 3]", "[a]");
}

#[test]
fn operators_are_those_that_matter() {
    check_expr("a + b", "(a + b)");
    check_expr("a == b", "(a == b)");
    check_expr("a != b", "(a != b)");
    check_expr("a <= b", "(a <> b)");
    check_expr("a && b && c", "(a and b and c)");
    check_expr("a || b && c", "(a or (b and c))");
    check_expr("!a", "not a");
    check_expr("a % b", "?(a, b)");
    check_expr("a << b", "?(a, b)");
    check_expr("-a", "?(a)");
    check_expr("a..b", "?(a, b)");
    check_expr("a..", "?(a)");
    check_expr("..", "?()");
}

#[test]
fn assignments_are_statements() {
    check_body("a = b;", "a = b");
    check_body("a.b = c?;", "a.b = c");
    check_body("*a = b;", "a = b");
    check_body("a += b;", "a += b");
    check_body("_ = a();", "a()");
    check_body("(a, b) = c;", "[a, b] = c");
}

#[test]
fn variables_are_assignments() {
    check_body("let a = b();", "a = b()");
    check_body("let mut a: B<C> = d;", "a: B[[C]] = d");
    check_body("let a;", "");
    check_body("let a: B;", "a: B");
    check_body("let _ = a();", "a()");
    check_body("let _guard = a();", "_guard = a()");
    check_body("const A: u8 = 1; static B: C = d();", "A: u8 = 1\nB: C = d()");
}

#[test]
fn values_that_nobody_uses_are_left_out() {
    check_body("a; 1; \"b\"; (); c.d; e();", "c.d\ne()");
}
