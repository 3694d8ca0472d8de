//! Which functions are worth running: those from which a store or rows can be reached, going by names.

use rustc_hash::{FxHashMap, FxHashSet};

use super::program::{Program, Target};
use super::types::{Head, Ty, ty_of};
use crate::facts::{ClassKind, ExprId, ExprKind, NameId, Scope, StmtKind};
use crate::frameworks::{Holder, last_segment};
use crate::graph::ids::FunctionId;
use crate::source::{FileId, Role};

/// How many calls away from a store or from rows functions are run.
const MAX_LEVELS: usize = 6;
/// A name that more functions than this have says too little about which one is called.
const COMMON: usize = 12;

/// The functions worth running, and where stores are.
#[derive(Debug, Default)]
pub struct Relevance {
    /// In source order.
    pub functions: Vec<FunctionId>,
    all: FxHashSet<FunctionId>,
}

impl Relevance {
    /// Finds them; none where the program has no store.
    pub fn of(program: &Program<'_>) -> Relevance {
        let names = Names::of(program);
        if names.is_empty() {
            return Relevance::default();
        }
        let forms = program.macro_forms();
        let functions: Vec<FunctionId> = program.functions().chain(forms).collect();
        let mut by_mention: FxHashMap<&str, Vec<FunctionId>> = FxHashMap::default();
        let mut definitions: FxHashMap<&str, usize> = FxHashMap::default();
        for &function in &functions {
            *definitions.entry(program.function_name(function)).or_default() += 1;
            let facts = program.file(function.file);
            for mention in &program.function(function).mentions {
                by_mention.entry(facts.name(*mention)).or_default().push(function);
            }
        }
        let mut known: FxHashMap<(FileId, NameId), bool> = FxHashMap::default();
        let mut open: Vec<FunctionId> = functions
            .iter()
            .copied()
            .filter(|function| names.are_in(program, *function, &mut known))
            .collect();
        let mut all: FxHashSet<FunctionId> = open.iter().copied().collect();
        for _ in 0..MAX_LEVELS {
            for function in std::mem::take(&mut open) {
                let name = program.function_name(function).trim_end_matches('!');
                if definitions.get(name).is_some_and(|count| *count > COMMON) {
                    continue;
                }
                let users = by_mention.get(name).map_or(&[][..], Vec::as_slice);
                open.extend(users.iter().copied().filter(|user| all.insert(*user)));
            }
        }
        let functions = program.functions().filter(|function| all.contains(function)).collect();
        Relevance { functions, all }
    }

    /// Whether a store or rows can be reached from a function.
    pub fn has(&self, function: FunctionId) -> bool {
        self.all.contains(&function)
    }
}

