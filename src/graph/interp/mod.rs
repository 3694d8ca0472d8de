//! Runs code on abstract values and records what it does to caches, rows and signals.
//!
//! Both branches of a condition that cannot be decided are taken. Every run is bounded in depth and
//! in steps; what lies beyond is unknown, never wrong. Nothing here knows a rule.

mod actions;
mod attrs;
mod builtins;
mod calls;
mod classes;
mod collaborators;
mod comprehensions;
mod conditions;
mod containers;
mod contexts;
mod creations;
mod delegates;
mod enumerations;
mod eval;
mod exec;
mod families;
mod fields;
mod follow;
mod frame;
mod frameworks;
mod given;
mod guesses;
mod literal_methods;
mod loading;
mod lookups;
mod memoizers;
mod methods;
mod migrations;
mod moment;
mod muting;
mod named_tasks;
mod names;
mod natives;
mod parallel;
mod parameters;
mod queries;
mod records;
mod relations;
mod relevance;
mod running;
mod saved_by;
mod serializers;
mod set_anew;
mod signals;
mod slices;
mod spellings;
mod sql;
mod stores;
mod strings;
mod subclassing;
mod summaries;
mod supposed;
mod temporary;
mod told;
mod unaimed;
mod variables;
mod views;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use wildmatch::WildMatch;

use super::effect::{Calls, Effect, EffectKind, Effects, Goal, HookRef, Interest};
use super::hooks::Hooks;
use super::ids::{ClassId, FunctionId};
use super::key::Spelling;
use super::listing::Listed;
use super::program::Program;
use super::shared::Shared;
use super::value::{Args, Filter, Value};
use crate::facts::{ExprId, NameId};
use crate::frameworks::Role;
use crate::source::{FileId, Location};
use contexts::Yield;
pub use delegates::GETATTR;
pub use follow::Scenario;
use frame::Frame;
pub use frame::Timing;
pub use frameworks::Relation;
use loading::Remembered;
pub use migrations::Additions;
use moment::Moment;
use muting::Muting;
pub use muting::RECEIVERS;
pub use natives::DEFAULT_ALIAS;
pub use parallel::{Crew, INTERPRETERS};
pub use running::Revived;
use running::Running;
pub use signals::SENDING;
use slices::Slices;
pub use slices::Targets;
use summaries::{Elsewhere, Summaries, View};
use supposed::Supposed;
use unaimed::Unaimed;

/// How many calls deep a run goes.
const MAX_DEPTH: usize = 16;
/// How many statements a run takes at the most.
const MAX_STEPS: u32 = 10_000;
/// How many effects of earlier calls are repeated in the time of a step.
const REPEATED_IN_STEP: usize = 16;
/// How many parts a value has at the most that a variable holds.
const MAX_PARTS: usize = 4_000;
/// How many known elements of an iterable a loop runs through.
const MAX_ELEMENTS: usize = 1_000;
/// After how many elements a loop ends that has done nothing so far.
const MAX_IDLE: usize = 64;

