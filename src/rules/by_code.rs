//! A rule in a document is its code.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Rule;

/// Writes the code.
///
/// # Errors
/// Those of `serializer`.
pub fn serialize<S: Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    rule.code.serialize(serializer)
}

/// Finds the rule of a code.
///
/// # Errors
/// Those of `deserializer`, and where no rule has the code.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Rule, D::Error> {
    let code = String::deserialize(deserializer)?;
    let rule = super::all().iter().copied().find(|rule| rule.code == code);
    rule.ok_or_else(|| D::Error::custom(format!("no rule is called {code}")))
}
