//! Attributes of items and fields.

use super::program::Program;
use crate::facts::{Arg, ArgKind, ExprId, ExprKind};
use crate::frameworks::last_segment;
use crate::graph::ids::ClassId;
use crate::source::FileId;

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    /// Its path as it stands there.
    pub path: &'a str,
    args: &'a [Arg],
}

impl<'a> Attribute<'a> {
    /// The value of an argument, where it has it.
    pub fn value(&self, program: &Program<'a>, file: FileId, key: &str) -> Option<ExprId> {
        let facts = program.file(file);
        let found = self
            .args
            .iter()
            .find(|arg| matches!(arg.kind, ArgKind::Keyword(name) if facts.name(name) == key));
        found.map(|arg| arg.value)
    }

    /// The value of an argument that is a text.
    pub fn text(&self, program: &Program<'a>, file: FileId, key: &str) -> Option<&'a str> {
        let facts = program.file(file);
        match facts.expr(self.value(program, file, key)?).kind {
            ExprKind::Str(text) => Some(facts.name(text)),
            _ => None,
        }
    }

    /// Its first argument without a name, where that is a text.
    pub fn first_text(&self, program: &Program<'a>, file: FileId) -> Option<&'a str> {
        let facts = program.file(file);
        let first = self.args.iter().find(|arg| arg.kind == ArgKind::Positional)?;
        match facts.expr(first.value).kind {
            ExprKind::Str(text) => Some(facts.name(text)),
            _ => None,
        }
    }

    /// The value of an argument that is a path, or a text that holds one.
    pub fn path_of(&self, program: &Program<'a>, file: FileId, key: &str) -> Option<&'a str> {
        let value = self.value(program, file, key)?;
        self.text(program, file, key).or_else(|| program.path(file, value))
    }

    /// Whether it has an argument that is no more than a name.
    pub fn has_flag(&self, program: &Program<'a>, file: FileId, name: &str) -> bool {
        self.flags(program, file).contains(&name)
    }

    /// The arguments that are no more than a name.
    pub fn flags(&self, program: &Program<'a>, file: FileId) -> Vec<&'a str> {
        let positional = self.args.iter().filter(|arg| arg.kind == ArgKind::Positional);
        positional.filter_map(|arg| program.path(file, arg.value)).collect()
    }

    /// The names of the arguments that have a value, with it.
    pub fn keywords(&self, program: &Program<'a>, file: FileId) -> Vec<(&'a str, ExprId)> {
        let facts = program.file(file);
        let keywords = self.args.iter().filter_map(|arg| match arg.kind {
            ArgKind::Keyword(name) => Some((facts.name(name), arg.value)),
            _ => None,
        });
        keywords.collect()
    }

    /// The last segment of its path.
    pub fn last(&self) -> &'a str {
        last_segment(self.path)
    }
}

/// The attributes behind some expressions.
pub fn attributes<'a>(program: &Program<'a>, file: FileId, exprs: &[ExprId]) -> Vec<Attribute<'a>> {
    let facts = program.file(file);
    let read = |expr: &ExprId| {
        let path = program.path(file, *expr)?;
        let args = match facts.expr(*expr).kind {
            ExprKind::Call { args, .. } => facts.args(args),
            _ => &[],
        };
        Some(Attribute { path, args })
    };
    exprs.iter().filter_map(read).collect()
}

/// The last segments of what a struct derives.
pub fn derives<'a>(program: &Program<'a>, class: ClassId) -> Vec<&'a str> {
    let all = attributes(program, class.file, &program.class(class).decorators);
    let derived = all.iter().filter(|attribute| attribute.path == "derive");
    let derived = derived.flat_map(|attribute| attribute.flags(program, class.file));
    derived.map(last_segment).collect()
}
