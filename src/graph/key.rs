//! Key templates: literal text with holes, and whether two of them can be the same key.

use std::fmt;
use std::sync::Arc;

use super::ids::{ClassId, FunctionId};
use super::value::Taint;
use crate::facts::NameId;

/// How many characters of keys are compared at the most.
const MAX_COMPARED: usize = 1_000;

/// A string of which some parts are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Template {
    /// Its parts; two literals never stand next to each other.
    pub parts: Vec<Part>,
    /// What its holes were computed from; nothing in keys, which are compared by their parts.
    pub taint: Taint,
    /// Whether some of it is in the string in another form, such as a digest.
    pub is_coded: bool,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Known text.
    Text(Arc<str>),
    /// The primary key of a deleted row, which is no row's key any more.
    Gone,
    /// Any text.
    Hole {
        /// What the source calls what fills the hole.
        label: Arc<str>,
        /// The key under which the filler was read from a store, where it was.
        read_from: Option<Arc<Template>>,
        /// What fills it, where that is known.
        origin: Option<Origin>,
        /// What the filler is spelled with.
        spelling: Spelling,
    },
}

/// What values of a kind are spelled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Spelling {
    /// Anything.
    #[default]
    Text,
    /// Digits, and a sign.
    Number,
    /// Hexadecimal digits and hyphens.
    Uuid,
}

impl Spelling {
    /// Whether a character may be part of it.
    fn takes(self, character: char) -> bool {
        match self {
            Spelling::Text => true,
            Spelling::Number => character.is_ascii_digit() || character == '-',
            Spelling::Uuid => character.is_ascii_hexdigit() || character == '-',
        }
    }
}

/// Where a value comes from that fills a hole or confines a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A parameter of the function that a run starts at, or an attribute path of one.
    Param(FunctionId, NameId, Arc<str>),
    /// A column of a row.
    Column {
        /// The model of the row.
        model: ClassId,
        /// The column by its field's name; `pk` for the primary key.
        column: Arc<str>,
        /// Which row.
        row: RowRef,
    },
    /// It is made up for this: nothing else comes to the same.
    Once,
    /// It is a setting: the same for all rows.
    Setting,
}

/// Which row a column is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowRef {
    /// The one whose write is followed, as the code that writes has it.
    Subject,
    /// The same, as the database has it before the write.
    Stored,
    /// The one that a foreign key of the subject leads to.
    BesideSubject,
    /// The one that a foreign key leads to of the subject as the database has it before the write.
    BesideStored,
    /// Another one.
    Other,
}

impl RowRef {
    /// The row that a foreign key leads to.
    pub fn target(self) -> Option<RowRef> {
        match self {
            RowRef::Subject => Some(RowRef::BesideSubject),
            RowRef::Stored => Some(RowRef::BesideStored),
            RowRef::BesideSubject | RowRef::BesideStored | RowRef::Other => None,
        }
    }
}

impl Origin {
    /// Whether two are the same value, an instance standing for its primary key.
    pub fn same_as(&self, other: &Origin) -> bool {
        let whole = |path: &str| matches!(path, "" | "pk" | "id");
        match (self, other) {
            (Origin::Param(f, a, left), Origin::Param(g, b, right)) => {
                f == g && a == b && (left == right || (whole(left) && whole(right)))
            }
            (
                Origin::Column { model: one, column: a, .. },
                Origin::Column { model: two, column: b, .. },
            ) => one == two && a == b,
            _ => false,
        }
    }
}

impl Part {
    /// A hole of which only its name is known.
    pub fn hole(label: &str) -> Part {
        Part::Hole { label: label.into(), read_from: None, origin: None, spelling: Spelling::Text }
    }
}

impl Template {
    /// The template of a known string.
    pub fn text(text: &str) -> Template {
        let mut template = Template::default();
        template.push_text(text);
        template
    }

    /// A template that may be any string.
    pub fn hole(label: &str) -> Template {
        Template { parts: vec![Part::hole(label)], ..Template::default() }
    }

    /// The template of a text in which each `{name}` stands for what `fill` appends.
    pub fn spelled(text: &str, mut fill: impl FnMut(&mut Template, &str)) -> Template {
        let mut template = Template::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            template.push_text(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            fill(&mut template, name);
            rest = after;
        }
        template.push_text(rest);
        template
    }

