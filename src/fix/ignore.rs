//! Writes suppression comments.

use super::edit::Edit;
use crate::facts::{self, Directive, DirectiveScope, FileFacts};
use crate::source::{Language, Span};

/// What stands in a new comment until somebody says why.
const REASON: &str = "TODO: say why";

/// What hides the findings of a rule that start at an offset of a text that says `before`: one more code in the comment
/// that covers it, else a comment above its line. `None` where a comment there would not do so.
pub fn ignore(
    language: Language,
    text: &str,
    before: &FileFacts,
    start: u32,
    code: &str,
) -> Option<Edit> {
    let edit = match before.directives.iter().find(|known| covers(known, start)) {
        Some(known) => one_more(known, code)?,
        None => above(language, text, start, code),
    };
    let mut changed = text.to_owned();
    changed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.content);
    let after = facts::lower(language, &changed);
    let moved = if edit.span.start <= start { edit.content.len() as u32 } else { 0 };
    let hides = |directive: &Directive| {
        covers(directive, start + moved) && directive.codes.iter().any(|(known, _)| known == code)
    };
    let is_whole = after.errors.len() <= before.errors.len();
    (is_whole && after.directives.iter().any(hides)).then_some(edit)
}

fn covers(directive: &Directive, start: u32) -> bool {
    let is_range = matches!(directive.scope, DirectiveScope::Range(span) if span.contains(start));
    is_range && directive.problem.is_none()
}

fn one_more(directive: &Directive, code: &str) -> Option<Edit> {
    let (_, last) = directive.codes.last()?;
    Some(Edit { span: Span { start: last.end, end: last.end }, content: format!(", {code}") })
}

fn above(language: Language, text: &str, start: u32, code: &str) -> Edit {
    let before = &text[..start as usize];
    let line_start = before.rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
    let line = &text[line_start..];
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t', '\u{c}']).len()];
    let mark = match language {
        Language::Python => "#",
        Language::Rust => "//",
    };
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let at = line_start as u32;
    let content = format!("{indent}{mark} cache-lint: ignore[{code}] -- {REASON}{end}");
    Edit { span: Span { start: at, end: at }, content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, text: &str, at: &str, expected: Option<&str>) {
        let start = text.find(at).expect("it is there") as u32;
        let edit = ignore(language, text, &facts::lower(language, text), start, "CL301");
        let changed = edit.map(|edit| {
            let mut text = text.to_owned();
            text.insert_str(edit.span.start as usize, &edit.content);
            text
        });
        assert_eq!(changed.as_deref(), expected);
    }

    #[test]
    fn a_comment_stands_above_the_line() {
        check(
            Language::Python,
            "def f():\r\n    rows.update(\r\n        a=1)\r\n",
            "rows",
            Some(
                "def f():\r\n    # cache-lint: ignore[CL301] -- TODO: say why\r\n    rows.update(\r\n        a=1)\r\n",
            ),
        );
        check(
            Language::Rust,
            "fn f() {\n    run();\n}\n",
            "run",
            Some("fn f() {\n    // cache-lint: ignore[CL301] -- TODO: say why\n    run();\n}\n"),
        );
    }

    #[test]
    fn a_comment_that_is_there_gets_one_more_code() {
        check(
            Language::Python,
            "f()  # cache-lint: ignore[CL101] -- so\n",
            "f()",
            Some("f()  # cache-lint: ignore[CL101, CL301] -- so\n"),
        );
    }

    #[test]
    fn there_is_none_where_it_would_be_no_comment() {
        check(Language::Python, "sql('''\n  UPDATE''')\n", "UPDATE", None);
        check(Language::Python, "a = \\\n    f()\n", "f()", None);
        check(Language::Rust, "f(\"\n  UPDATE\")\n", "UPDATE", None);
    }
}
