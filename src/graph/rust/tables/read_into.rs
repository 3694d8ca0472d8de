//! Structs that the rows of an SQL text are read into, where the call does not name them: the type of the
//! variable does, or what the function returns.

use super::super::crates::ModuleId;
use super::super::program::Program;
use super::super::types::ty_of;
use crate::facts::{ExprId, ExprKind, StmtKind};
use crate::graph::ids::ClassId;
use crate::graph::sql;
use crate::source::FileId;

/// The structs with the tables that they are read from, in source order.
pub fn find(program: &Program<'_>, file: FileId, module: ModuleId) -> Vec<(ClassId, String)> {
    let facts = program.file(file);
    let mut found = Vec::new();
    let mut add = |value: ExprId, annotation: ExprId| {
        if let Some(table) = read_table(program, file, module, value)
            && let Some(class) = class_in(program, file, module, annotation)
        {
            found.push((class, table));
        }
    };
    for stmt in &facts.stmts {
        if let StmtKind::Assign { value: Some(value), annotation: Some(annotation), .. } = stmt.kind
        {
            add(value, annotation);
        }
    }
    for function in &facts.functions {
        let Some(returns) = function.returns else { continue };
        for stmt in facts.block(function.body) {
            if let StmtKind::Return(Some(value)) = facts.stmt(*stmt).kind {
                add(value, returns);
            }
        }
    }
    found
}

/// The table that a chain of calls reads first, where it starts with an SQL text.
fn read_table(
    program: &Program<'_>,
    file: FileId,
    module: ModuleId,
    value: ExprId,
) -> Option<String> {
    let facts = program.file(file);
    let mut at = value;
    loop {
        at = match facts.expr(at).kind {
            ExprKind::Call { func, args } => {
                if let Some(path) = program.path(file, func)
                    && super::super::calls::takes_sql(program, module, path)
                {
                    let mut args = facts.args(args).iter();
                    let text = args.find_map(|arg| program.told_text(module, file, arg.value))?;
                    return sql::read_tables(&text).into_iter().next();
                }
                match facts.expr(func).kind {
                    ExprKind::Attribute { value, .. } => value,
                    // `Ok(query.await?)`
                    ExprKind::Name(_) => facts.args(args).first()?.value,
                    _ => return None,
                }
            }
            ExprKind::Yield(value) | ExprKind::Starred(value) => value,
            _ => return None,
        };
    }
}

/// The struct of a type, of a list of it, or of what may be one.
fn class_in(
    program: &Program<'_>,
    file: FileId,
    module: ModuleId,
    annotation: ExprId,
) -> Option<ClassId> {
    let ty = ty_of(program, module, None, file, annotation);
    ty.element(program).peeled(program).0.class()
}