    /// Appends known text.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Text(last)) => *last = format!("{last}{text}").into(),
            _ => self.parts.push(Part::Text(text.into())),
        }
    }

    /// Appends a part.
    pub fn push(&mut self, part: &Part) {
        match part {
            Part::Text(text) => self.push_text(text),
            Part::Hole { .. } | Part::Gone => self.parts.push(part.clone()),
        }
    }

    /// Appends another template.
    pub fn append(&mut self, other: &Template) {
        for part in &other.parts {
            self.push(part);
        }
        self.taint.extend(other.taint.iter().cloned());
        self.is_coded |= other.is_coded;
    }

    /// The whole text, where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The same template with each `*` of its text as a hole, as pattern deletes read it.
    pub fn as_pattern(&self) -> Template {
        let mut template = Template::default();
        for part in &self.parts {
            match part {
                Part::Hole { .. } | Part::Gone => template.push(part),
                Part::Text(text) => {
                    for (at, piece) in text.split('*').enumerate() {
                        if at > 0 {
                            template.parts.push(Part::hole("*"));
                        }
                        template.push_text(piece);
                    }
                }
            }
        }
        template
    }

    /// Whether its holes, of which there are some, hold parameters and primary keys alone.
    pub fn is_chosen_by_keys(&self) -> bool {
        let is_key = |part: &Part| match part {
            Part::Hole { origin: Some(Origin::Param(_, _, path)), .. } => path.is_empty(),
            Part::Hole { origin: Some(Origin::Column { column, .. }), .. } => &**column == "pk",
            Part::Hole { .. } => false,
            Part::Text(_) | Part::Gone => true,
        };
        self.known().is_none() && self.parts.iter().all(is_key)
    }

    /// The keys that were read from a store to build this one: version counters.
    pub fn read_from(&self) -> impl Iterator<Item = &Template> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole { read_from, .. } => read_from.as_deref(),
            Part::Text(_) | Part::Gone => None,
        })
    }

    /// Whether its holes but those for settings, of which there are some, are all filled by columns that are
    /// meant.
    pub fn is_filled_by(&self, mut is_meant: impl FnMut(ClassId, &str, RowRef) -> bool) -> bool {
        let mut filled = false;
        let all = self.parts.iter().all(|part| match part {
            Part::Hole { origin: Some(Origin::Column { model, column, row }), .. } => {
                filled = true;
                is_meant(*model, column, *row)
            }
            Part::Hole { origin: Some(Origin::Setting), .. } => true,
            Part::Hole { .. } => false,
            _ => true,
        });
        all && filled
    }

    /// Whether it holds the primary key of the row of a model whose write is followed.
    pub fn is_of_written_row(&self, model: ClassId) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Hole { origin: Some(Origin::Column { model: of, column, row }), .. } => {
                *of == model && &**column == "pk" && matches!(row, RowRef::Subject | RowRef::Stored)
            }
            _ => false,
        })
    }

    /// Whether so much of it is spelled out that it can be told from other keys: it has no hole, starts
    /// with a prefix that a separator ends (`u:`), or has some text.
    pub fn is_specific(&self) -> bool {
        const SOME_TEXT: usize = 4;
        let text = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Hole { .. } | Part::Gone => 0,
        };
        let is_prefix = |text: &str| {
            text.starts_with(char::is_alphanumeric) && !text.ends_with(char::is_alphanumeric)
        };
        match self.parts.as_slice() {
            [Part::Text(text)] => !text.is_empty(),
            [Part::Text(text), ..] if is_prefix(text) => true,
            parts => parts.iter().map(text).sum::<usize>() >= SOME_TEXT,
        }
    }

    /// Whether one can be meant by the other, as far as they are spelled out: `user:{}` and `{}:name` can be
    /// the same key, but nobody means one by the other.
    pub fn may_mean(&self, other: &Template) -> bool {
        let share = |own: &str, other: &str| own.contains(other) || other.contains(own);
        self.is_bare()
            || other.is_bare()
            || self.texts().any(|own| other.texts().any(|other| share(own, other)))
    }

    /// Whether it spells out no word.
    pub fn is_bare(&self) -> bool {
        self.texts().next().is_none()
    }

    /// The words that it spells out, without the separators round them.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.trim_matches(|c: char| !c.is_alphanumeric())),
            Part::Hole { .. } | Part::Gone => None,
        });
        texts.filter(|text| !text.is_empty())
    }

    /// Whether it can be the same key as another one, and is meant for such: both start with the same text,
    /// or it is a pattern.
    pub fn is_spelled_like(&self, other: &Template) -> bool {
        let meant = match (self.parts.first(), other.parts.first()) {
            (Some(Part::Text(own)), Some(Part::Text(other))) => {
                own.starts_with(&**other) || other.starts_with(&**own)
            }
            (Some(Part::Hole { label, .. }), _) => &**label == "*",
            _ => false,
        };
        meant && self.can_equal(other)
    }

    /// Its text with every hole alike, whatever it is called.
    pub fn shape(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Gone | Part::Hole { .. } => "{}".to_owned(),
        };
        self.parts.iter().map(part).collect()
    }

    /// The same without where its holes come from: what it is spelled with.
    pub fn spelling(&self) -> Template {
        let part = |part: &Part| match part {
            Part::Hole { spelling, .. } => {
                Part::Hole { label: "".into(), read_from: None, origin: None, spelling: *spelling }
            }
            part => part.clone(),
        };
        Template { parts: self.parts.iter().map(part).collect(), ..Template::default() }
    }

    /// Whether some string fits both templates, a hole standing for any text that its filler may be.
    pub fn can_equal(&self, other: &Template) -> bool {
        if self.parts.contains(&Part::Gone) || other.parts.contains(&Part::Gone) {
            return false;
        }
        if let (Some(text), Some(other)) = (self.known(), other.known()) {
            return text == other;
        }
        if !self.ends_may_meet(other) {
            return false;
        }
        let left = symbols(self);
        let right = symbols(other);
        // No store takes keys of such a length; what is not compared may be the same.
        if left.len().max(right.len()) > MAX_COMPARED {
            return true;
        }
        // reachable[j]: the first `i` symbols of left and `j` of right can produce the same text.
        let mut reachable = vec![false; right.len() + 1];
        reachable[0] = true;
        for j in 0..right.len() {
            reachable[j + 1] = reachable[j] && matches!(right[j], Symbol::Hole(_));
        }
        for symbol in &left {
            let mut next = vec![false; right.len() + 1];
            next[0] = reachable[0] && matches!(symbol, Symbol::Hole(_));
            for (j, other) in right.iter().enumerate() {
                next[j + 1] = match (*symbol, *other) {
                    (Symbol::Character(a), Symbol::Character(b)) => reachable[j] && a == b,
                    // A hole takes nothing, or one more symbol of the other side.
                    (Symbol::Hole(_), Symbol::Hole(_)) => {
                        reachable[j] || reachable[j + 1] || next[j]
                    }
                    (Symbol::Hole(hole), Symbol::Character(c)) => {
                        reachable[j + 1] || (next[j] && hole.takes(c))
                    }
                    (Symbol::Character(c), Symbol::Hole(hole)) => {
                        next[j] || (reachable[j + 1] && hole.takes(c))
                    }
                };
            }
            reachable = next;
        }
        reachable[right.len()]
    }

    /// Whether the texts before the first hole of both agree as far as both go, and those behind the
    /// last one: what tells most keys apart.
    fn ends_may_meet(&self, other: &Template) -> bool {
        let (left, right) = (text_of(self.parts.first()), text_of(other.parts.first()));
        let common = left.len().min(right.len());
        let starts_meet = left[..common] == right[..common];
        let (left, right) = (text_of(self.parts.last()), text_of(other.parts.last()));
        let common = left.len().min(right.len());
        starts_meet && left[left.len() - common..] == right[right.len() - common..]
    }
}

