//! Which names may stand for a store, going by spelling alone, and the functions near them.

mod given;

use rayon::prelude::*;

use super::ids::FunctionId;
use super::interp::GETATTR;
use super::program::{Program, last_name_id};
use super::vocabulary::{WordId, Words};
use crate::facts::{ExprId, ExprKind, ExprRange, FileFacts, FunctionIx, NameId, StmtKind};
use crate::frameworks::{Frameworks, MethodEffect};
use crate::source::FileId;
use given::Gift;

/// How many statements a function has at the most that does no more than return a store.
const SMALL: usize = 6;

/// The production functions in which a method of a store that writes is called on something that may
/// be a store.
pub fn functions_near_stores(program: &Program<'_>) -> Vec<FunctionId> {
    let Program { frameworks, vocabulary, .. } = program;
    let named = vocabulary.filter(|name| frameworks.names_store(name));
    let mut outright = vocabulary.select(frameworks.store_words());
    outright.extend(&named);
    let mut spelled = vocabulary.filter(|name| match name.strip_prefix("get_") {
        Some(held) => frameworks.names_store(held),
        None => false,
    });
    spelled.extend(&outright);
    let writing = vocabulary.select(frameworks.store_writers());
    let production = |files: Vec<FileId>| {
        let files = files.into_par_iter();
        files.filter(|file| program.is_production(*file)).collect::<Vec<FileId>>()
    };
    let near = production(vocabulary.files_with_any_of(&outright));
    let (handed, gifts): (Vec<Vec<WordId>>, Vec<Vec<Gift>>) = near
        .par_iter()
        .map(|file| {
            let stores = Stores::of(program, *file, &spelled, &[]);
            (handed_on(program, *file, &stores), given::gifts(&stores))
        })
        .unzip();
    let given = given::names(program, gifts.into_iter().flatten());
    let mut near = outright;
    for word in handed.into_iter().flatten() {
        near.insert(word);
        spelled.insert(word);
    }
    let mut files = vocabulary.files_with_any_of(&near);
    files.extend(given.keys());
    files.sort_unstable();
    files.dedup();
    production(files)
        .into_par_iter()
        .flat_map_iter(|file| {
            let given = given.get(&file).map_or(&[][..], Vec::as_slice);
            let stores = Stores::of(program, file, &spelled, given);
            let found = functions_near(program, file, &stores, &writing);
            found.into_iter().map(move |ix| FunctionId { file, ix })
        })
        .collect()
}

/// The names by which other files may get at the stores of a file: variables and attributes that hold
/// one or what is made with one (`box = Box(cache)`), and small functions that return one.
fn handed_on(program: &Program<'_>, file: FileId, stores: &Stores<'_>) -> Vec<WordId> {
    let facts = stores.facts;
    let mut handed: Vec<NameId> = Vec::new();
    let mut returned: Vec<ExprId> = Vec::new();
    let shared = Shared::of(facts);
    for stmt in &facts.stmts {
        match stmt.kind {
            StmtKind::Assign { target, value: Some(value), .. } if shared.has(target) => {
                let made_with = match facts.expr(value).kind {
                    ExprKind::Call { func, args } if makes_object(facts, func) => {
                        facts.args(args).iter().any(|arg| match facts.expr(arg.value).kind {
                            ExprKind::Lambda(ix) => stores.are_returned_by(ix),
                            _ => {
                                last_name_id(facts, arg.value).is_some_and(|name| stores.has(name))
                            }
                        }) || stores.stand_behind(func)
                    }
                    _ => false,
                };
                if made_with || stores.lead_to(value) {
                    handed.extend(last_name_id(facts, target));
                }
            }
            StmtKind::Return(Some(value)) if stores.lead_to(value) => returned.push(value),
            _ => {}
        }
    }
    returned.sort_unstable();
    let functions = facts.functions.iter().filter(|function| {
        facts.block(function.body).len() <= SMALL && function.exprs.has_any_of(&returned)
    });
    let handed = handed.into_iter().chain(functions.map(|function| function.name));
    let named = handed.filter(|name| !facts.name(*name).is_empty());
    named.map(|name| program.vocabulary.of_file(file)[name.index()]).collect()
}

