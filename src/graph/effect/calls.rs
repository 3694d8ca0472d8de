//! The calls that lead to an effect.

use std::iter;
use std::sync::Arc;

use crate::source::Location;

/// Calls, the outermost first. What a function does is done in each of its callers as well: these share the
/// calls from the function on.
#[derive(Debug, Clone, Default)]
pub struct Calls(Option<Arc<(Location, Calls)>>);

impl Calls {
    /// These calls, and outer ones before them.
    #[must_use]
    pub fn within(&self, outer: &[Location]) -> Calls {
        let outer = outer.iter().rev();
        outer.fold(self.clone(), |calls, call| Calls(Some(Arc::new((*call, calls)))))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Location> {
        iter::successors(self.0.as_deref(), |(_, calls)| calls.0.as_deref()).map(|(call, _)| *call)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The one behind the outermost one.
    pub fn second(&self) -> Option<Location> {
        self.iter().nth(1)
    }

    /// Whether a call is among them.
    pub fn contains(&self, call: Location) -> bool {
        self.iter().any(|known| known == call)
    }
}
