//! The words in which rules are told what the graph found.

use crate::graph::coverage::{Gap, Stays};
use crate::graph::effect::Way;
use crate::graph::examples::Examples;
use crate::graph::feeds::FeedKind;
use crate::graph::recipes::{LinksRecipe, Recipe};
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// A named thing with its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Its name, qualified where it has one.
    pub name: String,
    /// Where it is.
    pub location: Location,
}

/// A model that feeds an entry.
#[derive(Debug, Clone)]
pub struct CachedModel {
    /// The model, by qualified name.
    pub model: Place,
    /// The name of its class alone.
    pub class: String,
    /// The entry.
    pub entry: CachedEntry,
    /// How its rows are reached.
    pub kind: FeedKind,
    /// The relation by which they are reached, as `Model.field`; rows that are queried have none.
    pub relation: Option<Place>,
    /// How sure it is that the rows are cached, and that no call out of sight invalidates.
    pub confidence: Confidence,
    /// Saving a new row.
    pub create: Side,
    /// Saving a row again.
    pub update: Side,
    /// Deleting a row.
    pub delete: Side,
    /// Columns that can be saved alone without an invalidation.
    pub open_columns: Vec<String>,
    /// Hooks of the model that run but never invalidate.
    pub idle: Vec<Place>,
    /// Hooks of the model that were refused, as their `dispatch_uid` was taken.
    pub refused: Vec<Place>,
    /// Writes in sight that leave the entry stale.
    pub open_writes: Vec<OpenWrite>,
    /// The override that cascades go past, and whether deletes by querysets do, too.
    pub bypassed_override: Option<(Place, bool)>,
    /// A write without signals whose own code drops the entry, where one is in sight.
    pub dropped_write: Option<DroppedWrite>,
    /// The column by which a row moves to another entry, and what is dropped then.
    pub moved: Option<MovedRow>,
    /// The column by which code in sight moves rows and drops only the entry that they come to.
    pub moving: Option<Place>,
    /// Whether the framework calls hooks for writes of its rows.
    pub has_signals: bool,
    /// Foreign keys whose target can be deleted without a signal for these rows.
    pub silent_cascades: Vec<SilentCascade>,
    /// How the entry can be dropped for one of these rows, where that was asked for.
    pub recipe: Recipe,
    /// Where Rust code drops it already, where that was asked for.
    pub examples: Examples,
}

/// What is cached, in words of the source.
#[derive(Debug, Clone)]
pub struct CachedEntry {
    /// The key template, or what fills it.
    pub label: String,
    /// The manager's class, or the function, that fills it.
    pub holder: Place,
    /// The decorator that lists the rows whose writes drop it by themselves.
    pub lister: Option<Location>,
    /// The attribute that holds the manager; a function has none.
    pub attribute: Option<String>,
    /// The variable of a module or a class that keeps the rows, where one does.
    pub variable: Option<Place>,
    /// Where rows are stored: the key, and the call.
    pub stored: Vec<Place>,
    /// The column by which the key tells one state of a row from another, where it holds one.
    pub version: Option<String>,
}

/// An entry of which each process keeps a copy of its own.
#[derive(Debug, Clone)]
pub struct LocalCopy {
    /// The entry.
    pub entry: CachedEntry,
    /// A write of its rows by a program that does not keep it, where that is known.
    pub written: Option<Place>,
}

/// A write in sight that leaves an entry stale.
#[derive(Debug, Clone)]
pub struct OpenWrite {
    /// The call, and the function it stands in.
    pub site: Place,
    /// What is left out.
    pub gap: Gap,
    /// The write path.
    pub path: WritePath,
    /// How sure it can be that these rows are written, whatever else is known of them.
    pub certainty: Confidence,
}

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct MovedRow {
    /// The column that chooses the entry.
    pub column: String,
    /// The entry that stays, where one does.
    pub stays: Option<Stays>,
    /// Where the column is declared.
    pub field: Location,
    /// The hook.
    pub hook: Place,
    /// The call that drops the other entry, or the first that drops one of both.
    pub drop: Location,
}

/// A write that runs no hooks, and the drop behind it.
#[derive(Debug, Clone)]
pub struct DroppedWrite {
    /// The call, and the function it stands in.
    pub site: Place,
    /// The call that drops the entry.
    pub drop: Location,
}

/// A foreign key whose rows change without a signal when what they point to is deleted.
#[derive(Debug, Clone)]
pub struct SilentCascade {
    /// The foreign key, as `Model.field`.
    pub relation: Place,
    /// The model whose delete does it.
    pub target: Place,
    /// How the entry can be dropped for a row of that, where that was asked for.
    pub recipe: Recipe,
}

