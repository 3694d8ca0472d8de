//! Places of one function that exclude each other: a call that comes to one never comes to the other.

use super::ids::FunctionId;
use super::program::Program;
use crate::facts::{Block, FileFacts, Stmt, StmtKind};
use crate::source::Location;

/// Whether a call of a function that comes to one of two places in it never comes to the other: they are in
/// two arms of a condition, or the arm that the sooner one is in leaves the function.
///
/// Only what stands in the statements of the function itself is told; of what a loop does again, nothing is.
pub fn exclude_each_other(
    program: &Program<'_>,
    function: FunctionId,
    one: Location,
    other: Location,
) -> bool {
    if !program.holds(function, one) || !program.holds(function, other) {
        return false;
    }
    let facts = program.file(function.file);
    let (one, other) = (one.span.start, other.span.start);
    let mut block = program.function(function).body;
    loop {
        let (Some(first), Some(second)) =
            (statement_at(facts, block, one), statement_at(facts, block, other))
        else {
            return false;
        };
        if first.span != second.span {
            let (stmt, place) =
                if first.span.start < second.span.start { (first, one) } else { (second, other) };
            return leaves_behind(facts, stmt, place);
        }
        block = match first.kind {
            StmtKind::If { body, orelse, .. } => {
                let arms = [body, orelse];
                match (part_at(facts, arms, one), part_at(facts, arms, other)) {
                    (Some(one), Some(other)) if one == other => one,
                    (Some(_), Some(_)) => return true,
                    _ => return false,
                }
            }
            StmtKind::With { body, .. } => body,
            StmtKind::Try { body, handlers, finally } => {
                let parts = [body, handlers, finally];
                match (part_at(facts, parts, one), part_at(facts, parts, other)) {
                    (Some(one), Some(other)) if one == other => one,
                    _ => return false,
                }
            }
            StmtKind::Handler(body) => body,
            _ => return false,
        };
    }
}

/// Whether what is done at a place of a statement is always followed by a return, before what stands behind the
/// statement. An exception may be caught, and take back what was written.
fn leaves_behind(facts: &FileFacts, stmt: Stmt, place: u32) -> bool {
    let mut stmt = stmt;
    loop {
        let block = match stmt.kind {
            StmtKind::Return(_) => return true,
            StmtKind::If { body, orelse, .. } => part_at(facts, [body, orelse], place),
            StmtKind::With { body, .. }
            | StmtKind::For { body, .. }
            | StmtKind::While { body, .. }
            | StmtKind::Handler(body) => Some(body),
            StmtKind::Try { body, handlers, finally } => {
                part_at(facts, [body, handlers, finally], place)
            }
            _ => None,
        };
        let Some(block) = block else { return false };
        let returns =
            |next: Stmt| next.span.start > place && matches!(next.kind, StmtKind::Return(_));
        if facts.block(block).iter().any(|id| returns(facts.stmt(*id))) {
            return true;
        }
        match statement_at(facts, block, place) {
            Some(inner) => stmt = inner,
            None => return false,
        }
    }
}

/// The part of a statement that a place is in; none where it is in a test.
fn part_at(facts: &FileFacts, parts: impl IntoIterator<Item = Block>, place: u32) -> Option<Block> {
    parts.into_iter().find(|part| statement_at(facts, *part, place).is_some())
}

/// The statement of a block that a place is in.
fn statement_at(facts: &FileFacts, block: Block, place: u32) -> Option<Stmt> {
    let mut stmts = facts.block(block).iter().map(|id| facts.stmt(*id));
    stmts.find(|stmt| stmt.span.contains(place))
}
