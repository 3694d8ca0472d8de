//! The configuration of a program: where it is declared, what it may say, what follows from it.
//!
//! Each later stage gets the options it needs from here and does not read the configuration itself.

mod declaration;
mod load;
mod pointed;
mod reader;
mod selection;
mod selector;

pub use declaration::{Declaration, discover, open};
pub use load::{Config, PerFileIgnore, load};
pub use pointed::PointedError;
pub use selection::{Layer, Selection};
pub use selector::{Selector, UnknownCode, nearest, nearest_rule};

use crate::rules::Confidence;

/// The names of the levels of confidence, lowest first.
pub const CONFIDENCES: [(&str, Confidence); 3] =
    [("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];

/// The level of confidence of that name.
pub fn confidence(name: &str) -> Option<Confidence> {
    CONFIDENCES.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
}
