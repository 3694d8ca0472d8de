//! A suppression comment suppresses nothing.
//!
//! ## What it reports
//! A `# cache-lint: ignore[...]` or `file-ignore[...]` comment (`//` in Rust), or one of its codes, that
//! hides no finding; a code that no rule has; a comment that begins with `cache-lint:` and is neither form.
//!
//! ## Why it matters
//! The hole it once excused is gone, or it never hid anything: because of a slip in the code, or
//! because it stands at the wrong line. Left there, it hides the next finding that nobody has
//! looked at yet.
//!
//! ## Example
//! ```python
//! # cache-lint: ignore[CL101] -- the nightly job rebuilds it
//! class Flag(models.Model):  # has had its receivers since spring
//!     objects = CacheManager()
//! ```
//!
//! ## Fix
//! Remove the comment, or the code from its brackets. If it should hide a finding, put it at the end
//! of the line that the finding names, or alone on the line above.
//!
//! ## When it stays quiet
//! Codes of rules that did not run (not selected, or ignored for this file) are not judged. A
//! finding that only `--min-confidence` keeps out of the report counts as hidden.

use super::{Confidence, Finding, Remedy, Rule, Severity};
use crate::source::Location;

/// The code of this rule, which the comments themselves may name.
pub const CL901: &str = "CL901";

/// CL901, which is known only when all other findings are.
pub static RULE: Rule = Rule {
    code: CL901,
    name: "unused-suppression",
    severity: Severity::Warning,
    docs: include_str!("cl901.rs"),
    check: None,
};

/// The finding for a comment, or the part of one, that suppresses nothing.
///
/// `subject` says which comment is meant without its line: its codes, or its text.
pub fn unused_suppression(
    location: Location,
    message: String,
    help: String,
    subject: String,
    remedy: Option<Remedy>,
) -> Finding {
    Finding {
        rule: &RULE,
        confidence: Confidence::High,
        message,
        label: String::new(),
        help: Some(help),
        location,
        model: None,
        relation: None,
        entry: None,
        write_paths: Vec::new(),
        evidence: Vec::new(),
        subject,
        remedies: remedy.into_iter().collect(),
        stub: None,
    }
}
