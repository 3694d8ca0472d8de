//! Cached rows are written while the receivers that drop the entry are disconnected or muted.
//!
//! ## What it reports
//! A write that sends signals on a model that feeds an entry, in a function that keeps the hook which would drop it from
//! running: it disconnects the receiver, empties the `receivers` of the signal, runs in a context or under a decorator
//! that mutes signals (or what a library does on them, as `no_invalidation` of django-cacheops), or marks the row with an
//! attribute that the hook asks for. Nothing drops the entry behind it.
//!
//! ## Why it matters
//! Receivers are muted to make an import faster or to end a loop of saves, with all that they do in mind but the cache.
//!
//! ## Example
//! ```python
//! def import_flags(names):
//!     post_save.disconnect(flag_saved, sender=Flag)  # sends mails, and drops the entry
//!     for name in names:
//!         Flag.objects.create(name=name)
//!     post_save.connect(flag_saved, sender=Flag)
//! ```
//!
//! ## Fix
//! ```python
//! def import_flags(names):
//!     post_save.disconnect(flag_saved, sender=Flag)
//!     for name in names:
//!         Flag.objects.create(name=name)
//!     post_save.connect(flag_saved, sender=Flag)
//!     transaction.on_commit(lambda: cache.delete("flags"))
//! ```
//!
//! ## When it stays quiet
//! - The entry is dropped behind the write: in the function, in a helper it calls, or behind every call of it.
//! - The receiver that is muted is not the one that drops the entry, or another one drops it, too.
//! - The call of `disconnect()` names another sender or `dispatch_uid` than the connection has: it does nothing.
//! - None of the columns that are written reaches the cached value.
//! - In Rust: nothing takes a hook away while a program runs. CL301 tells of the writes that go past hooks.
//!
//! A flag that is no attribute of the row, such as one of a thread or a setting, is not followed.

use super::cached::{entry_finding, keeper, links_finding, with_cache};
use super::dead::short;
use super::{Finding, Rule, Severity};
use crate::graph::{Gap, ModelGraph, OpenWrite};

/// CL304
pub static RULE: Rule = Rule {
    code: "CL304",
    name: "signals-muted",
    severity: Severity::Warning,
    docs: include_str!("cl304.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for cached in &graph.cached {
        for open in &cached.open_writes {
            let message = format!(
                "`{}` writes rows of `{}` while receivers are muted, and the entry of `{}` stays",
                short(&open.site.name),
                cached.class,
                keeper(&cached.entry),
            );
            let finding =
                entry_finding(&RULE, open.site.location, &open.site.name, message, cached);
            found.extend(told(finding, open).map(|finding| with_cache(finding, &cached.entry)));
        }
    }
    for links in &graph.links {
        for open in &links.open_writes {
            let message = format!(
                "`{}` edits links of `{}` while receivers are muted, and the entry of `{}` stays",
                short(&open.site.name),
                links.relation.name,
                keeper(&links.entry),
            );
            let finding = links_finding(&RULE, &open.site, message, links);
            found.extend(told(finding, open).map(|finding| with_cache(finding, &links.entry)));
        }
    }
}

/// The finding with what it says of a write, where that is a muted one.
fn told(finding: Finding, open: &OpenWrite) -> Option<Finding> {
    let Gap::Muted(at) = open.gap else { return None };
    let mut finding = finding
        .label("the hook that drops the entry does not run, and nothing drops it after this")
        .help("drop the entry after this write");
    if at != open.site.location {
        finding = finding.step(at, "receivers are muted here");
    }
    finding.confidence = finding.confidence.min(open.certainty);
    finding.write_paths = vec![open.path];
    Some(finding)
}
