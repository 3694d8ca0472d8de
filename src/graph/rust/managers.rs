//! Types that say that a manager caches their rows.

use super::attributes::{Attribute, attributes};
use super::program::{Program, Target};
use crate::facts::{ArgKind, ClassIx, ClassKind, ExprId, ExprKind, StmtKind};
use crate::frameworks::last_segment;
use crate::graph::examples::Held;
use crate::graph::ids::ClassId;
use crate::source::{FileId, Location, Role};

/// A type whose rows a manager caches.
#[derive(Debug)]
pub struct Managed {
    /// The type.
    pub class: ClassId,
    /// The manager as the source names it.
    pub manager: String,
    /// The field, the constant, the static or the attribute that says so.
    pub by: String,
    /// Where it says so.
    pub location: Location,
    /// What holds the manager, where code can get at it there.
    pub held: Option<Held>,
}

/// Finds the types that one of `managers` caches, by name or path.
pub fn find(program: &Program<'_>, managers: &[String]) -> Vec<Managed> {
    let mut found: Vec<Managed> = Vec::new();
    for at in 0..program.facts.len() as u32 {
        let file = FileId(at);
        if program.role(file) != Role::Production || !program.crates.is_linked(file) {
            continue;
        }
        let facts = program.file(file);
        for ix in 0..facts.classes.len() as u32 {
            let class = ClassId { file, ix: ClassIx(ix) };
            let Some(module) = program.crates.module_of_class(class) else { continue };
            let search = Search { program, managers, module };
            match program.class(class).kind {
                ClassKind::Struct | ClassKind::Enum => search.in_type(class, &mut found),
                ClassKind::Impl => search.in_block(class, &mut found),
                ClassKind::Class | ClassKind::Trait | ClassKind::Module => {}
            }
        }
        if let Some(module) = program.crates.first_module_of(file) {
            let search = Search { program, managers, module };
            for stmt in &facts.stmts {
                if let StmtKind::Assign { target, annotation: Some(annotation), .. } = stmt.kind {
                    search.of_static(file, target, annotation, &mut found);
                }
            }
        }
    }
    found.sort_by_key(|managed| (managed.class, managed.location));
    found.dedup_by_key(|managed| managed.class);
    found
}

struct Search<'s, 'a> {
    program: &'s Program<'a>,
    managers: &'s [String],
    module: super::crates::ModuleId,
}

impl Search<'_, '_> {
    /// Whether a path names one of the managers.
    fn is_manager(&self, path: &str) -> bool {
        let last = last_segment(path);
        let named = |known: &String| known == last || known.replace('.', "::") == path;
        self.managers.iter().any(named)
            || match self.program.resolve(self.module, path).0 {
                Target::Class(class) => {
                    self.managers.iter().any(|known| known == self.program.class_name(class))
                }
                _ => false,
            }
    }

