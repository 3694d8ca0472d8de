//! Loops: their bodies run once, so that what they assign is not known while they run.

use super::run::Runner;
use super::value::What;
use crate::facts::{Block, ExprKind, StmtKind};
use crate::source::FileId;

impl Runner<'_, '_> {
    /// Forgets what variables are that a body assigns: they may be something else the next time.
    pub(super) fn forget_assigned(&mut self, file: FileId, body: Block) {
        let facts = self.program.file(file);
        let mut open = vec![body];
        while let Some(block) = open.pop() {
            for &stmt in facts.block(block) {
                match facts.stmt(stmt).kind {
                    StmtKind::Assign { target, .. } | StmtKind::AugAssign { target, .. } => {
                        let ExprKind::Name(name) = facts.expr(target).kind else { continue };
                        let Some(frame) = self.frames.last_mut() else { return };
                        if let Some(value) = frame.locals.get_mut(&name)
                            && matches!(value.what, What::Bool(_) | What::Int(_) | What::Variant(_))
                        {
                            value.what = What::Plain;
                        }
                    }
                    StmtKind::If { body, orelse, .. } => open.extend([body, orelse]),
                    StmtKind::For { body, .. }
                    | StmtKind::While { body, .. }
                    | StmtKind::With { body, .. }
                    | StmtKind::Handler(body) => open.push(body),
                    StmtKind::Try { body, handlers, finally } => {
                        open.extend([body, handlers, finally]);
                    }
                    _ => {}
                }
            }
        }
    }
}
