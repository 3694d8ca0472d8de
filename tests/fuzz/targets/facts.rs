//! What holds of the facts of any text.

use cache_lint::facts::FileFacts;

/// Panics where something is said to stand where no text is.
pub fn point_into(text: &str, facts: &FileFacts) {
    let errors = facts.errors.iter().map(|error| error.span);
    let expressions = facts.exprs.iter().map(|expr| expr.span);
    for span in errors.chain(expressions) {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    }
}