/// The bytes of a part that is known text; none of a hole.
fn text_of(part: Option<&Part>) -> &[u8] {
    match part {
        Some(Part::Text(text)) => text.as_bytes(),
        _ => &[],
    }
}

/// What two templates are compared by.
#[derive(Clone, Copy)]
enum Symbol {
    Character(char),
    Hole(Spelling),
}

fn symbols(template: &Template) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for part in &template.parts {
        match part {
            Part::Text(text) => symbols.extend(text.chars().map(Symbol::Character)),
            Part::Hole { spelling, .. } => symbols.push(Symbol::Hole(*spelling)),
            Part::Gone => symbols.push(Symbol::Hole(Spelling::Text)),
        }
    }
    symbols
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Gone => f.write_str("None")?,
                Part::Hole { label, .. } => write!(f, "{{{label}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::text(text).as_pattern()
    }

    #[test]
    fn keys_match_when_some_text_fits_both() {
        for (left, right, expected) in [
            ("flag:*", "flag:*", true),
            ("flag:*", "flag:1", true),
            ("flag:*", "flags:all", false),
            ("*:v1:Flag", "*:v2:Flag", false),
            ("*:v1:Flag", "*", true),
            ("a*b", "ab", true),
            ("a*c", "*b", false),
            ("", "", true),
            ("", "*", true),
            ("x", "", false),
            ("user:*:flags", "user:7:*", true),
        ] {
            assert_eq!(template(left).can_equal(&template(right)), expected, "{left} {right}");
            assert_eq!(template(right).can_equal(&template(left)), expected, "{right} {left}");
        }
    }

    #[test]
    fn what_fills_a_hole_takes_no_other_characters() {
        let filled = |before: &str, spelling: Spelling, after: &str| {
            let mut template = Template::text(before);
            let label = "pk".into();
            template.parts.push(Part::Hole { label, read_from: None, origin: None, spelling });
            template.push_text(after);
            template
        };
        let (number, uuid) = (Spelling::Number, Spelling::Uuid);
        for (left, right, expected) in [
            (filled("user_", number, ""), filled("user_", number, "_name"), false),
            (filled("user_", number, ""), filled("user_", Spelling::Text, "_name"), false),
            (filled("user_", Spelling::Text, ""), filled("user_", number, "_name"), true),
            (filled("user_", number, ""), filled("user_", number, "7"), true),
            (filled("user_", number, ""), Template::text("user_-12"), true),
            (filled("user_", number, ""), Template::text("user_all"), false),
            (filled("user_", number, ""), Template::text("user_feed"), false),
            (filled("user_", uuid, ""), Template::text("user_feed"), true),
            (filled("user_", uuid, ""), Template::text("user_all"), false),
            (filled("", number, ":a"), filled("b:", number, ":a"), false),
            (filled("", Spelling::Text, ":a"), filled("b:", number, ":a"), true),
        ] {
            assert_eq!(left.can_equal(&right), expected, "{left} {right}");
            assert_eq!(right.can_equal(&left), expected, "{right} {left}");
        }
    }

    /// All texts of at most `length` of the letters `a` and `b`.
    fn texts(length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last.iter().flat_map(|text| [format!("{text}a"), format!("{text}b")]).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    #[test]
    fn two_keys_match_exactly_where_a_text_fits_both() {
        fn fits(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern, text) {
                ([], text) => text.is_empty(),
                ([b'*', rest @ ..], _) => (0..=text.len()).any(|at| fits(rest, &text[at..])),
                ([first, rest @ ..], [next, others @ ..]) => first == next && fits(rest, others),
                ([_, ..], []) => false,
            }
        }
        let mut patterns = vec![String::new()];
        for _ in 0..4 {
            let longer = |text: &String| ["a", "b", "*"].map(|part| format!("{text}{part}"));
            patterns.extend(patterns.iter().flat_map(longer).collect::<Vec<_>>());
            patterns.sort();
            patterns.dedup();
        }
        // Eight letters are as many as two patterns of four can ask for.
        let texts = texts(8);
        let fitting: Vec<Vec<bool>> = patterns
            .iter()
            .map(|it| texts.iter().map(|text| fits(it.as_bytes(), text.as_bytes())).collect())
            .collect();
        for (left, of_left) in patterns.iter().zip(&fitting) {
            for (right, of_right) in patterns.iter().zip(&fitting) {
                let expected = of_left.iter().zip(of_right).any(|(one, two)| *one && *two);
                assert_eq!(template(left).can_equal(&template(right)), expected, "{left} {right}");
            }
        }
    }
}
