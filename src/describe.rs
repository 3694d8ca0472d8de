//! The commands that speak of rules, not of a project: `explain` and `rule`.

use crate::Status;
use crate::cli::{RuleFormat, When};
use crate::config;
use crate::failure::Failure;
use crate::output::Output;
use crate::report::rule::{write_docs, write_list, write_list_json, write_one_json};
use crate::rules::{self, Rule};

/// Shows the rule of that code or name, or all of them.
///
/// # Errors
/// Where there is no such rule.
pub fn describe(rule: Option<&str>, format: RuleFormat, color: When) -> Result<Status, Failure> {
    let rule = rule.map(named).transpose()?;
    Output::stdout(color).write(|out| match (rule, format) {
        (Some(rule), RuleFormat::Text) => write_docs(rule, out),
        (Some(rule), RuleFormat::Json) => write_one_json(rule, out),
        (None, RuleFormat::Text) => write_list(rules::all(), out),
        (None, RuleFormat::Json) => write_list_json(rules::all(), out),
    })?;
    Ok(Status::Clean)
}

/// The rule of a code, in any case, or of a name.
fn named(written: &str) -> Result<&'static Rule, Failure> {
    let found = rules::all()
        .iter()
        .find(|rule| rule.code.eq_ignore_ascii_case(written) || rule.name == written);
    found.copied().ok_or_else(|| Failure::Said {
        message: format!("no rule is called `{written}`"),
        help: Some(match config::nearest_rule(written) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`cache-lint rule --all` lists the rules".to_owned(),
        }),
    })
}
