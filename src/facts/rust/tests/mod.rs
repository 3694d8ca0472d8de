//! What each construct of Rust becomes, as a specification.

mod attributes;
mod chains;
mod dump;
mod expressions;
mod items;
mod macros;
mod odd;
mod patterns;
mod registry;
mod spans;
mod types;

use dump::{check, check_body, check_expr};
