//! Runs functions on values of which little is known, and records what they do to stores and rows.
//!
//! Both branches of a condition that cannot be decided are taken, one after the other. What a call does
//! is part of what its caller does. Every run is bounded in depth and in steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::channels::Channels;
use super::crates::ModuleId;
use super::effect::{Act, Effect};
use super::generics::Instances;
use super::program::Program;
use super::relevance::Relevance;
use super::shared::Shared;
use super::types::{Around, Ty, ty_in, ty_of};
use super::value::{Closure, Seconds, Store, Value, What};
use crate::facts::{ExprId, NameId, ParamKind, StmtId};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::source::{FileId, Location};

/// How many calls deep a run goes.
const MAX_DEPTH: usize = 10;
/// How many statements a run takes at the most.
pub(super) const MAX_STEPS: u32 = 20_000;

/// Runs the functions of a program.
pub struct Runner<'p, 'a> {
    /// The program.
    pub program: &'p Program<'a>,
    pub(super) relevance: &'p Relevance,
    pub(super) frames: Vec<Frame>,
    pub(super) effects: Vec<Effect>,
    pub(super) known: FxHashMap<(FunctionId, Arc<Around>, Vec<Value>), Arc<Outcome>>,
    pub(super) values: FxHashMap<(FileId, StmtId), Value>,
    /// How long the entries of stores live, as far as builders say.
    pub timeouts: FxHashMap<Store, Seconds>,
    /// The same of stores in fields.
    pub field_timeouts: FxHashMap<(ClassId, Arc<str>), Seconds>,
    pub(super) steps: u32,
    pub(super) is_guessing: bool,
    /// How many loops are run of which it is not known how often.
    pub(super) open_loops: u32,
    pub(super) channels: Channels,
    /// The functions that each function calls.
    pub(super) calls: BTreeSet<FunctionId>,
    /// What was done in one branch or in the other.
    pub(super) forks: Vec<Fork>,
    /// What calls that write rows are given.
    pub(super) given: BTreeMap<Location, Vec<Arc<Template>>>,
    /// The kinds of arguments that generic functions are called with.
    pub(super) instances: Instances,
    /// Which stores are one.
    pub(super) shared: Shared,
}

/// What a call of a function does and returns.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// What it returns.
    pub returns: Value,
    /// The functions that it calls itself.
    pub calls: BTreeSet<FunctionId>,
    /// What it does in one branch or in the other.
    pub forks: Vec<Fork>,
    /// What the calls of it that write rows are given, as far as it says something.
    pub given: BTreeMap<Location, Vec<Arc<Template>>>,
}

/// Effects of which either some are done or others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fork {
    /// Where the first of one branch stands among all.
    pub start: usize,
    /// Where the first of the other branch stands.
    pub middle: usize,
    /// Where what is done in either case goes on.
    pub end: usize,
}

impl Outcome {
    /// Adds what is done behind it.
    pub fn append(&mut self, other: &Outcome) {
        let before = self.effects.len();
        self.forks.extend(other.forks.iter().map(|fork| fork.behind(before)));
        self.effects.extend(other.effects.iter().cloned());
        self.calls.extend(&other.calls);
        self.given.extend(other.given.iter().map(|(site, texts)| (*site, texts.clone())));
        let returns = std::mem::take(&mut self.returns);
        self.returns = match before {
            0 => other.returns.clone(),
            _ => returns.or(other.returns.clone()),
        };
    }
}

impl Fork {
    /// The same behind so many other effects.
    pub fn behind(&self, before: usize) -> Fork {
        Fork { start: before + self.start, middle: before + self.middle, end: before + self.end }
    }

    /// Whether two effects are never done both, by where they stand.
    pub fn parts(&self, one: usize, other: usize) -> bool {
        let (first, last) = (one.min(other), one.max(other));
        (self.start..self.middle).contains(&first) && (self.middle..self.end).contains(&last)
    }
}

/// A running function, or code outside of any.
pub(super) struct Frame {
    pub file: FileId,
    pub module: ModuleId,
    /// The function; code of statics has none.
    pub function: Option<FunctionId>,
    /// The form of a macro that it is.
    pub form: Option<FunctionId>,
    /// Where the macro is called.
    pub called_at: Option<Location>,
    /// What names of types stand for.
    pub around: Arc<Around>,
    pub locals: FxHashMap<NameId, Value>,
    pub returned: Option<Value>,
    /// A call whose value is wanted of a type, and the type.
    pub expected: Option<(ExprId, ExprId)>,
}

impl Drop for Runner<'_, '_> {
    fn drop(&mut self) {
        self.program.stumbles.note(self.frames.last().map(|frame| frame.file));
    }
}

impl<'p, 'a> Runner<'p, 'a> {
    /// A runner that has run nothing yet.
    pub fn new(program: &'p Program<'a>, relevance: &'p Relevance) -> Runner<'p, 'a> {
        Runner {
            program,
            relevance,
            frames: Vec::new(),
            effects: Vec::new(),
            known: FxHashMap::default(),
            values: FxHashMap::default(),
            timeouts: FxHashMap::default(),
            field_timeouts: FxHashMap::default(),
            steps: 0,
            is_guessing: false,
            open_loops: 0,
            channels: Channels::default(),
            calls: BTreeSet::new(),
            forks: Vec::new(),
            given: BTreeMap::new(),
            instances: Instances::default(),
            shared: Shared::default(),
        }
    }

