//! Types, as far as they tell what a value is.

use std::sync::Arc;

use super::bindings::BindingId;
use super::crates::ModuleId;
use super::program::{Program, Target};
use super::tables::TableId;
use crate::facts::{ExprId, ExprKind, StmtId, StmtKind};
use crate::frameworks::{Part, last_segment};
use crate::graph::ids::ClassId;
use crate::source::FileId;

/// How many other names a type may have, one after the other.
const MAX_ALIASES: usize = 8;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Ty {
    /// What it is, its generic arguments left out.
    pub head: Head,
    /// Its generic arguments.
    pub args: Vec<Ty>,
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Head {
    /// It cannot be told.
    #[default]
    Unknown,
    /// A struct, an enum or a trait of the program.
    Class(ClassId),
    /// What a derive makes beside a struct.
    Part(TableId, Part),
    /// A type of keys that a macro declares.
    Key(BindingId),
    /// A type outside the program, by its path.
    Outside(Arc<str>),
    /// Several values.
    Tuple,
}

/// What names of types stand for in a function or a block, beside the items of its module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Around {
    /// What `Self` is.
    pub own: Option<Ty>,
    /// What the parameters of types are, as far as that is known.
    pub params: Vec<(Arc<str>, Ty)>,
}

impl Around {
    /// What a parameter of types stands for.
    pub fn param(&self, name: &str) -> Option<&Ty> {
        self.params.iter().find(|(known, _)| &**known == name).map(|(_, ty)| ty)
    }
}

impl Ty {
    /// A type of the program.
    pub fn of_class(class: ClassId) -> Ty {
        Ty { head: Head::Class(class), args: Vec::new() }
    }

    /// The type of what a derive makes.
    pub fn of_part(table: TableId, part: Part) -> Ty {
        Ty { head: Head::Part(table, part), args: Vec::new() }
    }

    /// A type of keys that a macro declares.
    pub fn of_key(id: BindingId) -> Ty {
        Ty { head: Head::Key(id), args: Vec::new() }
    }

    /// The class, where it is one of the program.
    pub fn class(&self) -> Option<ClassId> {
        match self.head {
            Head::Class(class) => Some(class),
            _ => None,
        }
    }

    /// The same, with the arguments of what it is declared to be where it has none.
    pub fn with_arguments_of(self, declared: &Ty) -> Ty {
        let is_declared = self.args.is_empty() && self.head == declared.head;
        if is_declared { declared.clone() } else { self }
    }

    /// What remains without the types that only hold it, and whether one of these shares it.
    pub fn peeled(&self, program: &Program<'_>) -> (&Ty, bool) {
        let mut ty = self;
        let mut is_shared = false;
        while let Head::Outside(path) = &ty.head {
            let last = last_segment(path);
            is_shared |= program.frameworks.is_lock(last);
            // The error of a `Result` and the like stands behind what it holds.
            match ty.args.first() {
                Some(held) if program.frameworks.is_wrapper(last) => ty = held,
                _ => break,
            }
        }
        (ty, is_shared)
    }

    /// What a list of it, or of others, holds; itself where it is no list.
    pub fn element(&self, program: &Program<'_>) -> Ty {
        let (peeled, _) = self.peeled(program);
        match (&peeled.head, peeled.args.as_slice()) {
            (Head::Outside(path), [only]) if program.frameworks.store_of_type(path).is_none() => {
                only.clone()
            }
            _ => peeled.clone(),
        }
    }
}

/// The type that an expression of types names in a module; `own` is what `Self` stands for.
pub fn ty_of(
    program: &Program<'_>,
    module: ModuleId,
    own: Option<&Ty>,
    file: FileId,
    expr: ExprId,
) -> Ty {
    let around = Around { own: own.cloned(), params: Vec::new() };
    ty_in(program, module, &around, file, expr)
}

/// The same, where names of types stand for others.
pub fn ty_in(
    program: &Program<'_>,
    module: ModuleId,
    around: &Around,
    file: FileId,
    expr: ExprId,
) -> Ty {
    read(program, module, around, file, expr, MAX_ALIASES)
}

fn read(
    program: &Program<'_>,
    module: ModuleId,
    around: &Around,
    file: FileId,
    expr: ExprId,
    aliases: usize,
) -> Ty {
    let facts = program.file(file);
    match facts.expr(expr).kind {
        ExprKind::Name(name) => match facts.name(name) {
            "Self" => around.own.clone().unwrap_or_default(),
            path => match below(program, around, path) {
                Some(ty) => ty,
                None => named(program, module, path, Vec::new(), aliases),
            },
        },
        ExprKind::Named { target, value } => match around.param(facts.name(target)) {
            Some(ty) if *ty != Ty::default() => ty.clone(),
            _ => read(program, module, around, file, value, aliases),
        },
        ExprKind::Subscript { value, index } => {
            let args = match facts.expr(index).kind {
                ExprKind::Sequence(items) => facts.list(items).to_vec(),
                _ => vec![index],
            };
            let args: Vec<Ty> =
                args.iter().map(|arg| read(program, module, around, file, *arg, aliases)).collect();
            match facts.expr(value).kind {
                ExprKind::Name(name) => named(program, module, facts.name(name), args, aliases),
                _ => Ty::default(),
            }
        }
        ExprKind::Sequence(items) => {
            let items = facts.list(items).iter();
            let args =
                items.map(|item| read(program, module, around, file, *item, aliases)).collect();
            Ty { head: Head::Tuple, args }
        }
        _ => Ty::default(),
    }
}

