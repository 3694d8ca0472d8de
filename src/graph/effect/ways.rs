//! The calls by which code comes to what it does.

use rustc_hash::FxHashSet;

use super::{Effect, EffectKind};
use crate::source::Location;

/// The calls by which code comes to what it does: the outermost first, and at last what does it.
pub type Way = Vec<Location>;

/// The ways to those of some effects that are meant, without the calls that write rows as well: by themselves,
/// or in what they lead to.
pub fn ways(effects: &[Effect], is_meant: impl Fn(&Effect) -> bool) -> Vec<Way> {
    let writes = effects.iter().filter(|it| matches!(*it.kind, EffectKind::Write(_)));
    let write_rows: FxHashSet<Location> = writes.flat_map(led_by).collect();
    let mut ways: Vec<Way> = Vec::new();
    for effect in effects.iter().filter(|effect| is_meant(effect)) {
        let way: Way = led_by(effect).filter(|call| !write_rows.contains(call)).collect();
        add_ways(&mut ways, [way]);
    }
    ways
}

/// The calls that lead to an effect, and at last what does it.
fn led_by(effect: &Effect) -> impl Iterator<Item = Location> {
    effect.calls.iter().chain([effect.site])
}

/// Adds the ways that are not known yet.
pub fn add_ways(known: &mut Vec<Way>, ways: impl IntoIterator<Item = Way>) {
    for way in ways {
        if !known.contains(&way) {
            known.push(way);
        }
    }
}