    /// The functions from which a store or rows can be reached, in source order.
    pub(super) fn relevant(&self) -> impl Iterator<Item = FunctionId> {
        self.relevance.functions.iter().copied()
    }

    /// Runs a function by itself, its parameters standing for themselves.
    pub fn run(&mut self, function: FunctionId) -> Arc<Outcome> {
        let around = self.around(function, None, &[], &[]);
        self.run_as(function, around)
    }

    /// The same, where names of types stand for others.
    pub(super) fn run_as(&mut self, function: FunctionId, around: Around) -> Arc<Outcome> {
        let args = self.own_arguments(function, &around);
        self.steps = 0;
        self.call(function, Arc::new(around), args)
    }

    /// Runs a function with one parameter known.
    pub fn run_with(&mut self, function: FunctionId, at: usize, value: Value) -> Arc<Outcome> {
        let around = self.around(function, None, &[], &[]);
        let mut args = self.own_arguments(function, &around);
        if let Some(arg) = args.get_mut(at) {
            *arg = value;
        }
        self.steps = 0;
        self.call(function, Arc::new(around), args)
    }

    /// The value of each parameter of a function of which no more is known than its type and its name.
    pub(super) fn own_arguments(&mut self, function: FunctionId, around: &Around) -> Vec<Value> {
        let facts = self.program.file(function.file);
        let fact = self.program.function(function);
        let module = self.program.crates.module_of_function(function);
        let params = fact.params.iter().map(|param| {
            let name = facts.name(param.name);
            let ty = match (name, param.annotation, module) {
                ("self", _, _) => around.own.clone().unwrap_or_default(),
                (_, Some(annotation), Some(module)) => {
                    ty_in(self.program, module, around, function.file, annotation)
                }
                _ => Ty::default(),
            };
            self.typed(Value::named(ty, name))
        });
        params.collect()
    }

    /// What `Self` stands for in a function.
    pub(super) fn own_type(&self, function: FunctionId) -> Option<Ty> {
        self.block_of(function).map(|block| self.type_of_block(block))
    }

    /// The type that an `impl` block or a trait is about.
    fn type_of_block(&self, class: ClassId) -> Ty {
        let facts = self.program.file(class.file);
        let bases = facts.args(self.program.class(class).bases);
        let module = self.program.crates.module_of_class(class);
        match (self.program.class(class).kind, bases.first(), module) {
            (crate::facts::ClassKind::Impl, Some(of), Some(module)) => {
                ty_of(self.program, module, None, class.file, of.value)
            }
            _ => Ty::of_class(class),
        }
    }

    /// What a call of a function does, where names of types stand for others.
    pub(super) fn call(
        &mut self,
        function: FunctionId,
        around: Arc<Around>,
        args: Vec<Value>,
    ) -> Arc<Outcome> {
        self.calls.insert(function);
        let is_running = self.frames.iter().any(|frame| frame.function == Some(function));
        if is_running || self.frames.len() >= MAX_DEPTH || self.steps > MAX_STEPS {
            return Arc::default();
        }
        if !self.frames.is_empty() && !self.is_worth_entering(function, &args) {
            return self.unentered(function, &around);
        }
        let key = (function, around, args);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let fact = self.program.function(function);
        let Some(module) = self.program.crates.module_of_function(function) else {
            return Arc::default();
        };
        let mut locals: FxHashMap<NameId, Value> = FxHashMap::default();
        let positional = fact.params.iter().filter(|param| param.kind == ParamKind::Positional);
        for (param, value) in positional.zip(&key.2) {
            locals.insert(param.name, value.clone());
        }
        let around = key.1.clone();
        let frame = Frame {
            file: function.file,
            module,
            function: Some(function),
            form: None,
            called_at: None,
            around: around.clone(),
            locals,
            returned: None,
            expected: None,
        };
        let outer_effects = std::mem::take(&mut self.effects);
        let outer_calls = std::mem::take(&mut self.calls);
        let outer_forks = std::mem::take(&mut self.forks);
        let outer_given = std::mem::take(&mut self.given);
        let was_guessing = std::mem::take(&mut self.is_guessing);
        self.frames.push(frame);
        self.block(fact.body);
        self.end_messages(0);
        let mut returns = self.frames.pop().and_then(|frame| frame.returned).unwrap_or_default();
        self.is_guessing = was_guessing;
        if let Some(annotation) = fact.returns
            && (returns.ty == Ty::default() || returns.ty.args.is_empty())
        {
            let declared = ty_in(self.program, module, &around, function.file, annotation);
            if returns.ty == Ty::default() {
                returns.ty = declared;
                returns = self.typed(returns);
            } else {
                returns.ty = returns.ty.with_arguments_of(declared.peeled(self.program).0);
            }
        }
        let effects = std::mem::replace(&mut self.effects, outer_effects);
        let calls = std::mem::replace(&mut self.calls, outer_calls);
        let forks = std::mem::replace(&mut self.forks, outer_forks);
        let given = std::mem::replace(&mut self.given, outer_given);
        let outcome = Arc::new(Outcome { effects, returns, calls, forks, given });
        // What was cut short would do more elsewhere.
        if self.steps <= MAX_STEPS {
            self.known.insert(key, outcome.clone());
        }
        outcome
    }

