//! A Rust file as fixes see it: its text, parsed anew, with where everything stands.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprAsync, ExprClosure, Ident, ImplItemFn, Item, ItemFn, ItemImpl,
    ItemMod, ItemStruct, Signature, Stmt,
};

use super::super::naming::words;
use crate::source::Location;

/// A parsed Rust file.
pub struct RustPage<'t> {
    /// Its text.
    pub text: &'t str,
    file: syn::File,
    /// Where what was parsed starts: behind a `#!` line.
    base: usize,
}

/// A function with its body.
#[derive(Clone)]
pub struct Function<'p> {
    /// Its head.
    pub head: &'p Signature,
    /// Its attributes.
    pub attributes: &'p [Attribute],
    /// Its body.
    pub body: &'p Block,
    /// The block of methods that it stands in.
    pub block: Option<&'p ItemImpl>,
    /// The modules of the file that it stands in, the outermost first.
    pub modules: Vec<String>,
}

/// A statement with the block that it stands in.
#[derive(Clone, Copy)]
pub struct Statement<'p> {
    /// It.
    pub stmt: &'p Stmt,
    /// The block.
    pub block: &'p Block,
    /// Whether a closure or an `async` block stands between it and its function.
    pub is_inside: bool,
}

impl<'t> RustPage<'t> {
    /// Parses a text; `None` where it is no Rust as a whole.
    pub fn parse(text: &'t str) -> Option<RustPage<'t>> {
        let is_attribute = |rest: &str| rest.trim_start().starts_with('[');
        let base = match text.strip_prefix("#!") {
            Some(rest) if !is_attribute(rest) => text.find('\n').unwrap_or(text.len()),
            _ => 0,
        };
        let tokens = TokenStream::from_str(&text[base..]).ok()?;
        let file = syn::parse2(tokens).ok()?;
        Some(RustPage { text, file, base })
    }

    /// Where something stands, in bytes.
    pub fn range(&self, node: &impl Spanned) -> Range<usize> {
        self.range_of(node.span())
    }

    /// Where a span is, in bytes.
    pub fn range_of(&self, span: proc_macro2::Span) -> Range<usize> {
        let bytes = span.byte_range();
        bytes.start + self.base..bytes.end + self.base
    }

    /// What something says.
    pub fn slice(&self, node: &impl Spanned) -> &'t str {
        self.text.get(self.range(node)).unwrap_or_default()
    }

    /// The white space before a place, where nothing else stands before it on its line.
    pub fn indent_of(&self, at: usize) -> Option<&'t str> {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let indent = &self.text[start..at];
        indent.trim().is_empty().then_some(indent)
    }

    /// The end of its lines.
    pub fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Whether a name stands somewhere in it.
    pub fn has_word(&self, word: &str) -> bool {
        words(self.text).any(|(_, known)| known == word)
    }

    /// The function whose name stands at a place.
    pub fn function_at(&self, name: Location) -> Option<Function<'_>> {
        self.function(&|function, _| self.is_at(&function.ident, name))
    }

    /// The function that a place is in.
    pub fn function_round(&self, place: Location) -> Option<Function<'_>> {
        self.function(&|_, body| self.holds(body, place))
    }

    fn function(&self, is_it: &dyn Fn(&Signature, &Block) -> bool) -> Option<Function<'_>> {
        let mut search = FunctionSearch { is_it, at: (Vec::new(), None), found: None };
        search.visit_file(&self.file);
        search.found
    }

    /// The block of methods whose type's name stands at a place.
    pub fn block_at(&self, place: Location) -> Option<&ItemImpl> {
        let mut search = BlockSearch { page: self, place, found: None };
        search.visit_file(&self.file);
        search.found
    }

    /// The struct whose name stands at a place, with the modules of the file that it stands in.
    pub fn struct_at(&self, name: Location) -> Option<(&ItemStruct, Vec<String>)> {
        let mut search = StructSearch { page: self, name, modules: Vec::new(), found: None };
        search.visit_file(&self.file);
        search.found
    }

    /// The innermost statement of a body that holds a place.
    pub fn statement_in<'p>(&self, body: &'p Block, place: Location) -> Option<Statement<'p>> {
        let mut search = StatementSearch { page: self, place, inside: 0, found: None };
        search.visit_block(body);
        search.found
    }

    /// The static whose name stands at a place, and where those end that follow it.
    pub fn static_at(&self, name: Location) -> Option<(&syn::ItemStatic, usize)> {
        let items = &self.file.items;
        let (at, found) = items.iter().enumerate().find_map(|(at, item)| match item {
            Item::Static(found) if self.is_at(&found.ident, name) => Some((at, found)),
            _ => None,
        })?;
        let values =
            items[at..].iter().take_while(|it| matches!(it, Item::Static(_) | Item::Const(_)));
        Some((found, self.range(values.last()?).end))
    }

    fn is_at(&self, name: &Ident, place: Location) -> bool {
        self.range_of(name.span()) == (place.span.start as usize..place.span.end as usize)
    }

    fn holds(&self, node: &impl Spanned, place: Location) -> bool {
        let range = self.range(node);
        range.start <= place.span.start as usize && place.span.end as usize <= range.end
    }
}

