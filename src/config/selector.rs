//! What may stand where rules are selected: `CL101`, `CL1`, `missing-invalidation`, `ALL`.

use std::fmt;
use std::str::FromStr;

use crate::rules::{self, Rule};

/// A way to name one or more rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every rule, the informational ones too.
    All,
    /// Every rule whose code starts so; a full code is the longest of these.
    Prefix(String),
}

impl Selector {
    /// Whether it names this rule.
    pub fn matches(&self, rule: &Rule) -> bool {
        match self {
            Selector::All => true,
            Selector::Prefix(prefix) => rule.code.starts_with(prefix.as_str()),
        }
    }

    /// How closely it names its rules; the closer of two contrary ones wins.
    pub fn specificity(&self) -> usize {
        match self {
            Selector::All => 0,
            Selector::Prefix(prefix) => prefix.len(),
        }
    }
}

impl FromStr for Selector {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        if text == "ALL" {
            return Ok(Selector::All);
        }
        let is_prefix =
            text.len() > 2 && rules::all().iter().any(|rule| rule.code.starts_with(text));
        if is_prefix || text == "CL" {
            return Ok(Selector::Prefix(text.to_owned()));
        }
        match rules::all().iter().find(|rule| rule.name == text) {
            Some(rule) => Ok(Selector::Prefix(rule.code.to_owned())),
            None => Err(UnknownCode::of(text)),
        }
    }
}

/// A code or name that no rule has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    /// What stands there.
    pub written: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl UnknownCode {
    /// The error for what stands there, with the nearest that is known.
    pub fn of(written: &str) -> UnknownCode {
        UnknownCode { written: written.to_owned(), suggestion: nearest_selector(written) }
    }
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no rule is called `{}`", self.written)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => write!(f, "; `cache-lint rule --all` lists them"),
        }
    }
}

impl std::error::Error for UnknownCode {}

/// What may select rules and is spelled most like `text`.
fn nearest_selector(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if upper != text && Selector::from_str(&upper).is_ok() {
        return Some(upper);
    }
    nearest_rule(text).map(str::to_owned)
}

/// The code or name of a rule that is spelled most like `text`.
pub fn nearest_rule(text: &str) -> Option<&'static str> {
    nearest(text, rules::all().iter().flat_map(|rule| [rule.name, rule.code]))
}

/// The one of `known` that is spelled most like `text`, if any is near enough to have been meant.
pub fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(text, word), word))
        .filter(|(likeness, _)| *likeness > 0.8)
        // The first of equals, so that the answer does not depend on the order of a later list.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, word)| word)
}
