//! Which values of a function matter to a run that is after something.
//!
//! A call matters that may do what the run is after, going by names. The values that reach such a call
//! are wanted: what makes them is followed, into functions that do nothing themselves, too, and there
//! what they return is wanted in its turn.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::told::Telling;
use super::{Interp, SENDING};
use crate::facts::{Block, ExprId, ExprKind, FileFacts, FunctionFact, NameId, Scope, StmtKind};
use crate::graph::ids::FunctionId;
use crate::graph::program::{Program, first_name, last_name_id};
use crate::source::FileId;

/// What a run that follows chosen functions only is after.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// The functions from which it can be reached.
    pub(super) functions: FxHashSet<FunctionId>,
    /// The names by which code gets at it.
    names: FxHashSet<String>,
}

impl Targets {
    /// Drops, by the functions from which one can be reached.
    pub fn of(program: &Program<'_>, functions: FxHashSet<FunctionId>) -> Targets {
        let said = program.saying_invalidation().iter().copied();
        let names = program.frameworks.store_writers().chain(said).chain(SENDING);
        let names = names.map(str::to_owned).collect();
        let mut targets = Targets { functions: FxHashSet::default(), names };
        targets.add(program, functions);
        targets
    }

    /// Adds functions.
    pub(super) fn add(
        &mut self,
        program: &Program<'_>,
        functions: impl IntoIterator<Item = FunctionId>,
    ) {
        for function in functions {
            if self.functions.insert(function) {
                self.names.extend(program.names_of_calls(function).map(str::to_owned));
            }
        }
    }
}

/// A function, and whether what it returns is wanted.
type Demand = (FunctionId, bool);

/// The variables that are wanted, by demand, as far as asked.
pub(super) type Slices = rustc_hash::FxHashMap<Demand, Arc<FxHashSet<NameId>>>;

impl Interp<'_> {
    /// Which parts of a call may matter to the run, going by the name of what is called: that which it
    /// is called on, and the arguments.
    pub(super) fn is_called_for(&self, file: FileId, func: ExprId) -> (bool, bool) {
        match self.is_selective() {
            true => self.demands_of(self.program.file(file), func),
            false => (false, false),
        }
    }

    fn demands_of(&self, facts: &FileFacts, func: ExprId) -> (bool, bool) {
        let Some(name) = last_name_id(facts, func).map(|name| facts.name(name)) else {
            return (false, false);
        };
        let is_target = self.targets.names.contains(name);
        let frameworks = self.program.frameworks;
        // Which rows are written is told by what the method is called on.
        let writes = frameworks.is_row_writer(name) || frameworks.model_method(name).is_some();
        (is_target || writes, is_target)
    }

    /// Whether the value that a target is set to is wanted in the running function.
    pub(super) fn is_set_for(&mut self, file: FileId, target: ExprId) -> bool {
        if !self.is_selective() {
            return false;
        }
        let Some(frame) = self.frames.last() else { return true };
        let Some(function) = frame.function else { return true };
        let wanted = self.wanted_in((function, frame.returns_wanted));
        targets_of(self.program.file(file), target).iter().any(|name| wanted.contains(name))
    }

    /// Whether what is told by a condition is wanted in the running function.
    pub(super) fn is_told_for(&mut self, telling: &Telling) -> bool {
        if !self.is_selective() {
            return true;
        }
        let Some(frame) = self.frames.last() else { return true };
        let (Some(function), returns) = (frame.function, frame.returns_wanted) else { return true };
        let wanted = self.wanted_in((function, returns));
        ((telling.returns || telling.returns_constant) && returns)
            || telling.names.iter().any(|name| wanted.contains(name))
    }

    /// The variables of a function whose values are wanted.
    fn wanted_in(&mut self, demand: Demand) -> Arc<FxHashSet<NameId>> {
        if let Some(known) = self.slices.get(&demand) {
            return known.clone();
        }
        let (function, returns) = demand;
        let facts = self.program.file(function.file);
        let wanted = Arc::new(self.find_wanted(facts, self.program.function(function), returns));
        self.slices.insert(demand, wanted.clone());
        wanted
    }

    fn find_wanted(
        &self,
        facts: &FileFacts,
        function: &FunctionFact,
        returns: bool,
    ) -> FxHashSet<NameId> {
        let mut names: FxHashSet<NameId> = FxHashSet::default();
        let mut flows: Vec<(NameId, ExprId)> = Vec::new();
        let mut returned: Vec<ExprId> = Vec::new();
        collect_flows(facts, function.body, &mut flows, &mut returned);
        // What is put into a variable of the module stays there.
        names.extend(outer_names(facts, function.body));
        for expr in facts.exprs_of(function) {
            match expr.kind {
                ExprKind::Call { func, args } => {
                    let args = facts.args(args).iter().map(|arg| arg.value);
                    let (on, with) = self.demands_of(facts, func);
                    if on {
                        names_in(facts, func, &mut names);
                    }
                    if with {
                        args.for_each(|arg| names_in(facts, arg, &mut names));
                    } else if let ExprKind::Attribute { value, .. } = facts.expr(func).kind
                        && let Some(owner) = first_name(facts, value)
                    {
                        // A method may change what it is called on.
                        flows.extend(args.map(|arg| (owner, arg)));
                    }
                }
                ExprKind::Named { target, value } => flows.push((target, value)),
                ExprKind::Clause(parts) => {
                    if let [target, iter, ..] = *facts.list(parts)
                        && let Some(target) = first_name(facts, target)
                    {
                        flows.push((target, iter));
                    }
                }
                ExprKind::Lambda(ix) => flows.extend(defaults_of(facts.function(ix))),
                ExprKind::Yield(value) => returned.push(value),
                _ => {}
            }
        }
        if returns {
            returned.into_iter().for_each(|value| names_in(facts, value, &mut names));
            // What a constructor returns is the object that it fills.
            if matches!(function.scope, Scope::Class(_)) {
                names.extend(function.params.first().map(|param| param.name));
            }
        }
        // Each round takes the flows into what the last one found.
        loop {
            let before = flows.len();
            flows.retain(|(target, value)| {
                let flows_on = names.contains(target);
                if flows_on {
                    names_in(facts, *value, &mut names);
                }
                !flows_on
            });
            if flows.len() == before {
                return names;
            }
        }
    }
}