/// By what names code gets at stores.
struct Names<'a> {
    /// Fields and statics that hold one, and statics of memoised functions.
    holders: FxHashSet<&'a str>,
    /// Fields and statics that hold an end of a channel: who receives what is sent may reach a store.
    channels: FxHashSet<&'a str>,
    /// Statics of memoised functions.
    memoised: FxHashSet<String>,
    /// The methods of stores that are one for all.
    methods: FxHashSet<&'a str>,
    /// The files that name such a store.
    files: FxHashSet<FileId>,
    /// Whether there are types of keys that tell a store.
    has_keys: bool,
    /// Names of types by which functions are given one.
    types: FxHashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(program: &Program<'a>) -> Names<'a> {
        let words = program.frameworks.store_words();
        let mut names = Names {
            holders: FxHashSet::default(),
            channels: FxHashSet::default(),
            memoised: FxHashSet::default(),
            methods: program.frameworks.methods_of_single_stores().collect(),
            files: FxHashSet::default(),
            has_keys: !program.bindings.is_empty(),
            types: FxHashSet::default(),
        };
        let mut called: FxHashSet<&'a str> = words.iter().map(|word| last_segment(word)).collect();
        for at in 0..program.facts.len() as u32 {
            let file = FileId(at);
            let facts = program.file(file);
            if program.role(file) == Role::Test || facts.body.is_empty() {
                continue;
            }
            let crates = program.frameworks.crates_of_single_stores();
            if crates.iter().any(|name| facts.names.may_have(name)) {
                names.files.insert(file);
            }
            let Some(module) = program.crates.first_module_of(file) else { continue };
            // Types may have other names, but then in a file that this one imports.
            let may_hold =
                words.iter().any(|word| facts.names.may_have(word)) || !facts.classes.is_empty();
            if !may_hold {
                continue;
            }
            for (ix, class) in facts.classes.iter().enumerate() {
                if class.kind != ClassKind::Struct && class.kind != ClassKind::Enum {
                    continue;
                }
                let id = crate::graph::ids::ClassId { file, ix: crate::facts::ClassIx(ix as u32) };
                let module = program.crates.module_of_class(id).unwrap_or(module);
                for &stmt in facts.block(class.body) {
                    if let StmtKind::Assign { target, annotation: Some(annotation), .. } =
                        facts.stmt(stmt).kind
                        && let ExprKind::Name(name) = facts.expr(target).kind
                    {
                        let ty = ty_of(program, module, None, file, annotation);
                        names.add(program, facts.name(name), &ty, Holder::Owned);
                    }
                }
            }
            for stmt in &facts.stmts {
                // `type Users = Cache<i64, User>;`
                if let StmtKind::Assign { target, annotation: None, value: Some(value) } = stmt.kind
                    && let ExprKind::Name(name) = facts.expr(target).kind
                    && facts.name(name).starts_with(char::is_uppercase)
                {
                    let ty = ty_of(program, module, None, file, value);
                    if holds_store(program, &ty, Holder::Nobody) {
                        called.insert(facts.name(name));
                    }
                }
                if let StmtKind::Assign { target, annotation: Some(annotation), value: Some(_) } =
                    stmt.kind
                    && let ExprKind::Name(name) = facts.expr(target).kind
                    && facts.name(name).chars().all(|c| !c.is_lowercase())
                {
                    let ty = ty_of(program, module, None, file, annotation);
                    names.add(program, facts.name(name), &ty, Holder::Shared);
                }
            }
        }
        names.memoised.extend(program.memoising_statics().map(str::to_owned));
        names.add_types(program, &called);
        names
    }

    /// Adds what the types are called by which functions are given a store.
    fn add_types(&mut self, program: &Program<'a>, called: &FxHashSet<&'a str>) {
        for at in 0..program.facts.len() as u32 {
            let file = FileId(at);
            let facts = program.file(file);
            if program.role(file) == Role::Test {
                continue;
            }
            let Some(module) = program.crates.first_module_of(file) else { continue };
            let params = facts.functions.iter().flat_map(|function| &function.params);
            for annotation in params.filter_map(|param| param.annotation) {
                let mut open = vec![annotation];
                while let Some(expr) = open.pop() {
                    if let ExprKind::Name(name) = facts.expr(expr).kind {
                        let last = last_segment(facts.name(name));
                        if called.contains(last)
                            && !self.types.contains(last)
                            && holds_store(
                                program,
                                &ty_of(program, module, None, file, annotation),
                                Holder::Nobody,
                            )
                        {
                            self.types.insert(last);
                        }
                    }
                    facts.parts_of(expr, &mut open);
                }
            }
        }
    }

    /// Adds the name of a field or a static of a type, where that matters.
    fn add(&mut self, program: &Program<'_>, name: &'a str, ty: &Ty, holder: Holder) {
        if holds_store(program, ty, holder) {
            self.holders.insert(name);
        }
        if holds_channel(program, ty) {
            self.channels.insert(name);
        }
    }

    fn is_empty(&self) -> bool {
        self.holders.is_empty()
            && self.types.is_empty()
            && self.memoised.is_empty()
            && self.files.is_empty()
            && !self.has_keys
    }

    /// Whether a function names something that leads to a store or to rows.
    fn are_in(
        &self,
        program: &Program<'_>,
        function: FunctionId,
        known: &mut FxHashMap<(FileId, NameId), bool>,
    ) -> bool {
        let file = function.file;
        let facts = program.file(file);
        let fact = program.function(function);
        if program.memoised(function).is_some() {
            return true;
        }
        let in_file = self.files.contains(&file);
        let has_tables = !program.tables.is_empty();
        // What a parameter of types does matters where it may be an entity.
        let generics = match program.table_of_class.is_empty() {
            true => Vec::new(),
            false => bounded(program, function),
        };
        let mut is_it = |expr: ExprKind| match expr {
            ExprKind::Name(name) => {
                let text = facts.name(name);
                let last = last_segment(text);
                is_below(&generics, text)
                    || self.holders.contains(last)
                    || self.types.contains(last)
                    || self.channels.contains(last)
                    || self.memoised.contains(last)
                    || *known
                        .entry((file, name))
                        .or_insert_with(|| is_of_rows(program, function, text))
            }
            ExprKind::Attribute { attr, .. } => {
                let attr = facts.name(attr);
                self.holders.contains(attr)
                    || self.channels.contains(attr)
                    || has_tables && program.frameworks.is_sql_method(attr)
                    || has_tables
                        && (program.frameworks.reads_sql(attr)
                            || program.frameworks.prepares_sql(attr))
                    || !generics.is_empty() && program.frameworks.writes(attr)
                    || in_file && self.methods.contains(attr)
            }
            _ => false,
        };
        if facts.exprs_of(fact).iter().any(|expr| is_it(expr.kind)) {
            return true;
        }
        let annotations =
            fact.params.iter().filter_map(|param| param.annotation).chain(fact.returns);
        let mut open: Vec<ExprId> = annotations.collect();
        while let Some(expr) = open.pop() {
            if is_it(facts.expr(expr).kind) {
                return true;
            }
            facts.parts_of(expr, &mut open);
        }
        false
    }
}