/// An abstract interpreter over a program.
#[derive(Clone)]
pub struct Interp<'a> {
    /// The program.
    pub program: &'a Program<'a>,
    invalidators: &'a [WildMatch],
    /// The receivers that are connected; set once the program's wiring is known.
    running: Running,
    /// What memoising decorators list; set once the entries are known.
    listed: Arc<[Listed]>,
    /// The models that are known; set once they are.
    models: Arc<[ClassId]>,
    /// `app.model` in lower case to model.
    labels: FxHashMap<String, ClassId>,
    /// The labels of app folders whose configuration names one.
    app_labels: FxHashMap<String, String>,
    /// Names of relation fields by model.
    relation_fields: FxHashMap<ClassId, Arc<[Arc<str>]>>,
    /// Relations by model and field.
    relations: FxHashMap<(ClassId, Arc<str>), Option<Relation>>,
    /// Reverse sides by target model: name, kind and model of the relation; made when first needed.
    reverse_relations: Option<Arc<ReverseRelations>>,
    /// The ways back of relations to models out of sight; made when first needed.
    ways_back_of_outsiders: Option<Arc<WaysBack>>,
    /// Made when first needed.
    heirs: Option<Arc<Heirs>>,
    /// Likewise.
    rows_classes: Option<Arc<RowsClasses>>,
    effects: Effects,
    frames: Vec<Frame>,
    calls: Vec<Location>,
    running_hooks: Vec<HookRef>,
    steps: u32,
    /// Receivers that do not run for now.
    muted: Vec<Muting>,
    /// Whether nothing mutes receivers: what would happen if code did not.
    hears_all: bool,
    /// What was muted where the generator that was called last handed over.
    yielded: Option<Yield>,
    interest: Interest,
    /// The entry a run looks for; the run ends where it is invalidated.
    goal: Option<Goal>,
    unaimed: Unaimed,
    /// Which names say invalidation, as far as asked.
    invalidation_names: FxHashMap<Arc<str>, bool>,
    /// Whether a run that is after caches cares for drops and writes alone.
    only_drops: bool,
    /// Whether a run that is after caches enters chosen functions only.
    enters_chosen: bool,
    /// What such a run is after.
    targets: Arc<Targets>,
    /// Which variables are wanted, as far as asked.
    slices: Slices,
    /// Whether the value that is being computed is wanted.
    is_wanted: bool,
    /// In a run that is after wiring, the names from which connecting code can be reached; `None`
    /// where every function is entered.
    connecting: Option<Arc<FxHashSet<String>>>,
    /// Where the run stands in the writes that it follows.
    moment: Moment,
    /// When the running code happens.
    timing: Timing,
    /// Which functions open a transaction by a decorator, as far as asked.
    atomic_functions: FxHashMap<FunctionId, bool>,
    module_values: FxHashMap<(FileId, NameId), Option<Value>>,
    class_values: FxHashMap<(ClassId, NameId), Option<Value>>,
    function_values: FxHashMap<FunctionId, Option<Value>>,
    model_classes: FxHashMap<ClassId, bool>,
    /// The parameters that hold rows of which only names tell the model; set once models are known.
    supposed: Arc<Supposed>,
    /// Models by the name of their table; made when first needed.
    tables: Option<Arc<FxHashMap<String, ClassId>>>,
    /// Whether what runs was chosen by the name of a method alone.
    is_guessing: bool,
    /// Instances to run methods on when no other is known, by class.
    receivers: FxHashMap<ClassId, Value>,
    /// Which modules are those of commands, as far as asked.
    command_modules: FxHashMap<FileId, bool>,
    /// Instances that modules bind, by class, as far as asked.
    objects_at_top: FxHashMap<ClassId, Option<(Value, FileId, &'a str)>>,
    /// The classes of the querysets that manager classes make by a method of their own, as far as asked.
    queryset_classes: FxHashMap<ClassId, Option<Arc<[Value]>>>,
    /// What bases put into the classes that inherit them, as far as asked.
    put_by_bases: FxHashMap<ClassId, subclassing::Put>,
    /// The names of the attributes among that.
    names_put_by_bases: Arc<FxHashSet<&'a str>>,
    /// What views list as actions, by the last name of each element.
    listed_actions: Arc<FxHashMap<&'a str, Vec<actions::Listed>>>,
    /// What bases put into their own lists and dicts for the classes that inherit them, as far as asked.
    registries: FxHashMap<ClassId, Arc<[subclassing::Registration]>>,
    /// Where that is being found out, what was put there so far.
    registering: Option<Vec<subclassing::Registration>>,
    /// The expressions outside of what runs that are being computed.
    apart: FxHashSet<(FileId, ExprId)>,
    /// Declared primary keys by model.
    primary_keys: FxHashMap<ClassId, Option<Arc<str>>>,
    /// What the values of columns are spelled with, as far as asked.
    spellings: FxHashMap<(ClassId, Arc<str>), Spelling>,
    /// Columns with a default that is spelled out, by model.
    defaults: FxHashMap<ClassId, Arc<[Filter]>>,
    /// What rows remember of how they were loaded, by model, as far as asked.
    remembered: FxHashMap<ClassId, Arc<[Remembered]>>,
    orders: FxHashMap<ClassId, Option<Arc<[Value]>>>,
    /// The methods of classes and their bases that are decorated by a call, as far as asked.
    decorated_methods: FxHashMap<ClassId, Arc<[FunctionId]>>,
    /// The names that files use other than as receivers, as far as asked.
    escaping: FxHashMap<FileId, Arc<FxHashSet<NameId>>>,
    /// Whether classes below one define a method that it does not, by class and name, as far as asked.
    left_below: FxHashMap<ClassId, FxHashMap<Arc<str>, bool>>,
    summaries: Summaries,
    /// Those of runs in which other receivers run.
    elsewhere: Elsewhere,
    open_calls: Vec<FunctionId>,
    /// The class that is being created, behind the metaclass that does it.
    created_by: Option<(ClassId, ClassId)>,
    /// Which classes have instances that stand for others, as far as asked.
    delegates: FxHashMap<ClassId, bool>,
    /// Whether it is asked what an instance has by another one that it stands for.
    is_delegating: bool,
    /// What the method that returned last left of its instance, where that is another one now.
    left_behind: Option<Value>,
    /// Whether the receiver of the `connect` call under way is held by nothing else.
    temporary_receiver: bool,
    /// Functions whose body was run at least once.
    pub executed: FxHashSet<FunctionId>,
}

