//! Which variables code moves away, so that nothing behind it may name them.

use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprAsync, ExprClosure, Macro};

use super::super::naming::words;
use super::page::{Function, RustPage};

/// Types of the language that stay when they are moved.
const COPIED: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "()",
];

/// Whether a value of a type, as it is spelled, stays when it is moved, whatever else the type is.
pub fn is_copied(ty: &str) -> bool {
    ty.starts_with('&') || COPIED.contains(&ty)
}

/// Whether a function moves a variable away before a place in its page.
pub fn moves(page: &RustPage<'_>, function: &Function<'_>, name: &str, before: usize) -> bool {
    let mut search = Moves { page, name, before, in_move: false, found: false };
    search.visit_block(function.body);
    search.found
}

/// Whether a piece of code moves a variable away.
pub fn code_moves(code: &str, name: &str) -> bool {
    let block = format!("{{{code}}}");
    let Some(page) = RustPage::parse("") else { return true };
    let Ok(block) = syn::parse_str::<Block>(&block) else { return true };
    let mut search = Moves { page: &page, name, before: usize::MAX, in_move: false, found: false };
    search.visit_block(&block);
    search.found
}

/// Whether a function names a variable behind a place in its page.
pub fn names_behind(page: &RustPage<'_>, function: &Function<'_>, name: &str, at: usize) -> bool {
    let end = page.range(function.body).end;
    let behind = page.text.get(at..end).unwrap_or_default();
    words(behind).any(|(_, word)| word == name)
}

struct Moves<'s, 't> {
    page: &'s RustPage<'t>,
    name: &'s str,
    before: usize,
    /// Whether what is visited is moved as a whole.
    in_move: bool,
    found: bool,
}

impl Moves<'_, '_> {
    fn is_it(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Path(path) if path.path.is_ident(self.name))
            && self.page.range(expr).end <= self.before
    }

    /// What an expression of which a part is looked at looks at, unless that is the variable.
    fn looked_at(&mut self, expr: &Expr) {
        if self.in_move || !self.is_it(expr) {
            self.visit_expr(expr);
        }
    }

    fn within(&mut self, moves: bool, visit: impl FnOnce(&mut Self)) {
        let outer = self.in_move;
        self.in_move |= moves;
        visit(self);
        self.in_move = outer;
    }
}

impl<'ast> Visit<'ast> for Moves<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Reference(node) => self.looked_at(&node.expr),
            Expr::Field(node) => self.looked_at(&node.base),
            Expr::Index(node) => {
                self.looked_at(&node.expr);
                self.looked_at(&node.index);
            }
            Expr::Unary(node) => self.looked_at(&node.expr),
            Expr::Binary(node) => {
                self.looked_at(&node.left);
                self.looked_at(&node.right);
            }
            Expr::MethodCall(node) => {
                // `name.into()` takes all of it.
                if node.method.to_string().starts_with("into") {
                    self.visit_expr(&node.receiver);
                } else {
                    self.looked_at(&node.receiver);
                }
                node.args.iter().for_each(|arg| self.visit_expr(arg));
            }
            _ => {
                self.found |= self.is_it(expr);
                visit::visit_expr(self, expr);
            }
        }
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        self.within(node.capture.is_some(), |this| visit::visit_expr_closure(this, node));
    }

    fn visit_expr_async(&mut self, node: &'ast ExprAsync) {
        self.within(node.capture.is_some(), |this| visit::visit_expr_async(this, node));
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        // Most macros look at what they are given; a list holds it.
        if node.path.is_ident("vec") {
            let tokens = node.tokens.to_string();
            self.found |= words(&tokens).any(|(_, word)| word == self.name);
        }
    }
}