/// The parameters of types in sight of a function whose types have a trait out of sight.
fn bounded<'a>(program: &Program<'a>, function: FunctionId) -> Vec<&'a str> {
    let facts = program.file(function.file);
    let block = match program.function(function).scope {
        Scope::Class(ix) => facts.class(ix).generics.as_slice(),
        Scope::Module | Scope::Function(_) => &[],
    };
    let all = program.function(function).generics.iter().chain(block);
    all.filter(|it| it.bound.is_some()).map(|it| facts.name(it.name)).collect()
}

/// Whether a path goes on from one of some names.
fn is_below(names: &[&str], path: &str) -> bool {
    let below = |name: &&str| path.strip_prefix(*name).is_some_and(|it| it.starts_with("::"));
    names.iter().any(below)
}

/// Whether a path, seen from a function, names rows of a table, or what reads or writes them.
fn is_of_rows(program: &Program<'_>, function: FunctionId, path: &str) -> bool {
    let Some(module) = program.crates.module_of_function(function) else { return false };
    let target = program.resolve(module, path.trim_end_matches('!')).0;
    if super::bindings::is_bound(program, &target) {
        return true;
    }
    match target {
        Target::Generated(..) => true,
        Target::Class(class) => program.table_of_class.contains_key(&class),
        Target::Outside(meant) => {
            let frameworks = program.frameworks;
            frameworks.write_function(&meant).is_some()
                || frameworks.command_store(&meant).is_some()
                || frameworks.store_of_type(&meant).is_some_and(|kind| frameworks.is_keyed(kind))
                || super::calls::takes_sql(program, module, path)
        }
        _ => false,
    }
}

/// Whether a type is an end of a channel, or holds one.
fn holds_channel(program: &Program<'_>, ty: &Ty) -> bool {
    let (peeled, _) = ty.peeled(program);
    let Head::Outside(path) = &peeled.head else { return false };
    program.frameworks.is_channel(path) || peeled.args.iter().any(|arg| holds_channel(program, arg))
}

/// Whether a type is a store, or holds one.
fn holds_store(program: &Program<'_>, ty: &Ty, holder: Holder) -> bool {
    let (peeled, is_shared) = ty.peeled(program);
    let Head::Outside(path) = &peeled.head else { return false };
    let frameworks = program.frameworks;
    match frameworks.store_of_type(path) {
        Some(kind) => {
            let holder = holder.within(is_shared, !std::ptr::eq(peeled, ty));
            frameworks.is_cache_in(kind, path, holder)
        }
        None => peeled.args.iter().any(|arg| holds_store(program, arg, holder)),
    }
}
