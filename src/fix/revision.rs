//! A text with changes that knows which of its parts are as they were.

use std::ops::Range;
use std::sync::Arc;

use super::page::{Change, sorted};

/// A text with changes.
#[derive(Debug, Clone)]
pub struct Revision {
    original: Arc<str>,
    pieces: Vec<Piece>,
    /// The changes that were made at places of the original.
    made: Vec<Change>,
}

/// A part of a text that has changed.
#[derive(Debug, Clone)]
enum Piece {
    /// Bytes of the original.
    Kept(Range<usize>),
    New(String),
}

impl Piece {
    fn text<'t>(&'t self, original: &'t str) -> &'t str {
        match self {
            Piece::Kept(range) => &original[range.clone()],
            Piece::New(text) => text,
        }
    }

    fn len(&self) -> usize {
        match self {
            Piece::Kept(range) => range.len(),
            Piece::New(text) => text.len(),
        }
    }

    /// A part of it.
    fn part(&self, range: Range<usize>) -> Piece {
        match self {
            Piece::Kept(own) => Piece::Kept(own.start + range.start..own.start + range.end),
            Piece::New(text) => Piece::New(text[range].to_owned()),
        }
    }
}

impl Revision {
    /// Nothing is changed.
    pub fn of(original: Arc<str>) -> Revision {
        let pieces = vec![Piece::Kept(0..original.len())];
        Revision { original, pieces, made: Vec::new() }
    }

    /// The text as it is by now.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text(&self.original)).collect()
    }

    /// Makes changes at places of the text as it is by now; `None` where two of them touch the same text.
    #[must_use]
    pub fn change(&mut self, changes: Vec<Change>) -> Option<()> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = self.pieces.iter();
        let mut current = rest.next().cloned();
        let mut at = 0;
        for change in sorted(changes)? {
            // Up to the change, what is there is kept; up to its end, it is left out.
            for (end, is_kept) in [(change.start, true), (change.end, false)] {
                while at < end {
                    let piece = current.take()?;
                    let taken = (end - at).min(piece.len());
                    if is_kept {
                        pieces.push(piece.part(0..taken));
                    }
                    at += taken;
                    current = match taken == piece.len() {
                        true => rest.next().cloned(),
                        false => Some(piece.part(taken..piece.len())),
                    };
                }
            }
            pieces.push(Piece::New(change.content));
        }
        pieces.extend(current);
        pieces.extend(rest.cloned());
        self.pieces = pieces;
        Some(())
    }

    /// Makes changes at places of the original, but for those that were made so before; `None` where what
    /// stands there has changed.
    #[must_use]
    pub fn change_original(&mut self, changes: Vec<Change>) -> Option<()> {
        let (mut new, mut moved) = (Vec::new(), Vec::new());
        for change in changes {
            if !self.made.contains(&change) {
                let shift = self.kept(change.start..change.end)?;
                moved.push(Change {
                    start: shift,
                    end: shift + (change.end - change.start),
                    content: change.content.clone(),
                });
                new.push(change);
            }
        }
        self.change(moved)?;
        self.made.extend(new);
        Some(())
    }

    /// Where a range of the original is by now, where it is as it was; a place between two parts is behind
    /// what was put there.
    fn kept(&self, range: Range<usize>) -> Option<usize> {
        let mut at = 0;
        let mut found = None;
        for piece in &self.pieces {
            if let Piece::Kept(own) = piece
                && own.start <= range.start
                && range.end <= own.end
            {
                found = Some(at + (range.start - own.start));
            }
            at += piece.len();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(start: usize, end: usize, content: &str) -> Change {
        Change { start, end, content: content.to_owned() }
    }

    #[test]
    fn changes_are_made_where_the_text_is_by_now_or_where_it_was() {
        let mut text = Revision::of("one two three".into());
        text.change(vec![change(4, 7, "2"), change(0, 0, "zero ")]).expect("apart");
        assert_eq!(text.text(), "zero one 2 three");
        text.change(vec![change(16, 16, " four"), change(5, 8, "1")]).expect("apart");
        assert_eq!(text.text(), "zero 1 2 three four");
        text.change_original(vec![change(8, 13, "3")]).expect("as it was");
        assert_eq!(text.text(), "zero 1 2 3 four");
        text.change_original(vec![change(8, 13, "3")]).expect("made before");
        assert_eq!(text.text(), "zero 1 2 3 four");
        assert_eq!(text.change_original(vec![change(5, 6, "w")]), None);
        assert_eq!(text.change(vec![change(0, 4, ""), change(3, 5, "")]), None);
        assert_eq!(text.text(), "zero 1 2 3 four");
    }

    #[test]
    fn what_is_put_at_one_place_stands_in_order() {
        let mut text = Revision::of("ab".into());
        text.change_original(vec![change(1, 1, "1")]).expect("as it was");
        text.change_original(vec![change(1, 1, "2")]).expect("as it was");
        assert_eq!(text.text(), "a12b");
        text.change_original(vec![change(2, 2, "3"), change(2, 2, "4")]).expect("as it was");
        assert_eq!(text.text(), "a12b34");
    }
}
