//! What is made of statements: branches, loops and blocks, and where their values go.

use super::check_body;

#[test]
fn an_if_that_is_a_statement_stays_one() {
    check_body(
        "if a { b(); } else if c() { d() } else { e() }; f();",
        "
        if a {
          b()
        } else if c() {
          d()
        } else {
          e()
        }
        f()",
    );
}

#[test]
fn the_branches_of_a_tail_return() {
    check_body(
        "if a { b() } else { c(); }",
        "
        if a {
          return b()
        } else {
          c()
        }",
    );
    check_body(
        "match a { B => c, _ => { d(); e } }",
        "
        if (a == B) {
          return c
        } else if true {
          d()
          return e
        }",
    );
}

#[test]
fn an_if_in_an_expression_goes_before_the_statement() {
    check_body(
        "let a = if b { c } else { d(); e };",
        "
        if b {
          $1 = c
        } else {
          d()
          $1 = e
        }
        a = $1",
    );
    check_body(
        "f(g, match h { I => j, K => return l });",
        "
        if (h == I) {
          $1 = j
        } else if (h == K) {
          return l
        }
        f(g, $1)",
    );
}

#[test]
fn each_function_counts_its_own_temporaries() {
    check_body(
        "let a = if b { c } else { d }; fn g() { f(if b { c } else { d }); } let e = loop { break f };",
        "
        if b {
          $1 = c
        } else {
          $1 = d
        }
        a = $1
        fn g() {
          if b {
            $1 = c
          } else {
            $1 = d
          }
          f($1)
        }
        while true {
          $2 = f
          exit
        }
        e = $2",
    );
}

#[test]
fn blocks_are_part_of_what_is_around_them() {
    check_body("a({ b(); c }); unsafe { d(); }", "b()\na(c)\nd()");
    check_body("let a = unsafe { let b = c(); b.d() };", "b = c()\na = b.d()");
}

#[test]
fn what_a_later_test_needs_goes_before_its_if() {
    check_body(
        "if a { b(); } else if { c(); d } { e(); }",
        "
        if a {
          b()
        } else {
          c()
          if d {
            e()
          }
        }",
    );
}

#[test]
fn an_if_let_tests_and_binds() {
    check_body(
        "if let Some(a) = b() { c(a); } else { d(); }",
        "
        $1 = b()
        if ($1 == Some) {
          a = $1
          c(a)
        } else {
          d()
        }",
    );
    check_body(
        "if let Some(a) = b && c { d(a); }",
        "
        a = b
        if ((b == Some) and c) {
          d(a)
        }",
    );
    check_body(
        "if a && let Some(b) = c { d(b); }",
        "
        if (a and (c == Some)) {
          b = c
          d(b)
        }",
    );
}

#[test]
fn a_let_else_leaves_where_it_does_not_match() {
    check_body(
        "let Some(a) = b() else { return c; }; d(a);",
        "
        $1 = b()
        if not ($1 == Some) {
          return c
        }
        a = $1
        d(a)",
    );
}

#[test]
fn a_guard_sees_the_variables_of_its_pattern() {
    check_body(
        "match a.b { Some(c) if c.d() => e(c), None => f(), g => h(g), };",
        "
        $1 = a.b
        c = $1
        if (($1 == Some) and c.d()) {
          e(c)
        } else if ($1 == None) {
          f()
        } else if true {
          g = $1
          h(g)
        }",
    );
}

#[test]
fn loops_are_while_and_for() {
    check_body("for a in b() { c(a); }", "for a in b() {\n  c(a)\n}");
    check_body(
        "for (a, b) in c { d(a, b); continue; }",
        "
        for $1 in c {
          a = $1.0
          b = $1.1
          d(a, b)
          exit
        }",
    );
    check_body("while a() { b(); break; }", "while a() {\n  b()\n  exit\n}");
    check_body(
        "while let Some(a) = b.recv().await { c(a); }",
        "
        $1 = b.recv()
        while ($1 == Some) {
          a = $1
          c(a)
        }",
    );
    check_body("loop { a(); }", "while true {\n  a()\n}");
    check_body(
        "loop { if a { break b; } }",
        "
        while true {
          if a {
            return b
          }
        }",
    );
}

#[test]
fn labels_say_which_value_is_meant() {
    check_body(
        "let a = 'x: loop { loop { break 'x b; } };",
        "
        while true {
          while true {
            $1 = b
            exit
          }
        }
        a = $1",
    );
    check_body(
        "let a = 'x: { if b { break 'x c; } d };",
        "
        if b {
          $1 = c
        }
        $1 = d
        a = $1",
    );
}

#[test]
fn a_return_in_an_expression_is_a_statement() {
    check_body(
        "a.unwrap_or_else(|| return b); return; ",
        "a.unwrap_or_else(|| { return b })\nreturn",
    );
    check_body("let a = b || return c;", "return c\na = (b or ?())");
}

#[test]
fn items_in_functions_are_statements() {
    check_body(
        "use a::B; struct C; fn d() {}",
        "from a import B as B\nstruct C() {\n}\nfn d() {\n}",
    );
}
