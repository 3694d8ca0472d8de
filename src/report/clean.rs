//! Keeps what could steer a terminal out of text that shows other people's files.

use std::borrow::Cow;

/// Whether a character could steer a terminal or reorder what it shows: C0, DEL, C1, and the
/// embeddings, overrides and isolates of bidirectional text.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text on one line with each such character spelled out, as `\u{1b}`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_control(c) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    Cow::Owned(cleaned)
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(clean("plain `é` \u{1F40D}"), "plain `é` \u{1F40D}");
        assert_eq!(
            clean("a\u{1b}[31m\nb\u{9b}\u{202e}\u{7f}"),
            r"a\u{1b}[31m\nb\u{9b}\u{202e}\u{7f}"
        );
    }
}
