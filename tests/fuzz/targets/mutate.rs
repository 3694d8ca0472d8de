//! Changes a text by its lines, blocks, brackets and words, so that most of what comes out can still be parsed.
//!
//! Of the languages it knows no more than that blocks are indented, and how some begin.

use std::ops::Range;
use std::sync::LazyLock;

/// Has libFuzzer change and cross inputs so.
macro_rules! by_blocks {
    () => {
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            mutate::change(data, size, max_size, seed)
        });

        libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
            mutate::cross(one, other, out, seed)
        });
    };
}
pub(crate) use by_blocks;

/// What a line that begins a file starts with.
const MARK: &str = "#### ";

/// The words that the targets look for.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lines = include_str!("../words.dict").lines();
    let words = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    words.map(|word| word.replace("\\x22", "\"").replace("\\x5c", "\\")).collect()
});

/// What a block can be put into, in Python: the lines before it.
const PYTHON: &[&str] = &[
    "if x:",
    "for x in rows:",
    "while True:",
    "with transaction.atomic():",
    "def f(self, x):",
    "async def f(*args, **kwargs):",
    "class A(models.Model):",
    "class A(Base):",
    "else:",
    "try:",
    "except Exception as x:",
    "finally:",
    "match x:\n    case [x, *rest]:",
];
/// What a block can be put into, in Rust: the lines before it, and behind.
const RUST: &[(&str, &str)] = &[
    ("if let Some(x) = x {", "}"),
    ("for x in rows {", "}"),
    ("loop {", "}"),
    ("async move {", "};"),
    ("let f = |x| {", "};"),
    ("match x { _ => {", "}}"),
    ("fn f(&self) {", "}"),
    ("mod m {", "}"),
    ("impl A {", "}"),
    ("tokio::spawn(async {", "});"),
    ("macro_rules! m { () => {", "}}"),
];

/// Changes a text in place, and now and then its bytes.
pub fn change(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed));
    let changed = match std::str::from_utf8(&data[..size]) {
        Ok(text) if !dice.one_in(6) => (0..=dice.below(3))
            .try_fold(text.to_owned(), |text, _| changed(&text, &text, &mut dice)),
        _ => None,
    };
    match changed {
        Some(text) if text.len() <= max_size => put(&text, data),
        _ => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
}

/// Takes parts of `other` into `one`.
pub fn cross(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed));
    let texts = (std::str::from_utf8(one), std::str::from_utf8(other));
    let crossed = match texts {
        (Ok(one), Ok(other)) => {
            (0..=dice.below(4)).try_fold(one.to_owned(), |text, _| changed(&text, other, &mut dice))
        }
        _ => None,
    };
    let text = crossed.filter(|text| text.len() <= out.len()).unwrap_or_default();
    put(&text, out)
}

fn put(text: &str, data: &mut [u8]) -> usize {
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

/// One change of a text, for which parts are taken from `other`.
fn changed(text: &str, other: &str, dice: &mut Dice) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let others: Vec<&str> = other.lines().collect();
    let at = dice.line(&lines)?;
    let block = block(&lines, at);
    let taken = dice.line(&others).map(|at| self::block(&others, at))?;
    let indent = indent(lines[at]);
    let from_other = || indented(&others[taken.clone()], indent);
    let own = || owned(&lines[block.clone()]);
    let (range, new) = match dice.below(13) {
        0 => (block, Vec::new()),
        1 => (block.end..block.end, own()),
        2 => (block, from_other()),
        3 | 4 => (block.end..block.end, from_other()),
        5 => {
            let next = self::block(&lines, block.end.min(lines.len() - 1));
            let swapped = owned(&lines[next.clone()]).into_iter().chain(own()).collect();
            (block.start..next.end.max(block.end), swapped)
        }
        6 => {
            let is_rust = lines[..at].iter().rev().find(|line| line.starts_with(MARK));
            let is_rust = is_rust.is_some_and(|line| line.ends_with(".rs"));
            (block.clone(), wrapped(&lines[block], indent, is_rust, dice))
        }
        7 => (block.clone(), indented(&lines[(block.start + 1).min(block.end)..block.end], indent)),
        8 => {
            let copies = 2 + dice.below(30);
            let copy = |number| own().into_iter().map(move |line| numbered(&line, number));
            (block.clone(), (0..copies).flat_map(copy).collect())
        }
        9 => return renamed(text, other, dice),
        10 => {
            let (word, line) = (dice.word(other)?, lines[at]);
            (at..at + 1, vec![replaced(line, dice.place_of_word(line)?, &word)])
        }
        11 => {
            let (group, line) = (dice.group(text)?, dice.group(other)?);
            return Some(replaced(text, group, &other[line]));
        }
        _ => {
            let (group, inner) = (dice.group(text)?, dice.word(other)?);
            let inner = if dice.one_in(3) { String::new() } else { inner };
            return Some(replaced(text, group, &inner));
        }
    };
    let mut result = owned(&lines[..range.start]);
    result.extend(new);
    result.extend(owned(&lines[range.end..]));
    Some(result.join("\n") + "\n")
}

