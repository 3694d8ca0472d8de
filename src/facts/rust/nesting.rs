//! Refuses text that nests so deep that no recursive parser should be sent after it.

use super::lexer::{Kind, Lexer, Token};

/// What one open bracket adds to the depth; what stands before an operand adds one.
const BRACKET: u32 = 10;

/// How many operators, calls and the like may follow each other without a `,` or `;`: the tree of a
/// chain is as deep as the chain is long, and dropping it recurses.
const MAX_CHAIN: u32 = 200_000;

/// Words that an expression, a pattern or a type can begin with any number of times.
const PREFIX_WORDS: [&str; 13] = [
    "return", "break", "yield", "if", "match", "while", "move", "let", "dyn", "impl", "mut", "ref",
    "const",
];

/// Why text is not sent to the parser.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It nests too deep at this offset.
    TooDeep(u32),
    /// A bracket at this offset has no counterpart.
    Unbalanced(u32),
    /// A string or a comment that starts at this offset does not end.
    Endless(u32),
}

/// One open bracket, or the file itself.
#[derive(Default)]
struct Level {
    opened: u8,
    start: u32,
    /// How deep its content lies.
    base: u32,
    /// What has stood before an operand since the last separator.
    prefixes: u32,
    /// How many tokens have followed each other since the last separator or block.
    chain: u32,
    /// How many `else` since the last separator.
    elses: u32,
}

/// Looks at all of a text; `limit` is how many brackets may be open.
///
/// # Errors
/// The first reason to leave it.
pub fn check(text: &str, limit: u32) -> Result<(), Refusal> {
    let limit = limit * BRACKET;
    let mut levels = vec![Level::default()];
    let mut was_dot = false;
    for Token { kind, span } in Lexer::new(text) {
        let dots = std::mem::take(&mut was_dot);
        let last = levels.len() - 1;
        let level = &mut levels[last];
        level.chain += 1;
        match kind {
            Kind::LineComment | Kind::BlockComment => level.chain -= 1,
            Kind::Endless => return Err(Refusal::Endless(span.start)),
            Kind::Open(opened) => {
                let base = level.base + level.prefixes + BRACKET;
                levels.push(Level { opened, start: span.start, base, ..Level::default() });
            }
            Kind::Close(closed) => {
                let level = levels.pop().filter(|level| pairs(level.opened, closed));
                let (Some(_), Some(outer)) = (level, levels.last_mut()) else {
                    return Err(Refusal::Unbalanced(span.start));
                };
                if closed == b'}' {
                    outer.prefixes = 0;
                    outer.chain = 0;
                }
            }
            Kind::Punct(b',' | b';') => {
                level.prefixes = 0;
                level.chain = 0;
                level.elses = 0;
            }
            Kind::Punct(b'-' | b'!' | b'*' | b'&' | b'|' | b'<' | b'=' | b'@') => {
                level.prefixes += 1;
            }
            Kind::Punct(b'.') => {
                level.prefixes += u32::from(dots);
                was_dot = true;
            }
            Kind::Word => match &text[span.start as usize..span.end as usize] {
                "else" => level.elses += 1,
                word if PREFIX_WORDS.contains(&word) => level.prefixes += 1,
                _ => {}
            },
            Kind::Punct(_) | Kind::Literal => {}
        }
        if let Some(level) = levels.last()
            && (level.base + level.prefixes > limit || level.chain.max(level.elses) > MAX_CHAIN)
        {
            return Err(Refusal::TooDeep(span.start));
        }
    }
    match levels.get(1..) {
        None | Some([]) => Ok(()),
        Some([.., innermost]) => Err(Refusal::Unbalanced(innermost.start)),
    }
}

fn pairs(open: u8, close: u8) -> bool {
    matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_nest_up_to_the_limit() {
        assert_eq!(check("((([])))", 4), Ok(()));
        assert_eq!(check("((([[]])))", 4), Err(Refusal::TooDeep(4)));
        assert_eq!(check("\"(((((\" /* ((((( */ '(' // (((((", 4), Ok(()));
    }

    #[test]
    fn prefixes_count_up_to_the_next_separator() {
        assert_eq!(check(&"&".repeat(41), 4), Err(Refusal::TooDeep(40)));
        assert_eq!(check(&"return ".repeat(41), 4), Err(Refusal::TooDeep(280)));
        assert_eq!(check(&"&a, ".repeat(41), 4), Ok(()));
        assert_eq!(check(&"if a {} ".repeat(41), 4), Ok(()));
        assert_eq!(check(&"..".repeat(41), 4), Err(Refusal::TooDeep(41)));
    }

    #[test]
    fn chains_count_up_to_the_next_separator() {
        let links = MAX_CHAIN as usize / 2;
        assert_eq!(check(&".a".repeat(links), 4), Ok(()));
        assert!(matches!(check(&".a".repeat(links + 1), 4), Err(Refusal::TooDeep(_))));
        let many = MAX_CHAIN as usize + 1;
        assert!(matches!(check(&"else if a {} ".repeat(many), 4), Err(Refusal::TooDeep(_))));
    }

    #[test]
    fn brackets_come_in_pairs() {
        assert_eq!(check("f(]", 4), Err(Refusal::Unbalanced(2)));
        assert_eq!(check("f(g[", 4), Err(Refusal::Unbalanced(3)));
        assert_eq!(check("f)", 4), Err(Refusal::Unbalanced(1)));
        assert_eq!(check("f(\"", 4), Err(Refusal::Endless(2)));
    }
}
