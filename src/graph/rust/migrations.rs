//! Foreign keys that migrations in code declare: by builders, and in SQL texts.

use rustc_hash::FxHashMap;

use super::attributes::attributes;
use super::crates::ModuleId;
use super::eval::snake_case;
use super::program::{Program, Target};
use super::schema::{Action, ForeignKey, apply_text};
use crate::facts::{ArgList, ClassKind, ExprId, ExprKind, StmtKind};
use crate::frameworks::{Part, SchemaCode, last_segment};
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::{FileId, Role};

/// Changes the foreign keys as the migrations of a program do, in the order of their files.
pub fn apply(program: &Program<'_>, keys: &mut Vec<ForeignKey>) {
    let functions: Vec<FunctionId> = program.functions().collect();
    for function in functions {
        let name = program.function_name(function);
        let goes_back =
            program.frameworks.schemas.iter().any(|schema| schema.undo.iter().any(|it| it == name));
        if program.role(function.file) == Role::Migration && !goes_back {
            of_function(program, function, keys);
        }
    }
}

fn of_function(program: &Program<'_>, function: FunctionId, keys: &mut Vec<ForeignKey>) {
    let Some(module) = program.crates.module_of_function(function) else { return };
    let file = function.file;
    let facts = program.file(file);
    let range = program.function(function).exprs;
    let ids = || (range.start..range.end).map(ExprId);
    // The next link of a chain: the call of a method on a value.
    let mut members: FxHashMap<ExprId, ExprId> = FxHashMap::default();
    let mut calls: FxHashMap<ExprId, ExprId> = FxHashMap::default();
    for id in ids() {
        match facts.expr(id).kind {
            ExprKind::Attribute { value, .. } => {
                members.insert(value, id);
            }
            ExprKind::Call { func, .. } => {
                calls.insert(func, id);
            }
            _ => {}
        }
    }
    for id in ids() {
        match facts.expr(id).kind {
            ExprKind::Str(text) => apply_text(facts.name(text), keys),
            ExprKind::Call { func, .. } => {
                let Some(path) = program.path(file, func) else { continue };
                let builds =
                    |it: &&SchemaCode| it.foreign_keys.iter().any(|known| ends_with(path, known));
                let Some(schema) = program.frameworks.schemas.iter().find(builds) else { continue };
                let mut at = id;
                let mut links = std::iter::from_fn(|| {
                    let member = *members.get(&at)?;
                    at = *calls.get(&member)?;
                    let ExprKind::Attribute { attr, .. } = facts.expr(member).kind else {
                        return None;
                    };
                    let ExprKind::Call { args, .. } = facts.expr(at).kind else { return None };
                    Some((facts.name(attr), args))
                });
                let names = Names { program, schema, module, file };
                keys.extend(names.declared(&mut links));
            }
            _ => {}
        }
    }
}

/// What names of tables and columns mean in a module.
struct Names<'p, 'a> {
    program: &'p Program<'a>,
    schema: &'p SchemaCode,
    module: ModuleId,
    file: FileId,
}

impl Names<'_, '_> {
    /// The foreign key that a chain of calls builds.
    fn declared(&self, links: &mut dyn Iterator<Item = (&'_ str, ArgList)>) -> Option<ForeignKey> {
        let facts = self.program.file(self.file);
        let schema = self.schema;
        let (mut table, mut column, mut target) = (None, None, None);
        let mut action = Action::Refuses;
        let mut name = None;
        for (method, args) in links {
            let mut args = facts.args(args).iter().map(|arg| arg.value);
            let is = |known: &[String]| known.iter().any(|known| known == method);
            if is(&schema.from) {
                table = args.next().and_then(|it| self.named(it));
                column = args.next().and_then(|it| self.named(it));
            } else if is(&schema.from_table) {
                table = args.next().and_then(|it| self.named(it));
            } else if is(&schema.from_column) {
                column = args.next().and_then(|it| self.named(it));
            } else if is(&schema.to) {
                target = args.next().and_then(|it| self.named(it));
            } else if is(&schema.on_delete) {
                let said = args.next().and_then(|it| self.program.path(self.file, it));
                let said = said.map_or("", last_segment);
                action = match said {
                    said if schema.deletes.iter().any(|known| known == said) => Action::Deletes,
                    said if schema.sets.iter().any(|known| known == said) => Action::Sets,
                    _ => Action::Refuses,
                };
            } else if is(&schema.name) {
                name = args.next().and_then(|it| self.named(it));
            }
        }
        Some(ForeignKey { table: table?, column: column?, target: target?, action, name })
    }

    /// The name of a table or a column in the database, by what code has for it.
    fn named(&self, expr: ExprId) -> Option<String> {
        let facts = self.program.file(self.file);
        match facts.expr(expr).kind {
            ExprKind::Str(text) => Some(facts.name(text).to_lowercase()),
            // Of several columns the first one tells enough; and so does what a name is made of.
            ExprKind::Sequence(items) => self.named(*facts.list(items).first()?),
            ExprKind::Call { args, .. } => self.named(facts.args(args).first()?.value),
            ExprKind::Name(name) => {
                let path = facts.name(name);
                match self.program.resolve(self.module, path) {
                    (Target::Generated(table, Part::Entity), _) => {
                        Some(self.program.table(table).name.clone())
                    }
                    (Target::Generated(_, Part::Columns), rest) => {
                        Some(snake_case(rest.last().copied().unwrap_or(last_segment(path))))
                    }
                    (Target::Class(class), rest) => {
                        self.variant(class, rest.last().copied().unwrap_or(last_segment(path)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What a variant of an enum of names stands for: what an attribute says, else its name; a table is
    /// named like the enum.
    fn variant(&self, class: ClassId, variant: &str) -> Option<String> {
        let program = self.program;
        if program.class(class).kind != ClassKind::Enum {
            return None;
        }
        let facts = program.file(class.file);
        let said = |exprs: &[ExprId]| {
            let mut all = attributes(program, class.file, exprs).into_iter();
            all.find_map(|attribute| {
                let argument = self.schema.renames.get(attribute.path)?;
                let text = match argument.as_str() {
                    // `#[iden = "users"]`
                    "" => attribute.first_text(program, class.file),
                    argument => attribute.text(program, class.file, argument),
                };
                text.map(str::to_lowercase)
            })
        };
        let stmts = facts.block(program.class(class).body).iter();
        let mut own = stmts.filter_map(|stmt| match facts.stmt(*stmt).kind {
            StmtKind::Assign { target, value: Some(value), .. } => {
                let is_it = program.path(class.file, target) == Some(variant);
                match facts.expr(value).kind {
                    ExprKind::Sequence(items) if is_it => Some(said(facts.list(items))),
                    _ => None,
                }
            }
            _ => None,
        });
        if let Some(said) = own.next().flatten() {
            return Some(said);
        }
        if variant != self.schema.table_variant {
            return Some(snake_case(variant));
        }
        let of_enum = said(&program.class(class).decorators);
        Some(of_enum.unwrap_or_else(|| snake_case(program.class_name(class))))
    }
}

/// Whether a path ends in another one.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}