/// A many-to-many field whose links reach an entry.
#[derive(Debug, Clone)]
pub struct CachedLinks {
    /// The field, as `Model.field`.
    pub relation: Place,
    /// The model that declares it.
    pub model: Place,
    /// The explicit through model, where it has one.
    pub through: Option<Place>,
    /// The entry.
    pub entry: CachedEntry,
    /// How sure it is.
    pub confidence: Confidence,
    /// Edits by `add()`, `remove()` and the like.
    pub edits: Side,
    /// What edits are not covered, where some are.
    pub open_edits: Vec<String>,
    /// Rows of an explicit through model.
    pub through_rows: Side,
    /// Edits in sight that leave the entry stale.
    pub open_writes: Vec<OpenWrite>,
    /// A write without signals whose own code drops the entry, where one is in sight.
    pub dropped_write: Option<DroppedWrite>,
    /// How the entry can be dropped for some of these links, where that was asked for.
    pub recipe: Option<LinksRecipe>,
    /// How it can be dropped for a row of the through model, an explicit one or not.
    pub through_recipe: Recipe,
}

/// A drop whose key is not the one that is stored.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// The call, and the key it drops.
    pub drop: Place,
    /// The model whose writes it is done for.
    pub model: Place,
    /// The entry that was meant.
    pub entry: CachedEntry,
    /// Where the key is of another row: the column whose value it has, and the one by which the entry is stored.
    pub columns: Option<(String, String)>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A hook that drops an entry while the transaction is still open.
#[derive(Debug, Clone)]
pub struct EarlyDrop {
    /// The hook, or the function that drops in a transaction of its own.
    pub hook: Place,
    /// The function behind the hook.
    pub function: Location,
    /// The call that drops.
    pub drop: Location,
    /// How the hook comes to each of its drops.
    pub ways: Vec<Way>,
    /// The model whose write it is run for.
    pub model: Place,
    /// The entry.
    pub entry: CachedEntry,
    /// The write paths.
    pub paths: Vec<WritePath>,
    /// Whether the framework calls hooks for writes, and can wait for the commit.
    pub has_signals: bool,
    /// How sure it is.
    pub confidence: Confidence,
}

/// One write path of a cached model.
#[derive(Debug, Clone)]
pub struct Side {
    /// What follows from the write.
    pub state: SideState,
    /// The hook that covers it, where one does.
    pub hook: Option<Place>,
    /// The call that invalidates, where there is one.
    pub drop: Option<Location>,
    /// A call that writes and that nothing follows, where it is known.
    pub write: Option<Location>,
}

impl Side {
    /// One that nothing is known to cover.
    pub fn of(state: SideState) -> Side {
        Side { state, hook: None, drop: None, write: None }
    }
}

/// What follows from a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideState {
    /// A hook invalidates.
    Covered,
    /// A hook would, but does not run.
    Dead,
    /// Code that writes the rows drops the entry itself.
    ByHand,
    /// The write cannot make the entry stale.
    NotApplicable,
    /// Nothing does.
    Hole,
}

/// A hook that would invalidate but does not run.
#[derive(Debug, Clone)]
pub struct DeadHook {
    /// The receiver, by qualified name, where reports place it.
    pub hook: Place,
    /// Why it does not run.
    pub reason: DeadReason,
    /// The models whose writes it was meant for; the first one is reported.
    pub models: Vec<Place>,
    /// The entry of the first model, where one is known.
    pub entry: Option<String>,
    /// The write paths left open.
    pub write_paths: Vec<WritePath>,
    /// The call that would invalidate.
    pub drop: Location,
    /// How the hook would come to each of its drops.
    pub ways: Vec<Way>,
    /// What connects it.
    pub connections: Vec<Connected>,
    /// How sure the engine is.
    pub confidence: Confidence,
}

/// A call or decorator that connects a hook.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Where.
    pub location: Location,
    /// To which signals, as the last segments of their names.
    pub signals: Vec<String>,
}

/// Why a hook does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadReason {
    /// Nothing imports its module at start-up; `later` where some function does.
    NotImported {
        /// Whether a function imports it when called.
        later: bool,
    },
    /// Nothing calls it.
    NeverStarted,
    /// Its file is no module of the program.
    NotAModule,
    /// Only this function connects it, and nothing calls that.
    NeverConnected(Place),
    /// The app configuration that connects it is not in use.
    UnusedConfig(Place),
    /// Only the signal's weak reference holds it.
    Collected,
    /// A second function of its name took its place.
    Shadowed(Location),
    /// Its signal does not resolve string senders.
    LabelOnPlainSignal(String),
    /// Its sender is an abstract base.
    AbstractSender(Place),
    /// Its sender is the multi-table parent of the class that is sent.
    ParentSender(Place),
    /// Its sender is a proxy of the class that is sent.
    ProxySender(Place),
    /// Its sender is the class of which the class that is sent is a proxy.
    ConcreteSender(Place),
    /// Its sender is a model where `m2m_changed` sends the through class.
    ModelForThrough(Place),
}