impl Drop for Interp<'_> {
    fn drop(&mut self) {
        self.program.stumbles.note(self.frames.last().map(|frame| frame.file));
    }
}

/// The reverse sides of relations by the model they belong to.
pub type ReverseRelations = FxHashMap<ClassId, Vec<ReverseSide>>;

/// The ways back of relations to models out of sight, by their names.
type WaysBack = FxHashMap<String, WayBack>;

/// What a name may mean as the way back of a relation.
#[derive(Debug, Default)]
struct WayBack {
    /// One to a model out of sight.
    side: Option<ReverseSide>,
    /// Whether there are others.
    is_of_several: bool,
    /// Whether models in sight have one of that name, too.
    is_in_sight: bool,
}

/// The models that are not abstract by each class that they inherit from, in source order.
pub type Heirs = FxHashMap<ClassId, Vec<ClassId>>;

/// The classes of managers and querysets, each with its model where it is that of no other.
type RowsClasses = FxHashMap<ClassId, Option<ClassId>>;

/// The side of a relation that its field does not declare.
#[derive(Debug, Clone)]
pub struct ReverseSide {
    /// The attribute of the instances.
    pub name: String,
    /// The model that declares the field.
    pub owner: ClassId,
    /// The field.
    pub field: Arc<str>,
    /// Its kind.
    pub role: Role,
}

