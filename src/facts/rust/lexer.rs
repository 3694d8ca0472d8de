//! A small lexer that tells code from strings and comments, ahead of and besides the real one.
//!
//! It serves what a token stream cannot: comments, the shape of text that does not lex, and a look
//! at how deep a file nests before any parser is sent after it.

use crate::source::Span;

/// One piece of source that is not white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the text.
    pub span: Span,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`
    Close(u8),
    /// One byte of punctuation.
    Punct(u8),
    /// An identifier or a keyword.
    Word,
    /// A number, a string, a character or a lifetime.
    Literal,
    /// A comment of one line, documentation included.
    LineComment,
    /// A comment between `/*` and `*/`.
    BlockComment,
    /// A string or comment that does not end; the last token.
    Endless,
}

/// The tokens of a text.
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of a text.
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text: text.as_bytes(), at: 0 }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn kind(&mut self) -> Kind {
        let byte = self.peek(0);
        match byte {
            b'/' if self.peek(1) == b'/' => {
                let rest = &self.text[self.at..];
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                Kind::LineComment
            }
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.quoted(b'"'),
            b'\'' => self.character_or_lifetime(),
            b'(' | b'[' | b'{' => self.one(Kind::Open(byte)),
            b')' | b']' | b'}' => self.one(Kind::Close(byte)),
            b'0'..=b'9' => {
                self.skip_word();
                // `1.5`, but neither `1..2` nor `1.max(2)`.
                if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
                    self.at += 1;
                    self.skip_word();
                }
                Kind::Literal
            }
            _ if is_word(byte) => self.word(),
            _ => self.one(Kind::Punct(byte)),
        }
    }

    fn one(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn skip_word(&mut self) {
        while is_word(self.peek(0)) {
            self.at += 1;
        }
    }

    /// A word, or the string whose prefix looks like one.
    fn word(&mut self) -> Kind {
        let start = self.at;
        self.skip_word();
        let prefix = &self.text[start..self.at];
        match (prefix, self.peek(0)) {
            (b"b" | b"c", b'"') => self.quoted(b'"'),
            (b"b", b'\'') => self.quoted(b'\''),
            (b"r" | b"br" | b"cr", b'"' | b'#') => self.raw_string_or_word(),
            _ => Kind::Word,
        }
    }

    fn raw_string_or_word(&mut self) -> Kind {
        let hashes = self.text[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if self.peek(hashes) != b'"' {
            // `r#match` is a word.
            self.at += hashes.min(1);
            self.skip_word();
            return Kind::Word;
        }
        self.at += hashes + 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(quote) = memchr::memchr(b'"', rest) else {
                self.at = self.text.len();
                return Kind::Endless;
            };
            self.at += quote + 1;
            let closing = &self.text[self.at..];
            if closing.iter().take(hashes).filter(|byte| **byte == b'#').count() == hashes {
                self.at += hashes;
                return Kind::Literal;
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Kind {
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = memchr::memchr2(quote, b'\\', rest) else {
                self.at = self.text.len();
                return Kind::Endless;
            };
            self.at += next + 1;
            if rest[next] == quote {
                return Kind::Literal;
            }
            self.at = (self.at + 1).min(self.text.len());
        }
    }

    fn character_or_lifetime(&mut self) -> Kind {
        if self.peek(1) == b'\\' {
            return self.quoted(b'\'');
        }
        let letter = match self.peek(1) {
            0 => 0,
            first => utf8_length(first),
        };
        if self.peek(1 + letter) == b'\'' {
            self.at += letter + 2;
        } else {
            self.at += 1;
            self.skip_word();
        }
        Kind::Literal
    }

    fn block_comment(&mut self) -> Kind {
        self.at += 2;
        let mut depth = 1;
        while depth > 0 {
            let rest = &self.text[self.at..];
            let Some(next) = memchr::memchr2(b'*', b'/', rest) else {
                self.at = self.text.len();
                return Kind::Endless;
            };
            self.at += next + 1;
            match (rest[next], self.peek(0)) {
                (b'*', b'/') => depth -= 1,
                (b'/', b'*') => depth += 1,
                _ => continue,
            }
            self.at += 1;
        }
        Kind::BlockComment
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.peek(0).is_ascii_whitespace() {
            self.at += 1;
        }
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let kind = self.kind();
        Some(Token { kind, span: Span { start: start as u32, end: self.at as u32 } })
    }
}

/// Letters outside of ASCII stand in words and in nothing else.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn utf8_length(first: u8) -> usize {
    match first {
        0..0xC0 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = Lexer::new(text)
            .map(|token| {
                let text = &text[token.span.start as usize..token.span.end as usize];
                match token.kind {
                    Kind::Open(_) | Kind::Close(_) | Kind::Punct(_) | Kind::Word => text.to_owned(),
                    Kind::Literal => format!("<{text}>"),
                    Kind::LineComment | Kind::BlockComment => format!("#{text}#"),
                    Kind::Endless => format!("endless {text}"),
                }
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn strings_hide_what_is_in_them() {
        check(r#"f("a\"// b", b"\\", c"x")"#, r#"f ( <"a\"// b"> , <b"\\"> , <c"x"> )"#);
        check(
            r###"r#"a " // b"# r"\" br##"x"#"##"###,
            r###"<r#"a " // b"#> <r"\"> <br##"x"#"##>"###,
        );
        check("r#match", "r#match");
    }

    #[test]
    fn characters_are_told_from_lifetimes() {
        check(
            r"'a' 'a &'static str '\'' 'é' '{' b'\''",
            r"<'a'> <'a> & <'static> str <'\''> <'é'> <'{'> <b'\''>",
        );
    }

    #[test]
    fn comments_end_at_their_line_or_nest() {
        check("a // b \" c\nd /* e /* f */ g */ h", "a #// b \" c# d #/* e /* f */ g */# h");
        check("a /* /*/ */ b", "a endless /* /*/ */ b");
    }

    #[test]
    fn numbers_are_one_token_each() {
        check("1.5e3 0..2 1.max(2) 0xFF_u8", "<1.5e3> <0> . . <2> <1> . max ( <2> ) <0xFF_u8>");
    }

    #[test]
    fn what_does_not_end_is_the_last_token() {
        check("a \"b", "a endless \"b");
        check("a r#\"b\"", "a endless r#\"b\"");
        check("'", "<'>");
    }
}
