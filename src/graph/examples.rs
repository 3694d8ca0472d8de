//! Code of a Rust program that drops an entry, as an example for code that is to do the same.
//!
//! There are no signals to connect to: what a fix writes is what the program does elsewhere, in the words
//! that it has for it.

use std::collections::BTreeMap;

use crate::rules::RowEvent;
use crate::source::{FileId, Location};

/// How a program drops an entry of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examples {
    /// The block that hook methods of the model stand in.
    pub block: Option<HookBlock>,
    /// Hook methods, and receivers, that drop the entry.
    pub hooks: Vec<Example>,
    /// Code that writes rows of the model and then drops the entry.
    pub writers: Vec<Example>,
    /// Writes that save its rows and drop nothing, where nothing does on any save.
    pub open_saves: Vec<Location>,
    /// The same of those that delete them.
    pub open_deletes: Vec<Location>,
    /// The manager that keeps its rows, where the program can ask it to forget one.
    pub manager: Option<Manager>,
}

/// A block of methods that run on writes of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HookBlock {
    /// The last segment of the type that it is for.
    pub location: Location,
    /// The last segment of the trait.
    pub of_trait: String,
    /// The struct of the rows, by its name.
    pub row: Location,
    /// The primary key of the rows.
    pub key: String,
}

/// Code that drops an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Example {
    /// The function, by its name.
    pub function: Location,
    /// The write that it does before; hooks have none.
    pub write: Option<Location>,
    /// The call in the function that drops.
    pub drop: Location,
    /// The writes that it drops for by a message, which may tell others of just these.
    pub tells_of: Option<RowEvent>,
    /// What the paths in that call stand for: as they are spelled, and from the name of the crate on.
    pub paths: Vec<(String, String)>,
}

/// A manager that keeps rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Manager {
    /// What holds it.
    pub held: Held,
    /// The struct of the rows, by its name.
    pub row: Location,
    /// Its methods that drop the entry of a row, by their names.
    pub forgets: Vec<Location>,
    /// A receiver of other rows, as an example of how the program spells one.
    pub receiver: Option<Location>,
}

/// What holds a manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Held {
    /// A static, by its name.
    Static(Location),
    /// A field of the rows, by its name.
    Field(Location),
}

/// The modules of the crates of a run.
pub type ModulePaths = BTreeMap<FileId, String>;
