//! Stand-in.
use crate::config::PointedError;
use std::path::PathBuf;
/// Frameworks.
pub struct Frameworks;
impl Frameworks {
    /// Loads.
    pub fn load(extra: &[(PathBuf, String)]) -> Result<Frameworks, PointedError> {
        let _ = extra;
        Ok(Frameworks)
    }
}