    /// The manager in a type expression, with its generic arguments: `Arc<CacheManager<User>>`.
    fn manager_in(&self, file: FileId, expr: ExprId) -> Option<(String, Vec<ExprId>)> {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => {
                let path = facts.name(name);
                self.is_manager(path).then(|| (path.to_owned(), Vec::new()))
            }
            ExprKind::Subscript { value, index } => {
                let args = match facts.expr(index).kind {
                    ExprKind::Sequence(items) => facts.list(items).to_vec(),
                    _ => vec![index],
                };
                match facts.expr(value).kind {
                    ExprKind::Name(name) if self.is_manager(facts.name(name)) => {
                        Some((facts.name(name).to_owned(), args))
                    }
                    _ => args.iter().find_map(|arg| self.manager_in(file, *arg)),
                }
            }
            _ => None,
        }
    }

    /// The type that generic arguments name; `own` where they say `Self`, or name none.
    fn model_of(&self, file: FileId, args: &[ExprId], own: Option<ClassId>) -> Option<ClassId> {
        let named = args.iter().find_map(|arg| {
            let facts = self.program.file(file);
            match facts.expr(*arg).kind {
                ExprKind::Name(name) if facts.name(name) == "Self" => own,
                ExprKind::Name(name) => match self.program.resolve(self.module, facts.name(name)).0
                {
                    Target::Class(class) => Some(class),
                    Target::Generated(table, _) => self.program.table(table).class,
                    _ => None,
                },
                _ => None,
            }
        });
        named.or(own.filter(|_| args.is_empty()))
    }

    /// A type by its attributes and its fields.
    fn in_type(&self, class: ClassId, found: &mut Vec<Managed>) {
        let program = self.program;
        let facts = program.file(class.file);
        let decorators = &program.class(class).decorators;
        for attribute in attributes(program, class.file, decorators) {
            if let Some((manager, location)) = self.in_attribute(class.file, &attribute) {
                let by = attribute.last().to_owned();
                found.push(Managed { class, manager, by, location, held: None });
            }
        }
        for &stmt in facts.block(program.class(class).body) {
            let StmtKind::Assign { target, annotation: Some(annotation), .. } =
                facts.stmt(stmt).kind
            else {
                continue;
            };
            // A field that holds the manager of another type is no more than where that one is kept.
            let Some((manager, args)) = self.manager_in(class.file, annotation) else { continue };
            if args.is_empty() && !program.table_of_class.contains_key(&class) {
                // A value that happens to hold something of this name is no row.
                continue;
            }
            let Some(model) = self.model_of(class.file, &args, Some(class)) else { continue };
            let span = facts.expr(target).span;
            found.push(Managed {
                class: model,
                manager,
                by: self.name_of(class.file, target),
                location: Location { file: class.file, span },
                held: (model == class).then_some(Held::Field(Location { file: class.file, span })),
            });
        }
    }

    /// `#[cached(manager = "CacheManager<User>")]`
    fn in_attribute(&self, file: FileId, attribute: &Attribute<'_>) -> Option<(String, Location)> {
        let facts = self.program.file(file);
        attribute.keywords(self.program, file).into_iter().find_map(|(key, value)| {
            if !self.program.frameworks.is_manager_argument(key) {
                return None;
            }
            let text = match facts.expr(value).kind {
                ExprKind::Str(text) => facts.name(text),
                _ => self.program.path(file, value)?,
            };
            let path = text.split('<').next().unwrap_or(text).trim();
            let location = Location { file, span: facts.expr(value).span };
            self.is_manager(path).then(|| (path.to_owned(), location))
        })
    }

    /// `impl CacheManager for T`, an associated type, or a constant.
    fn in_block(&self, block: ClassId, found: &mut Vec<Managed>) {
        let program = self.program;
        let facts = program.file(block.file);
        let bases = facts.args(program.class(block).bases);
        let Some(of) = bases.first() else { return };
        let Some(class) = self.model_of(block.file, &[of.value], None) else { return };
        let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)));
        if let Some(of_trait) = of_trait
            && let Some((manager, _)) = self.manager_in(block.file, of_trait.value)
        {
            let location = Location { file: block.file, span: facts.expr(of_trait.value).span };
            found.push(Managed { class, by: manager.clone(), manager, location, held: None });
        }
        for &stmt in facts.block(program.class(block).body) {
            let StmtKind::Assign { target, value, annotation } = facts.stmt(stmt).kind else {
                continue;
            };
            // A constant has a type; an associated type is one.
            let Some(ty) = annotation.or(value) else { continue };
            let Some((manager, args)) = self.manager_in(block.file, ty) else { continue };
            let Some(model) = self.model_of(block.file, &args, Some(class)) else { continue };
            let location = Location { file: block.file, span: facts.expr(target).span };
            found.push(Managed {
                class: model,
                manager,
                by: self.name_of(block.file, target),
                location,
                held: None,
            });
        }
    }

    /// `static USERS: CacheManager<User>`
    fn of_static(
        &self,
        file: FileId,
        target: ExprId,
        annotation: ExprId,
        found: &mut Vec<Managed>,
    ) {
        let Some((manager, args)) = self.manager_in(file, annotation) else { return };
        if args.is_empty() {
            return;
        }
        let Some(class) = self.model_of(file, &args, None) else { return };
        let location = Location { file, span: self.program.file(file).expr(target).span };
        let (by, held) = (self.name_of(file, target), Some(Held::Static(location)));
        found.push(Managed { class, manager, by, location, held });
    }

    fn name_of(&self, file: FileId, target: ExprId) -> String {
        let facts = self.program.file(file);
        match facts.expr(target).kind {
            ExprKind::Name(name) => facts.name(name).to_owned(),
            _ => String::new(),
        }
    }
}
