//! The receiver that would drop the cache entry is never connected.
//!
//! ## What it reports
//! A receiver that reaches an invalidation, in a module that nothing imports at start-up; in the
//! `ready()` of an app configuration that Django does not use; or connected by a function that
//! nothing calls. In Rust a function of a program that nothing calls: a loop that receives what writers send, or
//! a receiver by an attribute that no compiler sees; and hooks in a file that no `mod` names.
//!
//! ## Why it matters
//! `@receiver` runs when its module is imported. A `signals.py` that nobody imports looks right in
//! review and does nothing. It often works in tests, which import the module themselves.
//!
//! ## Example
//! ```python
//! # shop/signals.py, imported by nothing
//! @receiver([post_save, post_delete], sender=Flag)
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! ```python
//! # shop/apps.py
//! class ShopConfig(AppConfig):
//!     name = "shop"
//!
//!     def ready(self):
//!         from . import signals
//! ```
//!
//! ## When it stays quiet
//! - Another receiver that does run covers the same write.
//! - The module is imported at start-up, however indirectly: by `models`, `admin`, `urls`, `apps`, a
//!   module that settings name, or `ready()`.
//! - In Rust: the function is one of a library, an attribute or a trait makes something of it, or its name, or that of
//!   the file, stands anywhere else.

use super::dead::{hook_finding, receiver, short};
use super::{Finding, Remedy, Rule, Severity};
use crate::graph::{DeadReason, ModelGraph};

/// CL103
pub static RULE: Rule = Rule {
    code: "CL103",
    name: "unregistered-receiver",
    severity: Severity::Error,
    docs: include_str!("cl103.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for dead in &graph.dead_hooks {
        let who = receiver(dead);
        let finding = match &dead.reason {
            DeadReason::NotImported { later } => {
                let when = if *later { "only when some function runs" } else { "by nothing" };
                let message = format!("{who} is never connected: its module is imported {when}");
                hook_finding(&RULE, dead, message)
                    .label("not connected at start-up")
                    .remedy(Remedy::ImportAtStart { receiver: dead.hook.location })
                    .help("import the module in the `ready()` method of the app's configuration")
            }
            DeadReason::NeverConnected(function) => {
                let name = short(&function.name);
                let message = format!("{who} is never connected: nothing calls `{name}`");
                hook_finding(&RULE, dead, message)
                    .label("never connected")
                    .help(format!(
                        "call `{name}` in the `ready()` method of the app's configuration"
                    ))
                    .step(function.location, "nothing calls this function")
            }
            DeadReason::UnusedConfig(config) => {
                let name = short(&config.name);
                let message = format!(
                    "{who} is never connected: Django does not use the configuration `{name}`"
                );
                hook_finding(&RULE, dead, message)
                    .label("never connected")
                    .help(format!(
                        "name `{}` in the installed apps, or make it the default",
                        config.name
                    ))
                    .step(config.location, "this configuration is not in use")
            }
            DeadReason::NeverStarted => {
                let message = format!("{who} never runs: nothing calls it");
                hook_finding(&RULE, dead, message)
                    .label("nothing calls this")
                    .help("call it, or spawn it, where the program starts")
            }
            DeadReason::NotAModule => {
                let message = format!("{who} is no part of the program: no `mod` names its file");
                hook_finding(&RULE, dead, message)
                    .label("not compiled")
                    .help("declare the file with `mod` in the module above it")
            }
            _ => continue,
        };
        found.push(finding);
    }
}
