//! Attributes.

use super::check;

#[track_caller]
fn check_attribute(attribute: &str, expected: &str) {
    check(&format!("{attribute} type_of!(x); {attribute} struct A;"), &{
        let lines: Vec<String> = expected.lines().map(|line| line.trim().to_owned()).collect();
        let decorators = lines.iter().filter(|line| !line.is_empty());
        let decorators: String = decorators.map(|line| format!("@{line}\n")).collect();
        format!("type_of!(x)\n{decorators}struct A() {{\n}}")
    });
}

#[test]
fn paths_and_calls_are_what_they_look_like() {
    check_attribute("#[a::b]", "a::b");
    check_attribute("#[derive(A, b::C)]", "derive(A, b::C)");
    check_attribute(
        "#[sea_orm(belongs_to = \"super::user::Entity\", on_delete = \"Cascade\", x, y(1, z = w))]",
        "sea_orm(belongs_to=\"super::user::Entity\", on_delete=\"Cascade\", x, y(1, z=w))",
    );
    check_attribute("#[path = \"a.rs\"]", "path(\"a.rs\")");
    check_attribute(
        "#[diesel(belongs_to(Parent, foreign_key = fk), type = \"x\", r(type = y))]",
        "diesel(belongs_to(Parent, foreign_key=fk), type=\"x\", r(type=y))",
    );
}

#[test]
fn types_and_other_tokens_are_kept() {
    check_attribute("#[receiver(post_save, sender = Flag)]", "receiver(post_save, sender=Flag)");
    check_attribute("#[a(b = HashMap<String, C>)]", "a(b=HashMap[[String, C]])");
    check_attribute("#[a(b => c d, e)]", "a(\"b => c d\", e)");
}

#[test]
fn documentation_is_left_out() {
    check_attribute("/// Docs.\n#[doc(hidden)]\n#[doc = \"more\"]", "");
}

#[test]
fn of_conditional_attributes_the_attributes_count() {
    check_attribute(
        "#[cfg_attr(any(), cache_lint::receiver(post_save, sender = User))]",
        "cache_lint::receiver(post_save, sender=User)",
    );
    check_attribute(
        "#[cfg_attr(feature = \"full\", derive(A), diesel(table_name = users), b, path = \"x\")]",
        "derive(A)\ndiesel(table_name=users)\nb\npath(\"x\")",
    );
    check_attribute("#[cfg_attr(a, cfg_attr(b, c))]", "c");
}
