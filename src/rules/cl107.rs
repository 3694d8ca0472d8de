//! The receiver that would drop the cache entry waits for a sender that is never sent.
//!
//! ## What it reports
//! A receiver that reaches an invalidation, connected with a sender that its signal does not send:
//! an abstract base; the parent of a multi-table child, while the child is written; a model, while
//! its rows are written through a proxy (or the other way round); a model where `m2m_changed` sends
//! the through class; a string on a plain `Signal`, which does not resolve it.
//!
//! ## Why it matters
//! Senders are compared by identity, not by inheritance. Nothing is raised when none fits.
//!
//! ## Example
//! ```python
//! class AbstractFlag(models.Model):
//!     class Meta:
//!         abstract = True
//!
//! class Flag(AbstractFlag):
//!     objects = CacheManager()
//!
//! @receiver([post_save, post_delete], sender=AbstractFlag)  # never sent
//! def drop_flag(sender, instance, **kwargs):
//!     cache.delete(f"flag:{instance.pk}")
//! ```
//!
//! ## Fix
//! Connect the receiver for each class that is really sent, or without a sender and with
//! `issubclass(sender, AbstractFlag)` in its body; for a many-to-many field, `sender=Flag.tags.through`.
//!
//! ## When it stays quiet
//! - Another receiver that does run covers the same write.
//! - Nothing in the project writes through the proxy.
//! - A multi-table child's delete: the parent's delete signal is sent, too.
//! - In Rust: a receiver names its sender as a type, so the rule has no meaning there.

use super::dead::{hook_finding, receiver, short, signals};
use super::{EarlyDrops, Finding, Remedy, Rule, Sender, Severity};
use crate::graph::{DeadHook, DeadReason, ModelGraph};

/// CL107
pub static RULE: Rule = Rule {
    code: "CL107",
    name: "sender-never-fires",
    severity: Severity::Error,
    docs: include_str!("cl107.rs"),
    check: Some(check),
};

fn check(graph: &ModelGraph, found: &mut Vec<Finding>) {
    for dead in &graph.dead_hooks {
        let Some((why, help)) = explain(dead) else { continue };
        let message = format!("{} never runs for these writes: {why}", receiver(dead));
        let finding =
            hook_finding(&RULE, dead, message).label("this sender is not sent").help(help);
        found.push(remedies(graph, dead).into_iter().fold(finding, Finding::remedy));
    }
}

/// The senders that are sent, for each connection.
fn remedies(graph: &ModelGraph, dead: &DeadHook) -> Vec<Remedy> {
    let Some((senders, instead)) = senders(graph, dead) else { return Vec::new() };
    let early = EarlyDrops::of(dead);
    let connected = dead.connections.iter().map(|connected| connected.location);
    let add = |connected_at| {
        let (senders, early) = (senders.clone(), early.clone());
        Remedy::AddSenders { connected_at, senders, instead, early }
    };
    connected.map(add).collect()
}

/// The senders that are sent, and whether they take the place of the one that is given.
fn senders(graph: &ModelGraph, dead: &DeadHook) -> Option<(Vec<Sender>, bool)> {
    Some(match &dead.reason {
        DeadReason::AbstractSender(_) => (models(dead), true),
        DeadReason::ParentSender(_)
        | DeadReason::ProxySender(_)
        | DeadReason::ConcreteSender(_) => (models(dead), false),
        DeadReason::ModelForThrough(sender) => {
            let of_model = graph.links.iter().filter(|it| it.model.location == sender.location);
            let mut fields: Vec<&str> = of_model.map(|links| short(&links.relation.name)).collect();
            fields.dedup();
            let [field] = fields.as_slice() else { return None };
            (vec![Sender::Through((*field).to_owned())], true)
        }
        _ => return None,
    })
}

fn models(dead: &DeadHook) -> Vec<Sender> {
    dead.models.iter().cloned().map(Sender::Model).collect()
}

/// Why the sender does not fit, and what would.
fn explain(dead: &DeadHook) -> Option<(String, String)> {
    let signal = signals(dead);
    let model = dead.models.first().map_or("", |model| short(&model.name));
    Some(match &dead.reason {
        DeadReason::AbstractSender(sender) => (
            format!("`{}` is abstract, and abstract models send no signals", short(&sender.name)),
            format!("connect it for `{model}` and every other concrete subclass"),
        ),
        DeadReason::ParentSender(sender) => (
            format!(
                "saving a `{model}` sends {signal} for `{model}`, not for its parent `{}`",
                short(&sender.name)
            ),
            format!("connect it for `{model}`, too"),
        ),
        DeadReason::ProxySender(sender) => (
            format!(
                "`{}` is a proxy, and rows written through `{model}` send `{model}`",
                short(&sender.name)
            ),
            format!("connect it for `{model}`, too"),
        ),
        DeadReason::ConcreteSender(sender) => (
            format!(
                "rows written through the proxy `{model}` send `{model}`, not `{}`",
                short(&sender.name)
            ),
            format!("connect it for `{model}`, too"),
        ),
        DeadReason::ModelForThrough(sender) => (
            format!(
                "{signal} is sent by the through class of the field, not by `{}`",
                short(&sender.name)
            ),
            "use the field's `through` for the sender".to_owned(),
        ),
        DeadReason::LabelOnPlainSignal(label) => (
            format!("{signal} does not resolve the string `{label}` to a model"),
            "give the model class itself for the sender".to_owned(),
        ),
        _ => return None,
    })
}