impl<'a> Interp<'a> {
    /// An interpreter that knows no hooks yet.
    pub fn new(program: &'a Program<'a>, invalidators: &'a [WildMatch]) -> Interp<'a> {
        Interp {
            program,
            invalidators,
            running: Running::default(),
            listed: Arc::new([]),
            models: Arc::new([]),
            labels: FxHashMap::default(),
            app_labels: FxHashMap::default(),
            relation_fields: FxHashMap::default(),
            relations: FxHashMap::default(),
            reverse_relations: None,
            ways_back_of_outsiders: None,
            heirs: None,
            rows_classes: None,
            effects: Effects::default(),
            frames: Vec::new(),
            calls: Vec::new(),
            running_hooks: Vec::new(),
            steps: 0,
            muted: Vec::new(),
            hears_all: false,
            yielded: None,
            interest: Interest::Caching,
            goal: None,
            unaimed: Unaimed::default(),
            invalidation_names: FxHashMap::default(),
            only_drops: false,
            enters_chosen: false,
            targets: Arc::default(),
            slices: Slices::default(),
            is_wanted: false,
            connecting: None,
            moment: Moment::default(),
            timing: Timing::default(),
            atomic_functions: FxHashMap::default(),
            module_values: FxHashMap::default(),
            class_values: FxHashMap::default(),
            function_values: FxHashMap::default(),
            model_classes: FxHashMap::default(),
            supposed: Arc::default(),
            tables: None,
            is_guessing: false,
            receivers: FxHashMap::default(),
            objects_at_top: FxHashMap::default(),
            queryset_classes: FxHashMap::default(),
            command_modules: FxHashMap::default(),
            put_by_bases: FxHashMap::default(),
            names_put_by_bases: subclassing::names_put_by_bases(program),
            listed_actions: actions::listed_actions(program),
            registries: FxHashMap::default(),
            registering: None,
            apart: FxHashSet::default(),
            primary_keys: FxHashMap::default(),
            spellings: FxHashMap::default(),
            defaults: FxHashMap::default(),
            remembered: FxHashMap::default(),
            orders: FxHashMap::default(),
            decorated_methods: FxHashMap::default(),
            escaping: FxHashMap::default(),
            left_below: FxHashMap::default(),
            summaries: Summaries::default(),
            elsewhere: Elsewhere::default(),
            open_calls: Vec::new(),
            created_by: None,
            delegates: FxHashMap::default(),
            is_delegating: false,
            left_behind: None,
            temporary_receiver: false,
            executed: FxHashSet::default(),
        }
    }

    /// Runs are after wiring from now on. Where there are `names`, only functions from which one of
    /// them can be reached are entered, and small ones for what they return.
    pub fn seek_wiring(&mut self, names: Option<FxHashSet<String>>) {
        self.interest = Interest::Wiring;
        self.connecting = names.map(Arc::new);
        self.forget_calls();
    }

    /// Runs are after caches and rows from now on, and enter every function.
    pub fn seek_caching(&mut self) {
        self.interest = Interest::Caching;
        self.enters_chosen = false;
        self.only_drops = false;
        self.forget_calls();
    }

    /// Runs are after drops and writes from now on: they need no rows.
    pub fn seek_drops(&mut self) {
        self.interest = Interest::Caching;
        self.only_drops = true;
        self.forget_calls();
    }

    /// Tells what runs that are after caches look for: from now on they enter only functions from which it
    /// can be reached, what makes the values that these hand on, and small functions.
    pub fn set_targets(&mut self, targets: Arc<Targets>) {
        self.targets = targets;
        self.enters_chosen = true;
        self.slices.clear();
        self.forget_calls();
    }

    /// Where runs enter chosen functions only, they enter these as well from now on.
    pub fn enter_too(&mut self, functions: impl IntoIterator<Item = FunctionId>) {
        Arc::make_mut(&mut self.targets).add(self.program, functions);
        self.slices.clear();
        self.forget_calls();
    }

    /// Does something with what is known of calls in a view.
    fn in_view<T>(&mut self, view: View, body: impl FnOnce(&mut Self) -> T) -> T {
        let usual = std::mem::replace(&mut self.summaries, self.elsewhere.take(&view));
        let value = body(self);
        let summaries = std::mem::replace(&mut self.summaries, usual);
        self.elsewhere.keep(view, summaries);
        value
    }

    /// Forgets what calls did: they may do something else from now on.
    fn forget_calls(&mut self) {
        self.summaries.clear();
        self.elsewhere = Elsewhere::default();
    }

    /// Whether runs keep what values were computed from. Not where they are after drops and writes.
    fn tracks_rows(&self) -> bool {
        self.interest == Interest::Caching && !self.only_drops
    }

    /// Tells which receivers writes run from now on.
    pub fn set_hooks(&mut self, hooks: Arc<Hooks>) {
        self.running = Running::of(hooks);
        self.forget_calls();
    }

    /// Does something as if a receiver ran that does not.
    pub fn with_revived<T>(&mut self, revived: Revived, body: impl FnOnce(&mut Self) -> T) -> T {
        let view = View::Revived(revived.id, revived.hook.sender.clone());
        let with_it = self.running.with(revived);
        let running = std::mem::replace(&mut self.running, with_it);
        let value = self.in_view(view, body);
        self.running = running;
        value
    }

    /// Tells what memoising decorators list, whose writes a library hears of from now on.
    pub fn set_listed(&mut self, listed: Arc<[Listed]>) {
        self.listed = listed;
        self.forget_calls();
    }

    /// Tells the labels that app configurations give their folders.
    pub fn set_app_labels(&mut self, labels: FxHashMap<String, String>) {
        self.app_labels = labels;
    }

    /// Tells which models there are, for labels, reverse relations and `get_models()`.
    pub fn set_models(&mut self, models: Arc<[ClassId]>) {
        let labelled = models.iter().map(|model| (self.model_label(*model).to_lowercase(), *model));
        self.labels = labelled.collect();
        self.models = models;
        // What was looked up before could not know them.
        self.module_values.clear();
        self.class_values.clear();
        self.function_values.clear();
        self.relation_fields.clear();
        self.relations.clear();
        self.reverse_relations = None;
        self.heirs = None;
        self.receivers.clear();
        self.remembered.clear();
        self.forget_calls();
    }

    /// Runs `body` from a clean state and returns what it did, in order.
    pub fn record(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Effect> {
        let outer = std::mem::take(&mut self.effects);
        let outer_frames = std::mem::take(&mut self.frames);
        let outer_calls = std::mem::take(&mut self.calls);
        let outer_open = std::mem::take(&mut self.open_calls);
        let outer_hooks = std::mem::take(&mut self.running_hooks);
        let timing = std::mem::take(&mut self.timing);
        let muted = std::mem::take(&mut self.muted);
        let steps = std::mem::take(&mut self.steps);
        let is_wanted = std::mem::take(&mut self.is_wanted);
        body(self);
        self.is_wanted = is_wanted;
        self.steps = steps;
        self.muted = muted;
        self.timing = timing;
        self.running_hooks = outer_hooks;
        self.open_calls = outer_open;
        self.calls = outer_calls;
        self.frames = outer_frames;
        std::mem::replace(&mut self.effects, outer).into_list()
    }

    /// Evaluates without recording, as if the value had always been there.
    fn quietly<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let mut value = None;
        self.record(|interp| value = Some(interp.wanting(true, body)));
        // `record` ran the closure exactly once.
        value.unwrap_or_else(|| unreachable!("record runs its body"))
    }

    /// Ends runs from now on where they reach the goal.
    pub fn seek(&mut self, goal: Option<Goal>) {
        self.goal = goal;
        self.summaries.thin_out();
    }

    /// Whether the last segment of a call says invalidation plainly.
    fn says_invalidation(&mut self, name: &str) -> bool {
        if let Some(known) = self.invalidation_names.get(name) {
            return *known;
        }
        let known = self.program.frameworks.says_invalidation(name);
        self.invalidation_names.insert(name.into(), known);
        known
    }

    fn emit(&mut self, kind: EffectKind, site: Location) {
        self.emit_with(kind, site, false);
    }

    fn emit_with(&mut self, kind: EffectKind, site: Location, by_convention: bool) {
        if !kind.matters_to(self.interest) {
            return;
        }
        let kind = match kind {
            EffectKind::Fill(fill) => EffectKind::Fill(self.spelled_out(fill)),
            kind => kind,
        };
        self.end_at_goal(&kind);
        self.effects.push(Effect {
            kind: Shared::new(kind),
            site,
            calls: Calls::default().within(&self.calls),
            hook: self.running_hooks.last().copied(),
            by_convention,
            timing: self.timing,
            arm: 0,
        });
    }

    /// Ends the run where what it does reaches the goal; whether that is so.
    fn end_at_goal(&mut self, kind: &EffectKind) -> bool {
        // What may drop it tells less than what surely does.
        let is_reached = self
            .goal
            .as_ref()
            .is_some_and(|goal| goal.is_reached_by(kind) && goal.is_surely_reached_by(kind));
        if is_reached {
            // One more than where a run counts as cut short.
            self.steps = MAX_STEPS + 1;
        }
        is_reached
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    fn site(&self, file: FileId, expr: ExprId) -> Location {
        Location { file, span: self.program.file(file).expr(expr).span }
    }
}
