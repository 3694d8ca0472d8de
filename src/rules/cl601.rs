//! Rows are held by each process for itself, where no other process can drop them.
//!
//! ## What it reports
//! A memoised function (`functools.lru_cache` and its kin) that returns rows, or values computed from rows.
//!
//! ## Why it matters
//! Each worker keeps its own copy. A `cache_clear()` in a receiver runs in the worker that saved the row; the others go
//! on with the old one until they restart.
//!
//! ## Example
//! ```python
//! @lru_cache
//! def settings_for(site_id):
//!     return SiteSettings.objects.get(site_id=site_id)
//! ```
//!
//! ## Fix
//! Keep the rows in a cache that all workers share, or give the copy a short life.
//!
//! ## When it stays quiet
//! - The function touches no rows.
//! - Only primary keys are held, to be looked up again.

use super::cached::keeper;
use super::{Finding, Rule, Severity};
use crate::graph::ModelGraph;

/// CL601
pub static RULE: Rule = Rule {
    code: "CL601",
    name: "process-local-cache",
    severity: Severity::Warning,
    docs: include_str!("cl601.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for entry in &graph.process_local {
        let message = format!("`{}` holds rows in each process for itself", keeper(entry));
        let mut finding = Finding::new(&RULE, entry.holder.location, &entry.holder.name, message)
            .label("other workers keep their stale copy")
            .help("keep the rows in a cache that all workers share");
        finding.entry = Some(entry.label.clone());
        found.push(finding);
    }
}