    /// Whether a call of a function is followed: where a store or rows can be reached from it, where it is
    /// given something of that kind, or where it is small enough to be called for what it returns.
    fn is_worth_entering(&self, function: FunctionId, args: &[Value]) -> bool {
        const SMALL: usize = 4;
        let matters = |value: &Value| {
            !value.rows.is_empty()
                || matches!(
                    value.what,
                    What::Store(_)
                        | What::Closure(_)
                        | What::Query(_)
                        | What::Active(_)
                        | What::Command(_)
                )
        };
        let body = self.program.function(function).body;
        self.relevance.has(function)
            || args.iter().any(matters)
            || self.program.file(function.file).block(body).len() <= SMALL
    }

    /// What is known of a call that is not followed.
    fn unentered(&self, function: FunctionId, around: &Around) -> Arc<Outcome> {
        let fact = self.program.function(function);
        let module = self.program.crates.module_of_function(function);
        let ty = match (fact.returns, module) {
            (Some(annotation), Some(module)) => {
                ty_in(self.program, module, around, function.file, annotation)
            }
            _ => Ty::default(),
        };
        Arc::new(Outcome { returns: self.typed(Value::of(ty)), ..Outcome::default() })
    }

    /// Runs a closure where it stands: what it does is part of the function round it.
    pub(super) fn call_closure(&mut self, closure: &Closure, args: Vec<Value>) -> Value {
        let depth = self.frames.iter().filter(|it| it.function == Some(closure.function)).count();
        if depth > 0 || !self.may_go_deeper() {
            return Value::default();
        }
        let file = closure.function.file;
        let fact = self.program.function(closure.function);
        let Some(module) = self.frames.last().map(|frame| frame.module) else {
            return Value::default();
        };
        let module = self.program.crates.module_of_function(closure.function).unwrap_or(module);
        let mut locals = closure.captured.clone();
        let mut args = args.into_iter();
        for param in &fact.params {
            let given = args.next().unwrap_or_default();
            let value = match param.annotation {
                Some(annotation) if given.ty == Ty::default() => {
                    let ty = ty_in(self.program, module, &closure.around, file, annotation);
                    self.typed(Value { ty, ..given })
                }
                _ => given,
            };
            locals.insert(param.name, value);
        }
        self.frames.push(Frame {
            file,
            module,
            function: Some(closure.function),
            form: None,
            called_at: None,
            around: closure.around.clone(),
            locals,
            returned: None,
            expected: None,
        });
        let before = self.effects.len();
        self.block(fact.body);
        self.end_messages(before);
        let returned = self.frames.pop().and_then(|frame| frame.returned).unwrap_or_default();
        self.awaited(returned)
    }

    /// What a value is once it was awaited, where it is a block that is to be.
    pub(super) fn awaited(&mut self, value: Value) -> Value {
        match &value.what {
            What::Closure(closure) if self.program.function(closure.function).params.is_empty() => {
                let closure = closure.clone();
                self.call_closure(&closure, Vec::new())
            }
            _ => value,
        }
    }

    /// Whether a run may call something more.
    pub(super) fn may_go_deeper(&self) -> bool {
        self.frames.len() < 2 * MAX_DEPTH && self.steps <= MAX_STEPS
    }

    pub(super) fn emit(&mut self, act: Act, file: FileId, expr: ExprId) {
        let own = Location { file, span: self.program.file(file).expr(expr).span };
        // What a macro does is done where it is called.
        let forms = self.frames.iter().rev().take_while(|frame| frame.function.is_none());
        let site = forms.filter_map(|frame| frame.called_at).last().unwrap_or(own);
        let Some(running) = self.frames.iter().rev().find_map(|frame| frame.function) else {
            return;
        };
        let function = self.program.named(running);
        let is_guessed = self.is_guessing;
        self.effects.push(Effect {
            act,
            site,
            function,
            is_guessed,
            called_at: None,
            through: None,
            depth: 0,
            is_delivered: false,
        });
    }

    /// The variables of the running function, for what closes over them.
    pub(super) fn captured(&self) -> FxHashMap<NameId, Value> {
        self.frames.last().map(|frame| frame.locals.clone()).unwrap_or_default()
    }

    pub(super) fn read_type(&self, file: FileId, expr: ExprId) -> Ty {
        match self.frames.last() {
            Some(frame) => ty_in(self.program, frame.module, &frame.around, file, expr),
            None => Ty::default(),
        }
    }

    /// The variable of a name in the running function.
    pub(super) fn locals_have(&self, name: NameId) -> Option<&Value> {
        self.frames.last().and_then(|frame| frame.locals.get(&name))
    }
}
