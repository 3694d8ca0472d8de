//! How the bodies of functions use names: what tells a call of a method from a column of the same name.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::ids::FunctionId;
use super::program::{Program, first_name};
use crate::facts::{
    DELETES_ITEM, ExprId, ExprKind, FileFacts, FunctionFact, FunctionIx, NameId, SETS_ITEM,
    StmtKind,
};
use crate::source::FileId;

/// What looks up an attribute by a name that may be computed.
const LOOKUP: &str = "getattr";

/// The ways in which a body uses a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ways(u8);

impl Ways {
    /// `name`, where the file binds it: other names are local variables.
    const BARE: Ways = Ways(1);
    /// `module.name` of something that the file binds.
    const MEMBER: Ways = Ways(2);
    /// `.name` that is called or handed on.
    const CALLED: Ways = Ways(4);
    /// `.name` whose value is looked at on the spot.
    const READ: Ways = Ways(8);

    const fn or(self, other: Ways) -> Ways {
        Ways(self.0 | other.0)
    }

    fn has_any_of(self, other: Ways) -> bool {
        self.0 & other.0 != 0
    }
}

/// The uses of names in production functions; those of nested functions count for the outer ones, too.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    /// By name, the functions whose body uses it, in source order.
    by_name: FxHashMap<&'a str, Vec<(FunctionId, Ways)>>,
    /// The functions that call what they looked up by a name that is not in sight.
    dynamic: Vec<FunctionId>,
}

impl<'a> Uses<'a> {
    /// Reads the bodies of all production functions.
    pub fn of(program: &Program<'a>) -> Uses<'a> {
        let files: Vec<FileId> = program.production_files().collect();
        let of_files: Vec<FileUses> =
            files.par_iter().map(|file| FileUses::of(program, *file)).collect();
        let mut uses = Uses::default();
        for (file, found) in files.into_iter().zip(of_files) {
            let facts = program.file(file);
            for of_name in found.names.chunk_by(|one, other| one.0 == other.0) {
                let Some((name, ..)) = of_name.first() else { continue };
                let functions =
                    of_name.iter().map(|(_, ix, ways)| (FunctionId { file, ix: *ix }, *ways));
                uses.by_name.entry(facts.name(*name)).or_default().extend(functions);
            }
            uses.dynamic.extend(found.dynamic.into_iter().map(|ix| FunctionId { file, ix }));
        }
        uses
    }

    /// The names that are used, in no particular order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_name.keys().copied()
    }

    /// The functions that may call, or hand on, a function that is no method.
    pub fn of_function(&self, name: &str) -> impl Iterator<Item = FunctionId> + '_ {
        self.in_ways(name, Ways::BARE.or(Ways::MEMBER))
    }

    /// The functions that may call, or hand on, a method; `is_read` where to read it is to call it.
    pub fn of_method(&self, name: &str, is_read: bool) -> impl Iterator<Item = FunctionId> + '_ {
        let ways = Ways::CALLED.or(Ways::MEMBER);
        self.in_ways(name, if is_read { ways.or(Ways::READ) } else { ways })
    }

    /// The functions that use a name in any way but as that of a local variable.
    pub fn of_any(&self, name: &str) -> impl ExactSizeIterator<Item = FunctionId> + '_ {
        self.all(name).iter().map(|(function, _)| *function)
    }

    /// The functions that call what they looked up by a name that is not in sight.
    pub fn dynamic(&self) -> &[FunctionId] {
        &self.dynamic
    }

    fn in_ways(&self, name: &str, wanted: Ways) -> impl Iterator<Item = FunctionId> + '_ {
        let uses = self.all(name).iter().filter(move |(_, ways)| ways.has_any_of(wanted));
        uses.map(|(function, _)| *function)
    }

    fn all(&self, name: &str) -> &[(FunctionId, Ways)] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The uses in one file.
#[derive(Default)]
struct FileUses {
    /// Sorted.
    names: Vec<(NameId, FunctionIx, Ways)>,
    dynamic: Vec<FunctionIx>,
}

impl FileUses {
    fn of(program: &Program<'_>, file: FileId) -> FileUses {
        let facts = program.file(file);
        let bound = bound(program, file);
        let handed = Handed::of(facts);
        let items = item_methods(facts);
        let mut uses = FileUses::default();
        for (at, function) in facts.functions.iter().enumerate() {
            // A lambda is run by the function round it.
            if facts.name(function.name).is_empty() {
                continue;
            }
            let ix = FunctionIx(at as u32);
            let mut names: Vec<(NameId, Ways)> = Vec::new();
            let mut is_dynamic = false;
            for id in function.exprs.ids() {
                match facts.expr(id).kind {
                    ExprKind::Name(name) if bound[name.index()] => names.push((name, Ways::BARE)),
                    ExprKind::Attribute { value, attr } => {
                        let ways = match first_name(facts, value) {
                            Some(first) if bound[first.index()] => Ways::MEMBER,
                            _ if handed.is(id) => Ways::CALLED,
                            _ => Ways::READ,
                        };
                        names.push((attr, ways));
                    }
                    ExprKind::Call { func, args } if is_lookup(facts, func) => {
                        match facts.args(args).get(1).map(|name| facts.expr(name.value).kind) {
                            Some(ExprKind::Str(name)) => names.push((name, Ways::CALLED)),
                            _ => is_dynamic |= handed.is_called(facts, function, id),
                        }
                    }
                    ExprKind::Subscript { .. } => {
                        let method = items.binary_search_by_key(&id, |(target, _)| *target);
                        names.extend(method.ok().map(|at| (items[at].1, Ways::CALLED)));
                    }
                    _ => {}
                }
            }
            names.sort_unstable();
            for of_name in names.chunk_by(|one, other| one.0 == other.0) {
                let ways = of_name.iter().fold(Ways(0), |all, (_, ways)| all.or(*ways));
                uses.names.extend(of_name.first().map(|(name, _)| (*name, ix, ways)));
            }
            if is_dynamic {
                uses.dynamic.push(ix);
            }
        }
        uses.names.sort_unstable();
        uses
    }
}