struct FunctionSearch<'p, 's> {
    is_it: &'s dyn Fn(&Signature, &Block) -> bool,
    /// The modules and the block round what is looked at.
    at: (Vec<String>, Option<&'p ItemImpl>),
    found: Option<Function<'p>>,
}

impl<'p> FunctionSearch<'p, '_> {
    fn look(&mut self, attributes: &'p [Attribute], head: &'p Signature, body: &'p Block) {
        if (self.is_it)(head, body) {
            let (modules, block) = self.at.clone();
            self.found = Some(Function { head, attributes, body, block, modules });
        }
    }
}

impl<'p> Visit<'p> for FunctionSearch<'p, '_> {
    fn visit_item_mod(&mut self, node: &'p ItemMod) {
        self.at.0.push(node.ident.to_string());
        visit::visit_item_mod(self, node);
        self.at.0.pop();
    }

    fn visit_item_impl(&mut self, node: &'p ItemImpl) {
        let outer = self.at.1.replace(node);
        visit::visit_item_impl(self, node);
        self.at.1 = outer;
    }

    fn visit_item_fn(&mut self, node: &'p ItemFn) {
        let outer = self.at.1.take();
        self.look(&node.attrs, &node.sig, &node.block);
        visit::visit_item_fn(self, node);
        self.at.1 = outer;
    }

    fn visit_impl_item_fn(&mut self, node: &'p ImplItemFn) {
        self.look(&node.attrs, &node.sig, &node.block);
        visit::visit_impl_item_fn(self, node);
    }
}

struct BlockSearch<'p, 't> {
    page: &'p RustPage<'t>,
    place: Location,
    found: Option<&'p ItemImpl>,
}

impl<'p> Visit<'p> for BlockSearch<'p, '_> {
    fn visit_item_impl(&mut self, node: &'p ItemImpl) {
        if let syn::Type::Path(ty) = &*node.self_ty
            && let Some(last) = ty.path.segments.last()
            && self.page.is_at(&last.ident, self.place)
        {
            self.found = Some(node);
        }
    }
}

struct StructSearch<'p, 't> {
    page: &'p RustPage<'t>,
    name: Location,
    modules: Vec<String>,
    found: Option<(&'p ItemStruct, Vec<String>)>,
}

impl<'p> Visit<'p> for StructSearch<'p, '_> {
    fn visit_item_mod(&mut self, node: &'p ItemMod) {
        self.modules.push(node.ident.to_string());
        visit::visit_item_mod(self, node);
        self.modules.pop();
    }

    fn visit_item_struct(&mut self, node: &'p ItemStruct) {
        if self.page.is_at(&node.ident, self.name) {
            self.found = Some((node, self.modules.clone()));
        }
    }
}

struct StatementSearch<'p, 's, 't> {
    page: &'s RustPage<'t>,
    place: Location,
    /// How many closures and `async` blocks stand round what is looked at.
    inside: usize,
    found: Option<Statement<'p>>,
}

impl<'p> Visit<'p> for StatementSearch<'p, '_, '_> {
    fn visit_block(&mut self, block: &'p Block) {
        for stmt in &block.stmts {
            if self.page.holds(stmt, self.place) {
                self.found = Some(Statement { stmt, block, is_inside: self.inside > 0 });
                self.visit_stmt(stmt);
            }
        }
    }

    fn visit_expr_closure(&mut self, node: &'p ExprClosure) {
        self.inside += 1;
        visit::visit_expr_closure(self, node);
        self.inside -= 1;
    }

    fn visit_expr_async(&mut self, node: &'p ExprAsync) {
        self.inside += 1;
        visit::visit_expr_async(self, node);
        self.inside -= 1;
    }
}

/// The expression of a statement that is no more than one, without what it is bound to.
pub fn expression(stmt: &Stmt) -> Option<&Expr> {
    match stmt {
        Stmt::Expr(expr, _) => Some(expr),
        Stmt::Local(local) if matches!(local.pat, syn::Pat::Wild(_)) => {
            local.init.as_ref().map(|init| &*init.expr)
        }
        _ => None,
    }
}
