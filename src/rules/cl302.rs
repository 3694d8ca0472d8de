//! An SQL text writes the table of cached rows, and nothing drops the entry after it.
//!
//! ## What it reports
//! A statement that inserts, updates or deletes rows in the table of a model that feeds an entry, where neither the
//! function nor each of its callers drops the entry behind it.
//!
//! ## Why it matters
//! SQL goes past the ORM as a whole: no signals, no overrides.
//!
//! ## Example
//! ```python
//! def expire():
//!     with connection.cursor() as cursor:
//!         cursor.execute("UPDATE shop_flag SET active = 0 WHERE until < now()")
//! ```
//!
//! ## Fix
//! Drop the entries after the statement, or use the ORM and its signals.
//!
//! ## When it stays quiet
//! - The entry is dropped after the statement.
//! - None of the columns that it sets reaches the cached value.
//! - The table's name cannot be told from the text.

use super::cached::{drop_behind, entry_finding, keeper, with_cache};
use super::dead::short;
use super::{Finding, Rule, Severity};
use crate::graph::{Gap, ModelGraph};

/// CL302
pub static RULE: Rule = Rule {
    code: "CL302",
    name: "raw-sql-bypass",
    severity: Severity::Warning,
    docs: include_str!("cl302.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        for open in cached.open_writes.iter().filter(|open| open.gap == Gap::Sql) {
            let message = format!(
                "SQL in `{}` writes rows of `{}`, and the entry of `{}` stays",
                short(&open.site.name),
                cached.class,
                keeper(&cached.entry),
            );
            let mut finding =
                entry_finding(&RULE, open.site.location, &open.site.name, message, cached)
                    .label("goes past the ORM, and nothing drops the entry after it")
                    .help("drop the entry after this statement");
            finding.write_paths = vec![open.path];
            finding = finding.remedy(drop_behind(cached, open));
            found.push(with_cache(finding, &cached.entry));
        }
    }
}
