//! A data migration writes cached rows past all receivers, and does not drop the entry.
//!
//! ## What it reports
//! A write of a model that feeds an entry in the function of a `RunPython` operation, by the model that the migration
//! gets from `apps.get_model()`, or in the text of a `RunSQL` operation. The entry is in a cache that all processes
//! share, so it is still there when the new code starts.
//!
//! In Rust it is a write in a crate or folder called `migration` or `migrations`, where the entry is in a store
//! outside of the process, such as Redis.
//!
//! ## Why it matters
//! `apps.get_model()` returns a historical class: it has no `save()` of the model's own, and its signals name that class
//! as the sender. Receivers of the real class do not run, however complete they are. The rows are right, and the copies
//! of before are served until they run out.
//!
//! ## Example
//! ```python
//! def close_old_flags(apps, schema_editor):
//!     Flag = apps.get_model("shop", "Flag")
//!     Flag.objects.filter(year__lt=2020).update(active=False)  # flags stay cached as active
//! ```
//!
//! ## Fix
//! ```python
//! def close_old_flags(apps, schema_editor):
//!     Flag = apps.get_model("shop", "Flag")
//!     Flag.objects.filter(year__lt=2020).update(active=False)
//!     cache.delete("flags")
//! ```
//!
//! ## When it stays quiet
//! - The migration drops the entry itself, anywhere in it.
//! - A receiver of `post_migrate` drops the entry, or one that waits for writes of any class.
//! - The migration makes the table, or adds all the columns that it writes: there were no copies of these yet.
//! - None of the columns that are written reaches the cached value, its key, or the choice of rows.
//! - The entry lives in the memory of a process, which ends when the new code is deployed.
//! - The function imports the real model instead: its receivers do run.
//!
//! What undoes a migration is not looked at.

use super::cached::{entry_finding, keeper, links_finding, with_cache};
use super::dead::short;
use super::{Finding, Rule, Severity};
use crate::graph::{Gap, ModelGraph, OpenWrite};

/// CL303
pub static RULE: Rule = Rule {
    code: "CL303",
    name: "migration-bypass",
    severity: Severity::Info,
    docs: include_str!("cl303.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    let is_migration = |open: &&OpenWrite| open.gap == Gap::Migration;
    for cached in &graph.cached {
        for open in cached.open_writes.iter().filter(is_migration) {
            let message = format!(
                "migration `{}` writes rows of `{}` past all receivers, and the entry of `{}` stays",
                short(&open.site.name),
                cached.class,
                keeper(&cached.entry),
            );
            let finding =
                entry_finding(&RULE, open.site.location, &open.site.name, message, cached);
            found.push(told(with_cache(finding, &cached.entry), open));
        }
    }
    for links in &graph.links {
        for open in links.open_writes.iter().filter(is_migration) {
            let message = format!(
                "migration `{}` edits links of `{}` past all receivers, and the entry of `{}` stays",
                short(&open.site.name),
                links.relation.name,
                keeper(&links.entry),
            );
            let finding = links_finding(&RULE, &open.site, message, links);
            found.push(told(with_cache(finding, &links.entry), open));
        }
    }
}

fn told(finding: Finding, open: &OpenWrite) -> Finding {
    let mut finding = finding
        .label("no receiver of the model's class runs, and the migration does not drop the entry")
        .help("drop the entry in the migration, after this write");
    finding.write_paths = vec![open.path];
    finding
}
