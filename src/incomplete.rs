//! What a run could not look at because of bugs of its own.

use crate::failure::Failure;
use crate::rules::Rule;
use crate::source::{FileId, Language, Sources};

/// What a run could not look at because of bugs of its own; what it says is right only as far as that goes.
#[derive(Debug, Default)]
pub struct Incomplete {
    /// The files that something panicked over, sorted.
    pub files: Vec<FileId>,
    /// The languages of which nothing was looked at as a whole.
    pub languages: Vec<Language>,
    /// The rules that panicked.
    pub rules: Vec<&'static Rule>,
}

impl Incomplete {
    /// Whether everything was looked at.
    pub fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.languages.is_empty() && self.rules.is_empty()
    }

    /// # Errors
    /// Where there is something to tell: the names of what was not looked at.
    pub fn told(&self, sources: &Sources) -> Result<(), Failure> {
        if self.is_nothing() {
            return Ok(());
        }
        let files: Vec<&str> =
            self.files.iter().map(|file| sources.file(*file).name.as_str()).collect();
        let codes: Vec<&str> = self.rules.iter().map(|rule| rule.code).collect();
        let quoted = files.iter().map(|name| format!("`{name}`"));
        let languages =
            self.languages.iter().map(|language| format!("all {} files", language.name()));
        let rules = codes.iter().map(|code| format!("the rule {code}"));
        let names: Vec<String> = quoted.chain(languages).chain(rules).collect();
        let mut ways = Vec::new();
        if !files.is_empty() {
            ways.push("`exclude` in the configuration leaves files out".to_owned());
        }
        if !codes.is_empty() {
            ways.push(format!("`--ignore {}` leaves rules out", codes.join(",")));
        }
        let verb = if names.len() == 1 { "was" } else { "were" };
        Err(Failure::Said {
            message: format!(
                "the report is not complete: {} {verb} given up because of an internal error",
                names.join(", ")
            ),
            help: (!ways.is_empty()).then(|| ways.join(", ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_up_is_told_by_name() {
        let nothing = Incomplete::default();
        assert!(nothing.told(&Sources::default()).is_ok());
        let rules = crate::rules::all()[..2].to_vec();
        let incomplete = Incomplete { rules, languages: vec![Language::Rust], ..nothing };
        let Err(Failure::Said { message, help }) = incomplete.told(&Sources::default()) else {
            panic!("there is something to tell")
        };
        assert_eq!(
            message,
            "the report is not complete: all Rust files, the rule CL101, the rule CL102 were given up because of an internal error"
        );
        assert_eq!(help.as_deref(), Some("`--ignore CL101,CL102` leaves rules out"));
    }
}
