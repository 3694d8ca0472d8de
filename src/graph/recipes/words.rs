//! The words in which others are told how an entry can be dropped.

use crate::source::Location;

/// How code that has a row of a model at hand drops an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Recipe {
    /// The model of the row.
    pub written: Row,
    /// Other classes by which rows of its table are written.
    pub heirs: Vec<Heir>,
    /// The row whose columns the calls are given, where they are given any.
    pub anchor: Option<Anchor>,
    /// The calls to choose from, the best first; none where nothing is known to drop it.
    pub calls: Vec<DropCall>,
}

impl Recipe {
    /// The row whose columns a call is given, where it is given any.
    pub fn anchor_of(&self, call: &DropCall) -> Option<&Anchor> {
        self.anchor.as_ref().filter(|_| !call.is_of_all_rows())
    }
}

/// The same for links of a many-to-many field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinksRecipe {
    /// For a row of one end of the links.
    pub recipe: Recipe,
    /// The model that declares the field.
    pub owner: Row,
    /// That end.
    pub end: Row,
    /// Whether it is the end that declares the field.
    pub is_owner: bool,
    /// What a query of its rows calls the other end.
    pub lookup: String,
}

/// Another class by which rows of a table are written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Heir {
    /// The class.
    pub row: Row,
    /// Whether deleting one sends the signals of the class it inherits from as well.
    pub tells_of_deletes: bool,
}

/// A model, as code can name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Row {
    /// The class.
    pub class: Importable,
    /// Its label in the framework, such as `shop.Flag`.
    pub label: String,
    /// The manager that knows all of its rows.
    pub manager: String,
}

/// Something at the top of a module, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Importable {
    /// Where it is defined, where that is in the program.
    pub location: Option<Location>,
    /// The dotted name of the module.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// What follows the name: attributes and items.
    pub rest: String,
}

/// The row whose columns tell which key is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Anchor {
    /// Its model.
    pub row: Row,
    /// How to get there from the written row; empty where it is the same row.
    pub steps: Vec<Step>,
    /// What a query of its rows calls the written row; empty where it is the same row.
    pub lookup: String,
}

/// A relation that is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// By a field of the row, to one other.
    One {
        /// The field.
        field: String,
        /// Whether it may lead nowhere.
        is_nullable: bool,
    },
    /// To any number of others.
    Many {
        /// Whether by links that are gone when the row is.
        by_links: bool,
    },
}

/// A call that drops an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DropCall {
    /// What is called.
    pub callee: Importable,
    /// What it is given, by position.
    pub arguments: Vec<Argument>,
    /// Whether it waits for the commit by itself.
    pub is_deferred: bool,
    /// Whether the program has it for just that; else it is the store's own method.
    pub is_of_project: bool,
}

impl DropCall {
    /// Whether it is the same for all rows.
    pub fn is_of_all_rows(&self) -> bool {
        self.arguments.iter().all(|argument| match argument {
            Argument::Column(_) | Argument::Row => false,
            Argument::Key(parts) => parts.iter().all(|part| matches!(part, KeyPart::Text(_))),
            Argument::NewVersion | Argument::Forever(_) => true,
        })
    }
}

/// An argument of a [`DropCall`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Argument {
    /// A column of the anchor, as an attribute of an instance and as queries name it.
    Column(String),
    /// The anchor itself.
    Row,
    /// A key that is spelled out.
    Key(Vec<KeyPart>),
    /// A number that no version had before.
    NewVersion,
    /// What says that it is kept until it is dropped, by the name of the parameter.
    Forever(String),
}

/// A part of a key that is spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyPart {
    /// Text.
    Text(String),
    /// A column of the anchor.
    Column(String),
}
