//! Between byte offsets and the positions that editors count by.

use std::sync::Arc;

use gen_lsp_types::{Position, Range};
use ruff_source_file::{LineIndex, OneIndexed, PositionEncoding, SourceLocation};
use ruff_text_size::TextSize;

use crate::source::Span;

/// A text, and where its lines begin.
#[derive(Debug, Clone)]
pub struct Lines {
    text: Arc<str>,
    index: LineIndex,
    encoding: PositionEncoding,
}

impl Lines {
    /// Finds the lines of a text, whose columns are counted in `encoding`.
    pub fn of(text: Arc<str>, encoding: PositionEncoding) -> Lines {
        let index = LineIndex::from_source_text(&text);
        Lines { text, index, encoding }
    }

    /// Where a span is; what lies behind the text is at its end.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end.max(span.start)) }
    }

    /// The bytes between two positions; what lies behind a line or the text is at its end.
    pub fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span { start, end: end.max(start) }
    }

    fn position(&self, offset: u32) -> Position {
        let offset = TextSize::from(self.at_char(offset));
        let place = self.index.source_location(offset, &self.text, self.encoding);
        Position {
            line: place.line.to_zero_indexed() as u32,
            character: place.character_offset.to_zero_indexed() as u32,
        }
    }

    fn offset(&self, position: Position) -> u32 {
        let line = position.line as usize;
        if line >= self.index.line_count() {
            return self.text.len() as u32;
        }
        let place = SourceLocation {
            line: OneIndexed::from_zero_indexed(line),
            character_offset: OneIndexed::from_zero_indexed(position.character as usize),
        };
        let within = self.index.line_range(place.line, &self.text);
        let line_text = &self.text[usize::from(within.start())..usize::from(within.end())];
        let before_end =
            within.start().to_u32() + line_text.trim_end_matches(['\n', '\r']).len() as u32;
        let offset = self.index.offset(place, &self.text, self.encoding).to_u32();
        self.at_char(offset.min(before_end))
    }

    /// The start of the character that an offset lies in.
    fn at_char(&self, offset: u32) -> u32 {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: PositionEncoding, text: &str, at: &str, line: u32, character: u32) {
        let lines = Lines::of(text.into(), encoding);
        let start = text.find(at).expect("it is there") as u32;
        let span = Span { start, end: start + at.len() as u32 };
        let range = lines.range(span);
        assert_eq!(range.start, Position { line, character });
        assert_eq!(lines.span(range), span);
    }

    #[test]
    fn columns_are_counted_as_the_editor_does() {
        check(PositionEncoding::Utf16, "a = 1\ns = '🐍é'; flag\n", "flag", 1, 11);
        check(PositionEncoding::Utf8, "a = 1\ns = '🐍é'; flag\n", "flag", 1, 14);
        check(PositionEncoding::Utf16, "a\r\nb\rc\n", "c", 2, 0);
    }

    #[track_caller]
    fn offset(encoding: PositionEncoding, text: &str, line: u32, character: u32) -> u32 {
        Lines::of(text.into(), encoding).offset(Position { line, character })
    }

    #[test]
    fn positions_that_are_nowhere_are_at_the_next_place_before_them() {
        assert_eq!(offset(PositionEncoding::Utf16, "ab\r\ncd", 0, 99), 2);
        assert_eq!(offset(PositionEncoding::Utf16, "ab\ncd", 1, u32::MAX), 5);
        assert_eq!(offset(PositionEncoding::Utf16, "ab\ncd", 7, 0), 5);
        assert_eq!(offset(PositionEncoding::Utf8, "é", 0, 1), 0);
        assert_eq!(offset(PositionEncoding::Utf16, "", 0, 0), 0);
    }
}
