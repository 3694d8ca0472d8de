//! The first and last names that an expression is spelled with.

use crate::facts::{ExprId, ExprKind, FileFacts, NameId};

/// The last segment of a name, of an attribute, or of what is called or subscribed.
pub fn last_name(facts: &FileFacts, expr: ExprId) -> Option<&str> {
    last_name_id(facts, expr).map(|name| facts.name(name))
}

/// The first segment of a name, of an attribute, or of what is called or subscribed.
pub fn first_name(facts: &FileFacts, expr: ExprId) -> Option<NameId> {
    match facts.expr(expr).kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute { value: inner, .. }
        | ExprKind::Call { func: inner, .. }
        | ExprKind::Subscript { value: inner, .. } => first_name(facts, inner),
        _ => None,
    }
}

/// Like [`last_name`], as an id of the file.
pub fn last_name_id(facts: &FileFacts, expr: ExprId) -> Option<NameId> {
    match facts.expr(expr).kind {
        ExprKind::Name(name) | ExprKind::Attribute { attr: name, .. } => Some(name),
        ExprKind::Call { func: inner, .. } | ExprKind::Subscript { value: inner, .. } => {
            last_name_id(facts, inner)
        }
        _ => None,
    }
}
