//! What the rules about hooks that never run share.

use super::{Finding, Rule};
use crate::graph::DeadHook;

/// A finding at a hook that would invalidate but does not run.
pub fn hook_finding(rule: &'static Rule, dead: &DeadHook, message: String) -> Finding {
    let mut finding = Finding::new(rule, dead.hook.location, &dead.hook.name, message);
    finding.confidence = dead.confidence;
    finding.model = dead.models.first().map(|model| model.name.clone());
    finding.entry = dead.entry.clone();
    finding.write_paths = dead.write_paths.clone();
    for model in &dead.models {
        finding = finding.step(
            model.location,
            format!("writes of `{}` leave the entry stale", short(&model.name)),
        );
    }
    for connected in dead.connections.iter().filter(|it| it.location != dead.hook.location) {
        let to = quoted(&connected.signals);
        finding = finding.step(connected.location, format!("connected to {to} here"));
    }
    finding.step(dead.drop, "this would drop the entry")
}

/// The signals of a hook, as words.
pub fn signals(dead: &DeadHook) -> String {
    let mut all: Vec<String> = Vec::new();
    for signal in dead.connections.iter().flat_map(|connected| &connected.signals) {
        if !all.contains(signal) {
            all.push(signal.clone());
        }
    }
    quoted(&all)
}

fn quoted(signals: &[String]) -> String {
    let quoted: Vec<String> = signals.iter().map(|signal| format!("`{signal}`")).collect();
    quoted.join(" and ")
}

/// The last segment of a qualified name.
pub fn short(name: &str) -> &str {
    let mut paths = name.rmatch_indices("::").map(|(at, sign)| (at, at + sign.len()));
    match (paths.next(), paths.next()) {
        // In Rust the last name alone says too little: all rows of an ORM are a `Model`.
        (Some(_), Some((_, start))) => &name[start..],
        (Some((_, start)), None) => &name[start..],
        (None, _) => name.rsplit('.').next().unwrap_or(name),
    }
}

/// What a receiver is called in a message: its name, or that it is a lambda.
pub fn receiver(dead: &DeadHook) -> String {
    match short(&dead.hook.name) {
        "<lambda>" => "this lambda".to_owned(),
        name => format!("receiver `{name}`"),
    }
}