/// Which value flows into which variable by the statements of a block, nested functions included, and
/// what the block itself returns.
fn collect_flows(
    facts: &FileFacts,
    block: Block,
    flows: &mut Vec<(NameId, ExprId)>,
    returned: &mut Vec<ExprId>,
) {
    for &stmt in facts.block(block) {
        let (target, value) = match facts.stmt(stmt).kind {
            StmtKind::Assign { target, value: Some(value), .. }
            | StmtKind::AugAssign { target, value } => (target, value),
            StmtKind::For { target, iter, body } => {
                collect_flows(facts, body, flows, returned);
                let telling = Telling::of(facts, body);
                returned.extend(telling.is_by_return().then_some(iter));
                flows.extend(telling.names.into_iter().map(|name| (name, iter)));
                (target, iter)
            }
            StmtKind::With { context, target, body } => {
                collect_flows(facts, body, flows, returned);
                let Some(target) = target else { continue };
                (target, context)
            }
            StmtKind::If { test, body, orelse } => {
                for block in [body, orelse] {
                    collect_flows(facts, block, flows, returned);
                    let telling = Telling::of(facts, block);
                    returned.extend(telling.is_by_return().then_some(test));
                    flows.extend(telling.names.into_iter().map(|name| (name, test)));
                }
                continue;
            }
            StmtKind::Try { body, handlers, finally } => {
                for block in [body, handlers, finally] {
                    collect_flows(facts, block, flows, returned);
                }
                continue;
            }
            StmtKind::While { body, .. } | StmtKind::Handler(body) => {
                collect_flows(facts, body, flows, returned);
                continue;
            }
            StmtKind::Return(Some(value)) => {
                returned.push(value);
                continue;
            }
            StmtKind::Function(ix) => {
                let function = facts.function(ix);
                let mut by_it = Vec::new();
                collect_flows(facts, function.body, flows, &mut by_it);
                flows.extend(defaults_of(function));
                // Whoever has the function gets at what it returns.
                flows.extend(by_it.into_iter().map(|value| (function.name, value)));
                continue;
            }
            _ => continue,
        };
        flows.extend(targets_of(facts, target).into_iter().map(|name| (name, value)));
    }
}

/// The names of outer variables that the statements of a body declare to bind; as a rule, it starts with that.
fn outer_names(facts: &FileFacts, body: Block) -> impl Iterator<Item = NameId> + '_ {
    facts.block(body).iter().filter_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Outer(name) => Some(name),
        _ => None,
    })
}

/// Which value flows into which parameter of a function where none is given.
fn defaults_of(function: &FunctionFact) -> impl Iterator<Item = (NameId, ExprId)> {
    function.params.iter().filter_map(|param| Some((param.name, param.default?)))
}

/// The variables that an assignment to a target sets, or changes.
fn targets_of(facts: &FileFacts, target: ExprId) -> Vec<NameId> {
    match facts.expr(target).kind {
        ExprKind::Sequence(items) => {
            facts.list(items).iter().flat_map(|item| targets_of(facts, *item)).collect()
        }
        ExprKind::Starred(inner) => targets_of(facts, inner),
        _ => first_name(facts, target).into_iter().collect(),
    }
}

/// Adds the names that an expression reads, those of lambdas in it included.
fn names_in(facts: &FileFacts, expr: ExprId, names: &mut FxHashSet<NameId>) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match facts.expr(expr).kind {
            ExprKind::Name(name) => {
                names.insert(name);
            }
            ExprKind::Lambda(ix) => {
                names.extend(facts.exprs_of(facts.function(ix)).iter().filter_map(|expr| {
                    match expr.kind {
                        ExprKind::Name(name) => Some(name),
                        _ => None,
                    }
                }));
            }
            _ => {}
        }
        facts.parts_of(expr, &mut open);
    }
}
