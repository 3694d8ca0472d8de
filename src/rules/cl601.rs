//! Rows are held by each process for itself, where no other process can drop them.
//!
//! ## What it reports
//! A memoised function (`functools.lru_cache` and its kin) that returns rows, or values computed from rows. Likewise a
//! variable that functions look into and fill with rows where there is nothing: a dict of a module or a class, or a name
//! that `global` binds anew.
//!
//! In Rust a static, a cache in memory and a memoised function are of one process. They are reported where another
//! program of the workspace writes the rows.
//!
//! ## Why it matters
//! Each worker keeps its own copy. A `cache_clear()` or `pop()` in a receiver runs in the worker that saved the row; the
//! others go on with the old one until they restart.
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
//! - Something takes out what a variable holds that has nothing to do with writes of rows, such as the end of a request,
//!   or a function that uses the variable looks at the clock.
//! - In Rust: one program alone reads and writes the rows, the entry has a timeout, or a message from outside drops it.
//! - The variable, or the memoised function, is in the module of a command, which ends with its process.
//! - The memoised function is defined in another one that only calls it, or is a method of a view, a form or a serializer,
//!   of which each request makes its own, or of an object that never leaves the function which makes it.
//! - The memoised function is given a version of what it reads, `last_updated`, or forgets after a time.

use super::dead::short;
use super::{Finding, Rule, Severity};
use crate::graph::{LocalCopy, ModelGraph};

/// CL601
pub static RULE: Rule = Rule {
    code: "CL601",
    name: "process-local-cache",
    severity: Severity::Warning,
    docs: include_str!("cl601.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for LocalCopy { entry, written } in &graph.process_local {
        let held_by = entry.variable.as_ref().unwrap_or(&entry.holder);
        let holder = short(&held_by.name);
        let message = match written {
            Some(write) => format!(
                "`{holder}` holds rows in its process, and `{}` of another program writes them",
                short(&write.name)
            ),
            None => format!("`{holder}` holds rows in each process for itself"),
        };
        let mut finding = Finding::new(&RULE, held_by.location, &held_by.name, message)
            .label(match written {
                Some(_) => "nothing that the other program does drops this copy",
                None => "other workers keep their stale copy",
            })
            .help("keep the rows in a cache that all workers share");
        finding.entry = Some(entry.label.clone());
        if let Some(write) = written {
            finding = finding.step(write.location, "another program writes the rows here");
        }
        if entry.variable.is_some() {
            for stored in &entry.stored {
                finding = finding.step(stored.location, "rows are put into it here");
            }
        }
        found.push(finding);
    }
}
