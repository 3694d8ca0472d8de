//! Names by patterns in which `*` stands for any run of characters, all of a set matched at once.

use regex::bytes::{Regex, RegexBuilder};

/// A set of patterns for identifiers.
#[derive(Debug, Default)]
pub struct NamePatterns {
    /// One expression for all of them; `None` where there are none.
    any: Option<Regex>,
}

impl NamePatterns {
    /// Reads the patterns; where `any_case`, `A` stands for `a` as well.
    pub fn new<'a>(patterns: impl Iterator<Item = &'a str>, any_case: bool) -> NamePatterns {
        let translate = |pattern: &str| {
            let pieces: Vec<String> = pattern.split('*').map(regex::escape).collect();
            pieces.join(".*")
        };
        let all: Vec<String> = patterns.map(translate).collect();
        if all.is_empty() {
            return NamePatterns::default();
        }
        let mut builder = RegexBuilder::new(&format!("^(?:{})$", all.join("|")));
        let builder = builder.unicode(false).case_insensitive(any_case).dot_matches_new_line(true);
        // Escaped text with `.*` between is an expression, and none is too large to be built.
        NamePatterns { any: builder.build().ok() }
    }

    /// Whether one of the patterns is a name's.
    pub fn match_name(&self, name: &str) -> bool {
        self.any.as_ref().is_some_and(|any| any.is_match(name.as_bytes()))
    }
}
