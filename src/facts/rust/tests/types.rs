//! Types, as expressions.

use super::check;

#[track_caller]
fn check_type(ty: &str, expected: &str) {
    check(&format!("type A = {ty};"), &format!("A = {expected}"));
}

#[test]
fn paths_are_one_name() {
    check_type("a::b::C", "a::b::C");
    check_type("crate::a::C", "crate::a::C");
    check_type("Self", "Self");
    check_type("Self::Item", "Self::Item");
    check_type("<T as Trait>::Item", "T::Item");
    check_type("<Vec<T> as a::Trait>::Item", "Vec::Item");
    check_type("<[T]>::Item", "[][[T]].Item");
}

#[test]
fn generic_arguments_are_subscripts() {
    check_type("Vec<u8>", "Vec[[u8]]");
    check_type("HashMap<String, a::B<C>>", "HashMap[[String, a::B[[C]]]]");
    check_type("Ref<'a, T>", "Ref[[T]]");
    check_type("Ref<'a>", "Ref");
    check_type("Iter<Item = T>", "Iter[[T]]");
    check_type("a::B<C>::D", "a::B::D");
    check_type("Row<3>", "Row[[3]]");
}

#[test]
fn references_and_pointers_are_what_they_point_to() {
    for ty in ["&T", "&mut T", "&'a T", "*const T", "(T)", "&&T"] {
        check_type(ty, "T");
    }
}

#[test]
fn tuples_and_rows_are_lists() {
    check_type("(A, B)", "[A, B]");
    check_type("()", "[]");
    check_type("[A]", "[][[A]]");
    check_type("[A; 3]", "[][[A]]");
}

#[test]
fn traits_stand_for_what_implements_them() {
    check_type("impl a::B + Send", "a::B");
    check_type("Box<dyn B<C> + 'static>", "Box[[B[[C]]]]");
    check_type("impl Fn(A, B) -> C", "Fn[[A, B, C]]");
    check_type("dyn std::ops::FnOnce()", "std::ops::FnOnce[[]]");
    check_type("impl Future<Output = T>", "Future[[T]]");
}

#[test]
fn the_others_are_not_known() {
    check_type("fn(A) -> B", "?()");
    check_type("!", "?()");
    check_type("m!(A)", "?()");
    check("fn f() { let a: _ = b; }", "fn f() {\n  a: ?() = b\n}");
}
