//! The calls by which code comes to what it does.

use super::{Effect, EffectKind};
use crate::source::Location;

/// The calls by which code comes to what it does: the outermost first, and at last what does it.
pub type Way = Vec<Location>;

/// The ways to those of some effects that are meant, without the calls that write rows as well: by themselves,
/// or in what they lead to.
pub fn ways(effects: &[Effect], is_meant: impl Fn(&Effect) -> bool) -> Vec<Way> {
    let writes = || effects.iter().filter(|it| matches!(it.kind, EffectKind::Write(_)));
    let mut ways: Vec<Way> = Vec::new();
    for effect in effects.iter().filter(|effect| is_meant(effect)) {
        let calls = effect.calls.iter().chain([&effect.site]).copied();
        let writes_rows = |call: &Location| {
            writes().any(|write| write.site == *call || write.calls.contains(call))
        };
        let way: Way = calls.filter(|call| !writes_rows(call)).collect();
        add_ways(&mut ways, [way]);
    }
    ways
}

/// Adds the ways that are not known yet.
pub fn add_ways(known: &mut Vec<Way>, ways: impl IntoIterator<Item = Way>) {
    for way in ways {
        if !known.contains(&way) {
            known.push(way);
        }
    }
}
