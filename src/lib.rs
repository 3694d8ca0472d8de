//! cache-lint finds every way a cached database row can change while its cached copy stays.

pub mod facts;
pub mod rules;
pub mod scan;
pub mod source;