/// Another word for every one of its name.
fn renamed(text: &str, other: &str, dice: &mut Dice) -> Option<String> {
    let (old, new) = (text[dice.place_of_word(text)?].to_owned(), dice.word(other)?);
    let mut result = String::new();
    let mut end = 0;
    for place in words(text).filter(|place| text[place.clone()] == old) {
        result.push_str(&text[end..place.start]);
        result.push_str(&new);
        end = place.end;
    }
    Some(result + &text[end..])
}

/// The lines that belong together with that at `at`: what is indented below it, and what closes it; of
/// a line that begins a file, the file.
fn block(lines: &[&str], at: usize) -> Range<usize> {
    let own = indent(lines[at]);
    let is_file = lines[at].starts_with(MARK);
    let closes = |line: &str| line.trim_start().starts_with([')', ']', '}']);
    let belongs = |line: &&&str| match is_file {
        true => !line.starts_with(MARK),
        false => {
            line.trim().is_empty() || indent(line) > own || indent(line) == own && closes(line)
        }
    };
    let end = at + 1 + lines[at + 1..].iter().take_while(belongs).count();
    let blank = lines[at + 1..end].iter().rev().take_while(|line| line.trim().is_empty()).count();
    at..end - blank
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Lines moved so that the first of them is indented by `to`.
fn indented(lines: &[&str], to: usize) -> Vec<String> {
    let from = lines.first().map_or(0, |line| indent(line));
    let moved = |line: &&str| {
        let spaces = (indent(line) + to).saturating_sub(from);
        format!("{}{}", " ".repeat(spaces), line.trim_start())
    };
    lines.iter().map(moved).collect()
}

fn wrapped(lines: &[&str], indent: usize, is_rust: bool, dice: &mut Dice) -> Vec<String> {
    let (before, behind) = match is_rust {
        true => RUST[dice.below(RUST.len())],
        false => (PYTHON[dice.below(PYTHON.len())], ""),
    };
    let mut result = indented(&before.lines().collect::<Vec<_>>(), indent);
    result.extend(indented(lines, indent + 4 * before.lines().count()));
    if is_rust {
        result.extend(indented(&[behind], indent));
    }
    result
}

/// A line whose second word, mostly the name of what it defines, is another one.
fn numbered(line: &str, number: usize) -> String {
    match words(line).nth(1) {
        Some(place) => format!("{}{number}{}", &line[..place.end], &line[place.end..]),
        None => line.to_owned(),
    }
}

fn replaced(text: &str, place: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..place.start], &text[place.end..])
}

/// Where words are.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
        let start = end + text[end..].find(is_of_word)?;
        end = text[start..].find(|c| !is_of_word(c)).map_or(text.len(), |length| start + length);
        Some(start..end)
    })
}

/// Chooses by chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % count.max(1) as u64) as usize
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of the lines that say something.
    fn line(&mut self, lines: &[&str]) -> Option<usize> {
        let said = |at: &usize| !lines[*at].trim().is_empty();
        let said: Vec<usize> = (0..lines.len()).filter(said).collect();
        said.get(self.below(said.len())).copied()
    }

    fn place_of_word(&mut self, text: &str) -> Option<Range<usize>> {
        let count = words(text).count();
        words(text).nth(self.below(count))
    }

    /// A word of a text, or one that the targets look for.
    fn word(&mut self, text: &str) -> Option<String> {
        if self.one_in(4) {
            return Some(WORDS[self.below(WORDS.len())].clone());
        }
        self.place_of_word(text).map(|place| text[place].to_owned())
    }

    /// What stands between two brackets that belong together, which may be all in it but a part.
    fn group(&mut self, text: &str) -> Option<Range<usize>> {
        let opens: Vec<usize> = text.match_indices(['(', '[', '{']).map(|(at, _)| at).collect();
        let start = opens.get(self.below(opens.len()))? + 1;
        let mut depth = 0;
        for (at, letter) in text[start..].char_indices() {
            match letter {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => return Some(start..start + at),
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        None
    }
}