/// For each name of a file, whether code in a function that uses it means something that the file binds
/// outside functions, or defines or imports anywhere.
fn bound(program: &Program<'_>, file: FileId) -> Vec<bool> {
    let facts = program.file(file);
    let namespace = &program.namespaces[file.0 as usize];
    let mut bound = vec![!namespace.stars.is_empty(); facts.names.count()];
    let defined = facts.functions.iter().map(|function| function.name);
    let classes = facts.classes.iter().map(|class| class.name);
    let imported = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
        StmtKind::ImportFrom { name, .. } | StmtKind::Import { name: Some(name), .. } => Some(name),
        // `import shop.caching` binds `shop`.
        StmtKind::Import { module, name: None } => {
            facts.name(module).split('.').next().and_then(|top| facts.names.find(top))
        }
        _ => None,
    });
    for name in namespace.names().chain(defined).chain(classes).chain(imported) {
        bound[name.index()] = true;
    }
    bound
}

/// The items that statements set or delete, sorted, with the methods of their containers that this calls.
fn item_methods(facts: &FileFacts) -> Vec<(ExprId, NameId)> {
    let [sets, deletes] = [SETS_ITEM, DELETES_ITEM].map(|method| facts.names.find(method));
    let targets = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
        StmtKind::Assign { target, .. } => Some((target, sets?)),
        StmtKind::Delete(target) => Some((target, deletes?)),
        _ => None,
    });
    let is_item = |target: ExprId| matches!(facts.expr(target).kind, ExprKind::Subscript { .. });
    let mut items: Vec<(ExprId, NameId)> = targets.filter(|(target, _)| is_item(*target)).collect();
    items.sort_unstable();
    items
}

fn is_lookup(facts: &FileFacts, func: ExprId) -> bool {
    matches!(facts.expr(func).kind, ExprKind::Name(name) if facts.name(name) == LOOKUP)
}

/// What becomes of the values of the expressions of a file.
struct Handed {
    /// By expression, whether it is called, or given to a call, a variable, a container or the caller.
    all: Vec<bool>,
    /// The expressions that are called, sorted.
    called: Vec<ExprId>,
    /// The variables that are set to what is looked up, by that expression.
    looked_up: Vec<(ExprId, NameId)>,
}

impl Handed {
    fn of(facts: &FileFacts) -> Handed {
        let mut all = vec![false; facts.exprs.len()];
        let mut called = Vec::new();
        for expr in &facts.exprs {
            match expr.kind {
                ExprKind::Call { func, args } => {
                    all[func.index()] = true;
                    called.push(func);
                    for arg in facts.args(args) {
                        all[arg.value.index()] = true;
                    }
                }
                ExprKind::Sequence(items)
                | ExprKind::Dict(items)
                | ExprKind::Conditional(items)
                | ExprKind::And(items)
                | ExprKind::Or(items) => {
                    for item in facts.list(items) {
                        all[item.index()] = true;
                    }
                }
                _ => {}
            }
        }
        let mut looked_up = Vec::new();
        for stmt in &facts.stmts {
            match stmt.kind {
                StmtKind::Assign { target, value: Some(value), .. } => {
                    all[value.index()] = true;
                    if let ExprKind::Name(name) = facts.expr(target).kind {
                        looked_up.push((value, name));
                    }
                }
                StmtKind::Return(Some(value)) => all[value.index()] = true,
                _ => {}
            }
        }
        called.sort_unstable();
        looked_up.retain(|(value, _)| match facts.expr(*value).kind {
            ExprKind::Call { func, .. } => is_lookup(facts, func),
            _ => false,
        });
        Handed { all, called, looked_up }
    }

    fn is(&self, expr: ExprId) -> bool {
        self.all[expr.index()]
    }

    /// Whether what an expression of a function looked up is called there, on the spot or as a variable.
    fn is_called(&self, facts: &FileFacts, function: &FunctionFact, expr: ExprId) -> bool {
        if self.called.binary_search(&expr).is_ok() {
            return true;
        }
        let set = self.looked_up.iter().filter(|(value, _)| *value == expr);
        let first = self.called.partition_point(|id| id.0 < function.exprs.start);
        let in_function = || self.called[first..].iter().take_while(|id| id.0 < function.exprs.end);
        set.into_iter().any(|(_, variable)| {
            in_function().any(|func| facts.expr(*func).kind == ExprKind::Name(*variable))
        })
    }
}
