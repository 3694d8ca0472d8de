//! Takes a suppression comment, or codes out of one, away.

use super::page::Change;
use crate::source::{Location, Span};

/// The changes that remove the comment at `comment`, or only `codes` of it.
pub fn remove(text: &str, comment: Location, codes: &[Location]) -> Vec<Change> {
    if codes.is_empty() {
        return vec![whole(text, comment.span)];
    }
    codes.iter().map(|code| one(text, comment.span, code.span)).collect()
}

/// The comment with the white space before it; with its line where it stands alone on one.
fn whole(text: &str, comment: Span) -> Change {
    let (start, end) = (comment.start as usize, comment.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[line_start..start].trim_end();
    if !before.is_empty() {
        return Change { start: line_start + before.len(), end, content: String::new() };
    }
    let end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    Change { start: line_start, end, content: String::new() }
}

/// A code with the comma behind it, or before it where it is the last one.
fn one(text: &str, comment: Span, code: Span) -> Change {
    let (mut start, mut end) = (code.start as usize, code.end as usize);
    let behind = &text[end..comment.end as usize];
    let rest = behind.trim_start();
    if let Some(rest) = rest.strip_prefix(',') {
        end += behind.len() - rest.trim_start().len();
    } else {
        let before = text[comment.start as usize..start].trim_end();
        if let Some(before) = before.strip_suffix(',') {
            start = comment.start as usize + before.len();
        }
    }
    Change { start, end, content: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::page::apply;
    use crate::source::FileId;

    #[track_caller]
    fn check(text: &str, comment: &str, codes: &[&str], expected: &str) {
        let at = |part: &str| {
            let start = text.find(part).expect("it is in the text") as u32;
            Location { file: FileId(0), span: Span { start, end: start + part.len() as u32 } }
        };
        let codes: Vec<Location> = codes.iter().map(|code| at(code)).collect();
        let changed = apply(text, remove(text, at(comment), &codes));
        assert_eq!(changed.as_deref(), Some(expected));
    }

    #[test]
    fn a_comment_goes_with_its_line_or_the_space_before_it() {
        check("x = 1  # gone\r\ny\n", "# gone", &[], "x = 1\r\ny\n");
        check("    # gone\nx\n", "# gone", &[], "x\n");
    }

    #[test]
    fn codes_go_with_a_comma() {
        check("# i[A, B, C] -- why", "# i[A, B, C] -- why", &["A"], "# i[B, C] -- why");
        check("# i[A, B, C] -- why", "# i[A, B, C] -- why", &["C"], "# i[A, B] -- why");
    }
}
