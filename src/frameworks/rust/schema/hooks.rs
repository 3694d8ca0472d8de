//! What runs on writes: methods of traits, and functions that attributes make receivers.

use serde::Deserialize;

/// A trait whose methods run on writes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TraitHook {
    /// Its last segment.
    #[serde(rename = "trait")]
    pub name: String,
    /// Methods that run when a row is saved.
    pub save: Vec<String>,
    /// Methods that run when a row is deleted.
    pub delete: Vec<String>,
    /// What fixes write.
    #[serde(default)]
    pub code: Option<HookCode>,
}

/// The methods of a trait of hooks that fixes write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookCode {
    /// The one that runs behind a save.
    pub save: HookMethod,
    /// The one that runs behind a delete.
    pub delete: HookMethod,
}

/// A method of a trait of hooks as code. `{generics}`, `{database}`, `{model}` and `{error}` stand for what
/// the method beside it says, `{row}` and `{column}` for what is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HookMethod {
    /// Its name.
    pub name: String,
    /// Its head up to the parameters.
    pub head: String,
    /// Its parameters.
    pub params: Vec<String>,
    /// What follows them.
    pub returned: String,
    /// What the row is called in it.
    pub row: String,
    /// A column that is lent to a call; the first way is written, all of them are known.
    pub lent: Vec<String>,
    /// A column that is given away.
    pub given: Vec<String>,
    /// A column in a text.
    pub shown: String,
    /// Its last expression.
    pub returns: String,
    /// Whether no column is surely known but the primary key.
    #[serde(default)]
    pub only_key: bool,
}

/// An attribute that makes a function a receiver.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReceiverAttribute {
    /// Its last segment.
    pub attribute: String,
    /// The argument that names the types.
    pub sender: String,
    /// Arguments that stand for saves.
    pub save: Vec<String>,
    /// Arguments that stand for deletes.
    pub delete: Vec<String>,
    /// How it is spelled where no compiler is to see it.
    #[serde(default)]
    pub unseen: Option<Unseen>,
}

impl ReceiverAttribute {
    /// Whether a path is that of the attribute where no compiler is to see it.
    pub fn is_unseen(&self, path: &str) -> bool {
        self.unseen.as_ref().is_some_and(|unseen| unseen.path == path)
    }
}

/// An attribute behind a condition that never holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unseen {
    /// The condition.
    pub condition: String,
    /// The path of the attribute.
    pub path: String,
}