/// Whether what is called is a class, going by its name.
fn makes_object(facts: &FileFacts, func: ExprId) -> bool {
    let name = last_name_id(facts, func).map_or("", |name| facts.name(name));
    name.trim_start_matches('_').starts_with(char::is_uppercase)
}

/// What other files can see of what a file assigns: all but the local variables of functions.
struct Shared<'a> {
    facts: &'a FileFacts,
    /// Names that some function declares as `global` or `nonlocal`.
    outer: Vec<NameId>,
    /// The bodies of functions that stand in no other, in source order.
    bodies: Vec<ExprRange>,
}

impl<'a> Shared<'a> {
    fn of(facts: &'a FileFacts) -> Shared<'a> {
        let outer = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
            StmtKind::Outer(name) => Some(name),
            _ => None,
        });
        Shared { facts, outer: outer.collect(), bodies: facts.outer_bodies() }
    }

    fn has(&self, target: ExprId) -> bool {
        let mut root = target;
        while let ExprKind::Subscript { value, .. } = self.facts.expr(root).kind {
            root = value;
        }
        let ExprKind::Name(name) = self.facts.expr(root).kind else { return true };
        let at = self.bodies.partition_point(|body| body.end <= root.0);
        let is_local = self.bodies.get(at).is_some_and(|body| body.start <= root.0);
        !is_local || self.outer.contains(&name)
    }
}

/// The functions of a file that take a writing method from something that may be a store.
fn functions_near(
    program: &Program<'_>,
    file: FileId,
    stores: &Stores<'_>,
    writing: &Words,
) -> Vec<FunctionIx> {
    let facts = stores.facts;
    let writes = |kind: ExprKind| match kind {
        ExprKind::Attribute { value, attr } => {
            program.vocabulary.is_one_of(writing, file, attr) && stores.lead_to(value)
        }
        _ => false,
    };
    let exprs = facts.exprs.iter().enumerate();
    let writing: Vec<ExprId> =
        exprs.filter(|(_, expr)| writes(expr.kind)).map(|(at, _)| ExprId(at as u32)).collect();
    let functions = facts.functions.iter().enumerate();
    functions
        // A lambda is run by the function round it.
        .filter(|(_, function)| !facts.name(function.name).is_empty())
        .filter(|(_, function)| function.exprs.has_any_of(&writing))
        .map(|(ix, _)| FunctionIx(ix as u32))
        .collect()
}

/// The names of a file that may be those of a store: by convention, by where they are imported from,
/// or by what is assigned to them.
struct Stores<'a> {
    facts: &'a FileFacts,
    frameworks: &'a Frameworks,
    /// By the id of a name, whether it is one.
    is_store: Vec<bool>,
}