/// What a path leads to that is a parameter of types, or starts with one or with `Self`.
fn below(program: &Program<'_>, around: &Around, path: &str) -> Option<Ty> {
    let mut segments = path.split("::");
    let first = segments.next()?;
    let ty = match first {
        "Self" => around.own.as_ref(),
        name => around.param(name),
    };
    let mut ty = ty?.clone();
    for segment in segments {
        ty = member_type(program, ty.peeled(program).0, segment)?;
    }
    Some(ty)
}

/// The type that a type calls by a name: the derive of an entity makes others beside it, and blocks name some.
pub fn member_type(program: &Program<'_>, of: &Ty, name: &str) -> Option<Ty> {
    let beside = |class: ClassId| {
        let module = program.crates.module_of_class(class)?;
        match program.resolve(module, name) {
            (Target::Class(class), rest) if rest.is_empty() => Some(Ty::of_class(class)),
            (Target::Generated(table, part), _) => Some(Ty::of_part(table, part)),
            _ => None,
        }
    };
    match of.head {
        Head::Part(table, _) => beside(program.table(table).class?),
        Head::Class(class) => {
            let blocks = program.blocks_of(class).iter();
            let mut named = blocks.filter_map(|block| {
                let module = program.crates.module_of_class(*block)?;
                associated(program, module, *block, name)
            });
            named
                .next()
                .or_else(|| beside(class).filter(|_| program.table_of_class.contains_key(&class)))
        }
        _ => None,
    }
}

/// The type that a block calls by this name.
pub fn associated(
    program: &Program<'_>,
    module: ModuleId,
    block: ClassId,
    name: &str,
) -> Option<Ty> {
    let facts = program.file(block.file);
    let mut stmts = facts.block(program.class(block).body).iter();
    stmts.find_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Assign { target, value: Some(value), annotation: None } => {
            let is_it = program.path(block.file, target) == Some(name);
            is_it.then(|| ty_of(program, module, None, block.file, value))
        }
        _ => None,
    })
}

/// The type that another name of a type stands for, or that a static has.
pub fn ty_of_value(program: &Program<'_>, from: ModuleId, file: FileId, stmt: StmtId) -> Ty {
    let StmtKind::Assign { value, annotation, .. } = program.file(file).stmt(stmt).kind else {
        return Ty::default();
    };
    let module = program.crates.first_module_of(file).unwrap_or(from);
    match annotation.or(value) {
        Some(ty) => ty_of(program, module, None, file, ty),
        None => Ty::default(),
    }
}

fn named(program: &Program<'_>, module: ModuleId, path: &str, args: Vec<Ty>, aliases: usize) -> Ty {
    match program.resolve(module, path) {
        (Target::Class(class), rest) if rest.is_empty() => Ty { head: Head::Class(class), args },
        (Target::Generated(table, part), _) => Ty { head: Head::Part(table, part), args },
        (Target::Key(id), _) => Ty { head: Head::Key(id), args },
        (Target::Value(file, stmt), _) => {
            // `type X<T> = Arc<Cache<i32, T>>;`
            let StmtKind::Assign { value: Some(value), annotation: None, .. } =
                program.file(file).stmt(stmt).kind
            else {
                return Ty::default();
            };
            let Some(aliases) = aliases.checked_sub(1) else { return Ty::default() };
            let home = program.crates.first_module_of(file).unwrap_or(module);
            let meant = read(program, home, &Around::default(), file, value, aliases);
            fill_in(meant, args)
        }
        (Target::Outside(path), _) => Ty { head: Head::Outside(path.into()), args },
        _ => Ty::default(),
    }
}

/// A type of another name, whose parameter takes the last argument where it has one.
fn fill_in(mut meant: Ty, args: Vec<Ty>) -> Ty {
    if let Some(last) = args.into_iter().last() {
        let mut at = &mut meant;
        while !at.args.is_empty() {
            let end = at.args.len() - 1;
            at = &mut at.args[end];
        }
        if matches!(&at.head, Head::Outside(path) if !path.contains("::") && path.len() <= 2) {
            *at = last;
        }
    }
    meant
}
