//! Items.

use super::check;

#[test]
fn modules_are_classes_or_files() {
    check(
        "mod a { pub fn b() {} mod c {} }",
        "
        module a() {
          fn b() {
          }
          module c() {
          }
        }",
    );
    check("pub mod user;", "import self::user as user");
    check("#[path = \"other/u.rs\"] mod user;", "import path:other/u.rs as user");
}

#[test]
fn uses_are_imports() {
    check("use a::b::C;", "from a::b import C as C");
    check("use a::b::C as D;", "from a::b import C as D");
    check("use serde;", "import serde as serde");
    check("use serde as s;", "import serde as s");
    check("use ::serde::Serialize;", "from serde import Serialize as Serialize");
    check("use super::user::*;", "from super::user import *");
    check("use crate::*;", "from crate import *");
    check("use a::Trait as _;", "");
    check("use r#type::r#match;", "from type import match as match");
    check(
        "pub(crate) use a::b::{self, self as me, C as D, e::*, f::{G, H}};",
        "
        from a import b as b
        from a import b as me
        from a::b import C as D
        from a::b::e import *
        from a::b::f import G as G
        from a::b::f import H as H",
    );
    check("use {a, b::C};", "import a as a\nfrom b import C as C");
    check("extern crate a;", "import a as a");
    check("extern crate a as b;", "import a as b");
    check("extern crate a as _;", "");
}

#[test]
fn structs_have_fields() {
    check(
        "#[derive(Clone)] pub struct A<T> { #[key] id: i32, name: Option<String>, }",
        "
        @derive(Clone)
        struct A() {
          id: i32 = [key]
          name: Option[[String]]
        }",
    );
    check("struct A(u8, #[key] B);", "struct A() {\n  0: u8\n  1: B = [key]\n}");
    check("struct Unit;", "struct Unit() {\n}");
}

#[test]
fn enums_have_variants() {
    check(
        "enum A { B, C(), D(u8, E), F { g: H }, #[default] I = 3 }",
        "
        enum A() {
          B
          C: []
          D: [u8, E]
          F: [H]
          I = [default]
        }",
    );
}

#[test]
fn traits_have_bases_and_functions() {
    check(
        "trait A: B + 'static + c::D<E> {
            const N: u8; const M: u8 = 1; type T; type U = V;
            fn f(&self); fn g() -> u8 { 1 }
        }",
        "
        trait A(B, c::D[[E]]) {
          N: u8
          M: u8 = 1
          U = V
          fn f(self) {
          }
          fn g() -> u8 {
            return 1
          }
        }",
    );
}

#[test]
fn impls_name_their_type_and_their_trait() {
    check(
        "impl a::B<C> { const N: u8 = 1; fn f(&mut self) {} }",
        "
        impl B(a::B[[C]]) {
          N: u8 = 1
          fn f(self) {
          }
        }",
    );
    check(
        "impl<T> From<A> for &b::C { type Key = D; }",
        "
        impl C(b::C, trait=From[[A]]) {
          Key = D
        }",
    );
    check("impl A for [B] {}", "impl ([][[B]], trait=A) {\n}");
}

#[test]
fn functions_have_parameters_and_return_their_tail() {
    check(
        "#[get(\"/\")] pub async fn f<T>(self: Arc<Self>, mut a: &A, _: B) -> Result<C> { g(); h() }",
        "
        @get(\"/\")
        fn f(self, a: A, : B) -> Result[[C]] {
          g()
          return h()
        }",
    );
    check("fn f() { g(); }", "fn f() {\n  g()\n}");
}

#[test]
fn parameters_that_are_patterns_are_taken_apart_in_the_body() {
    check(
        "fn f(State(db): State<Db>, (a, b): (A, B)) { g() }",
        "
        fn f($1: State[[Db]], $2: [A, B]) {
          db = $1.State::0
          a = $2.0
          b = $2.1
          return g()
        }",
    );
}

#[test]
fn variables_and_aliases_are_assignments() {
    check("static A: B<C> = d();", "A: B[[C]] = d()");
    check("pub const SQL: &str = \"SELECT 1\";", "SQL: str = \"SELECT 1\"");
    check("type Cache<T> = Arc<T>;", "Cache = Arc[[T]]");
}

#[test]
fn unions_and_definitions_of_macros_say_nothing() {
    check("union A { a: u8 } macro_rules! m { () => { fn f() {} } }", "");
    check("extern \"C\" { fn f(); }", "");
}

#[test]
fn what_tests_see_is_left_out() {
    check("#[cfg(test)] mod tests { fn f() {} }", "");
    check("#[cfg(all(unix, test))] fn f() {}", "");
    check("#[test] fn f() {} #[tokio::test] async fn g() {}", "");
    check("#[cfg(test)] use a::B; #[cfg(test)] mod tests;", "");
    check("#![cfg(test)] fn f() {}", "");
    check("impl A { #[cfg(test)] fn f() {} }", "impl A(A) {\n}");
    check("fn f() { #[cfg(test)] let a = 1; #[cfg(test)] g(); #[cfg(test)] h!(); }", "fn f() {\n}");
    check("struct A { #[cfg(test)] a: u8 }", "struct A() {\n}");
    check("#[cfg(not(test))] fn f() {}", "@cfg(not(test))\nfn f() {\n}");
    check("#[cfg(any(test, unix))] type A = B;", "A = B");
}

#[test]
fn macros_of_the_file_make_items() {
    check(
        "macro_rules! getter { ($(#[$m:meta])* $v:vis $f:ident, $t:ty $(, $more:expr)* $(,)?) => {
            $(#[$m])* $v fn $f(a: $t) -> $t { b(a, [$($more),*]); }
        }; }
        getter!(#[inline] pub(crate) first, Vec<u8>, 1, 2 + 3,);
        getter!(second, u8);",
        "
        @inline
        fn first(a: Vec[[u8]]) -> Vec[[u8]] {
          b(a, [1, (2 + 3)])
        }
        fn second(a: u8) -> u8 {
          b(a, [])
        }",
    );
}

#[test]
fn what_macros_make_is_repeated() {
    check(
        "macro_rules! all { ($($f:ident($($a:ident),*) => $b:literal;)+) => {
            $(fn $f($($a: u8),*) { c($b); })+
        }; }
        all! { first(a, b) => \"x\"; second() => \"y\"; }",
        "
        fn first(a: u8, b: u8) {
          c(\"x\")
        }
        fn second() {
          c(\"y\")
        }",
    );
}

#[test]
fn macros_that_call_themselves_end() {
    let text = "macro_rules! again { () => { again!(); again!(); }; } again!();";
    assert!(crate::facts::rust::lower(text).errors.is_empty());
}
