//! Typed ids of what the graph is about.

use crate::facts::{ClassIx, FunctionIx};
use crate::source::FileId;

/// A class of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId {
    /// The file that defines it.
    pub file: FileId,
    /// Its place among the classes of the file.
    pub ix: ClassIx,
}

/// A function, method or lambda of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId {
    /// The file that defines it.
    pub file: FileId,
    /// Its place among the functions of the file.
    pub ix: FunctionIx,
}