impl<'a> Stores<'a> {
    /// Finds the names; `spelled` are those that mean a store in every file, `given` those that do in this one.
    fn of(program: &Program<'a>, file: FileId, spelled: &Words, given: &[NameId]) -> Stores<'a> {
        let facts = program.file(file);
        let words = program.vocabulary.of_file(file).iter();
        let is_store = words.map(|word| spelled.has(*word)).collect();
        let mut stores = Stores { facts, frameworks: program.frameworks, is_store };
        let params = facts.functions.iter().flat_map(|function| &function.params);
        let told = |expr: Option<ExprId>| expr.is_some_and(|expr| stores.lead_to(expr));
        let mut named: Vec<NameId> = params
            .filter(|param| told(param.annotation) || told(param.default))
            .map(|param| param.name)
            .collect();
        named.extend(given);
        let fields = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
            StmtKind::Assign { target, annotation: Some(annotation), .. } => {
                last_name_id(facts, target).filter(|_| stores.lead_to(annotation))
            }
            _ => None,
        });
        named.extend(fields);
        for name in named {
            stores.add(name);
        }
        // A name may be assigned from one that is assigned further down.
        for _ in 0..2 {
            stores.follow_assignments();
        }
        stores
    }

    fn follow_assignments(&mut self) {
        let facts = self.facts;
        for stmt in &facts.stmts {
            let (target, value) = match stmt.kind {
                StmtKind::ImportFrom { member, name, .. } => {
                    if self.has(member) {
                        self.add(name);
                    }
                    continue;
                }
                StmtKind::Assign { target, value: Some(value), .. } => (target, value),
                StmtKind::With { context, target: Some(target), .. } => (target, context),
                StmtKind::For { target, iter, .. } => (target, iter),
                _ => continue,
            };
            if self.lead_to(value)
                && let Some(name) = last_name_id(facts, target)
            {
                self.add(name);
            }
        }
        for expr in &facts.exprs {
            match expr.kind {
                ExprKind::Named { target, value } if self.lead_to(value) => {
                    self.add(target);
                }
                ExprKind::Clause(parts) => {
                    if let [target, iter, ..] = facts.list(parts)
                        && self.lead_to(*iter)
                        && let Some(name) = last_name_id(facts, *target)
                    {
                        self.add(name);
                    }
                }
                _ => {}
            }
        }
    }

    fn has(&self, name: NameId) -> bool {
        self.is_store[name.index()]
    }

    fn add(&mut self, name: NameId) {
        self.is_store[name.index()] = true;
    }

    /// Whether an expression starts from, or passes, one of the names: `client` of
    /// `client.pipeline()`. What a store returns of its entries is none.
    fn lead_to(&self, expr: ExprId) -> bool {
        match self.facts.expr(expr).kind {
            ExprKind::Name(name) => self.has(name),
            ExprKind::Attribute { value, attr } => self.has(attr) || self.lead_to(value),
            ExprKind::Call { func, .. } => !self.is_of_entries(func) && self.lead_to(func),
            ExprKind::Subscript { value, .. } => self.lead_to(value),
            ExprKind::Conditional(parts) | ExprKind::Or(parts) | ExprKind::And(parts) => {
                self.facts.list(parts).iter().any(|part| self.lead_to(*part))
            }
            _ => false,
        }
    }

    /// Whether a lambda returns something that starts from one.
    fn are_returned_by(&self, lambda: FunctionIx) -> bool {
        let body = self.facts.block(self.facts.function(lambda).body);
        body.iter().any(|stmt| match self.facts.stmt(*stmt).kind {
            StmtKind::Return(Some(value)) => self.lead_to(value),
            _ => false,
        })
    }

    /// Whether what is called is a class of the file whose instances stand for one that a method of it gets.
    fn stand_behind(&self, func: ExprId) -> bool {
        let facts = self.facts;
        let Some(name) = last_name_id(facts, func) else { return false };
        let Some(class) = facts.classes.iter().find(|class| class.name == name) else {
            return false;
        };
        let is_getter =
            |name: &str| name == GETATTR || self.frameworks.setups().any(|setup| setup == name);
        let methods = class.methods.iter().map(|ix| facts.function(*ix));
        let mut getters = methods.filter(|function| is_getter(facts.name(function.name)));
        getters.any(|function| function.exprs.ids().any(|id| self.lead_to(id)))
    }

    /// Whether what is called is a method by which stores return or change entries.
    fn is_of_entries(&self, func: ExprId) -> bool {
        let ExprKind::Attribute { attr, .. } = self.facts.expr(func).kind else { return false };
        let method = self.frameworks.any_store_method(self.facts.name(attr));
        method.is_some_and(|method| method.does != MethodEffect::Same)
    }
}
