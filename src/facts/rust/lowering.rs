//! The state of a file's lowering, and the small steps that all of it is made of.

use proc_macro2::Ident;
use syn::{Item, ItemMacro};

use super::MAX_DEPTH;
use super::expansion::Macros;
use super::recovery::File;
use crate::facts::FileFacts;
use crate::facts::body::*;
use crate::facts::builder::Builder;
use crate::source::Span;

/// What becomes of the value of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Nobody wants it.
    Nothing,
    /// The function returns it.
    Return,
    /// It is assigned to a temporary.
    Temporary(NameId),
}

/// A loop, or a block with a label, that `break` can leave.
pub struct Breakable {
    /// Its label.
    pub label: Option<NameId>,
    /// Whether it is a loop.
    pub is_loop: bool,
    /// What becomes of the value it is left with.
    pub goal: Goal,
}

/// Lowers one file.
pub struct Lowering<'t> {
    /// The facts so far.
    pub build: Builder,
    /// The decoded text, with macros of other files behind it.
    pub text: &'t str,
    /// Where the parsed part of the text starts.
    base: u32,
    /// Where the text of the file itself ends.
    own_end: u32,
    /// The call whose items are looked into: what a macro of another file makes stands there.
    pub called_at: Span,
    /// The statements of each block that is open, the innermost last.
    blocks: Vec<Vec<StmtId>>,
    /// What `break` can leave, the innermost last.
    pub breakables: Vec<Breakable>,
    /// How many temporaries the function has.
    pub temporaries: u32,
    /// How many macros are being looked into.
    pub macros: u32,
    /// The macros that the file has declared so far.
    pub declared: Macros,
    /// The parameters of types in sight, each with the trait that its types have.
    pub parameters: Vec<(Ident, syn::Path)>,
    depth: u32,
    too_deep_at: Option<u32>,
}

impl<'t> Lowering<'t> {
    /// Starts with a text whose tokens begin at `base`; that of the file ends at `own_end`.
    pub fn new(text: &'t str, base: u32, own_end: u32) -> Lowering<'t> {
        Lowering {
            build: Builder::new(),
            text,
            base,
            own_end,
            called_at: Span::default(),
            blocks: Vec::new(),
            breakables: Vec::new(),
            temporaries: 0,
            macros: 0,
            declared: Macros::default(),
            parameters: Vec::new(),
            depth: 0,
            too_deep_at: None,
        }
    }

    /// Lowers what could be read of the file.
    pub fn file(&mut self, file: &File) {
        let is_own = |item: &&Item| !matches!(item, Item::Macro(node) if self.is_borrowed(node));
        let (own, borrowed): (Vec<&Item>, Vec<&Item>) = file.items.iter().partition(is_own);
        for item in &borrowed {
            if let Item::Macro(ItemMacro { ident: Some(name), mac, .. }) = item {
                self.declared.declare(&name.to_string(), mac.tokens.clone());
            }
        }
        self.build.facts.macros.are_borrowed = !borrowed.is_empty();
        self.open_block();
        if !self.is_test(&file.attributes) {
            self.items(own);
        }
        self.build.facts.body = self.close_block();
    }

    /// The facts.
    ///
    /// # Errors
    /// The offset of the first construct that nests too deep.
    pub fn finish(self) -> Result<FileFacts, u32> {
        match self.too_deep_at {
            Some(at) => Err(at),
            None => Ok(self.build.facts),
        }
    }

    // --- places ---

    /// The bytes of a token; of one of a macro of another file, those of the call.
    pub fn span(&self, span: proc_macro2::Span) -> Span {
        let bytes = self.bytes(span);
        if bytes.start < self.own_end { bytes } else { self.called_at }
    }

    /// The bytes of a token in the text.
    fn bytes(&self, span: proc_macro2::Span) -> Span {
        let bytes = span.byte_range();
        Span { start: bytes.start as u32 + self.base, end: bytes.end as u32 + self.base }
    }

    /// Whether a macro is one of another file.
    fn is_borrowed(&self, node: &ItemMacro) -> bool {
        node.ident.as_ref().is_some_and(|name| self.bytes(name.span()).start >= self.own_end)
    }

    /// The text of a token.
    pub fn word_at(&self, span: proc_macro2::Span) -> &'t str {
        self.slice(self.bytes(span))
    }

    /// Where the parser gave up; the end of the text where it wanted more.
    pub fn error_span(&self, error: &syn::Error) -> Span {
        let bytes = error.span().byte_range();
        if bytes.is_empty() {
            let own = self.text.get(..self.own_end as usize).unwrap_or(self.text);
            let end = own.trim_end().len() as u32;
            return Span { start: end, end };
        }
        self.span(error.span())
    }

    /// From the start of one token to the end of another.
    pub fn between(&self, first: proc_macro2::Span, last: proc_macro2::Span) -> Span {
        join(self.span(first), self.span(last))
    }

    /// The bytes of an expression.
    pub fn span_of(&self, expr: ExprId) -> Span {
        self.build.facts.exprs[expr.index()].span
    }

    /// A part of the text.
    pub fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// An identifier as others would write it, and where it stands.
    pub fn word(&self, ident: &Ident) -> (&'t str, Span) {
        let word = self.word_at(ident.span());
        (word.strip_prefix("r#").unwrap_or(word), self.span(ident.span()))
    }

    // --- depth ---

    /// Goes one level deeper, if that is allowed.
    pub fn enter(&mut self, at: impl FnOnce(&Self) -> u32) -> bool {
        if self.depth >= MAX_DEPTH {
            if self.too_deep_at.is_none() {
                self.too_deep_at = Some(at(self));
            }
            return false;
        }
        self.depth += 1;
        true
    }

    /// Comes back up.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    // --- statements ---

    /// Starts a block; statements go into it.
    pub fn open_block(&mut self) {
        self.blocks.push(Vec::new());
    }

    /// Ends the innermost block.
    pub fn close_block(&mut self) -> Block {
        let ids = self.take_block();
        self.build.block(&ids)
    }

    /// Ends the innermost block, which is not one of its own.
    pub fn take_block(&mut self) -> Vec<StmtId> {
        self.blocks.pop().unwrap_or_default()
    }

    /// Adds a statement to the innermost block.
    pub fn emit(&mut self, span: Span, kind: StmtKind) {
        let id = self.build.stmt(span, kind);
        self.emit_all(&[id]);
    }

    /// Adds statements to the innermost block.
    pub fn emit_all(&mut self, ids: &[StmtId]) {
        if let Some(block) = self.blocks.last_mut() {
            block.extend_from_slice(ids);
        }
    }

    /// Does with a value what is wanted.
    pub fn deliver(&mut self, value: ExprId, goal: Goal) {
        let span = self.span_of(value);
        match goal {
            Goal::Nothing => {
                if !self.is_inert(value) {
                    self.emit(span, StmtKind::Expr(value));
                }
            }
            Goal::Return => self.emit(span, StmtKind::Return(Some(value))),
            Goal::Temporary(name) => self.assign(span, name, value),
        }
    }

    /// Assigns a value to a variable.
    pub fn assign(&mut self, span: Span, name: NameId, value: ExprId) {
        let target = self.build.expr(span, ExprKind::Name(name));
        self.emit(span, StmtKind::Assign { target, value: Some(value), annotation: None });
    }

    /// Whether to evaluate an expression does nothing.
    fn is_inert(&self, expr: ExprId) -> bool {
        match self.build.facts.expr(expr).kind {
            ExprKind::Name(_)
            | ExprKind::Str(_)
            | ExprKind::Int(_)
            | ExprKind::Bool(_)
            | ExprKind::None => true,
            ExprKind::Other(parts) | ExprKind::Sequence(parts) => parts.start == parts.end,
            _ => false,
        }
    }

    // --- expressions ---

    /// A variable that no program can have; each in a function is another.
    pub fn temporary(&mut self) -> NameId {
        self.temporaries += 1;
        self.build.intern(&format!("${}", self.temporaries))
    }

    /// Adds a name.
    pub fn name(&mut self, span: Span, text: &str) -> ExprId {
        let name = self.build.intern(text);
        self.build.expr(span, ExprKind::Name(name))
    }

    /// Adds an expression about which nothing is known.
    pub fn unknown(&mut self, span: Span) -> ExprId {
        self.build.expr(span, ExprKind::Other(ExprList::default()))
    }

    /// Adds a string.
    pub fn string(&mut self, span: Span, text: &str) -> ExprId {
        let text = self.build.intern(text);
        self.build.expr(span, ExprKind::Str(text))
    }

    /// Adds a list, a tuple or what stands for one.
    pub fn sequence(&mut self, span: Span, ids: &[ExprId]) -> ExprId {
        let list = self.build.list(ids);
        self.build.expr(span, ExprKind::Sequence(list))
    }

    /// Adds an expression of which only the operands are known.
    pub fn other(&mut self, span: Span, ids: &[ExprId]) -> ExprId {
        let list = self.build.list(ids);
        self.build.expr(span, ExprKind::Other(list))
    }

    /// Adds `value.attr`.
    pub fn attribute(&mut self, span: Span, value: ExprId, attr: &str) -> ExprId {
        let attr = self.build.intern(attr);
        self.build.mention(attr);
        self.build.expr(span, ExprKind::Attribute { value, attr })
    }

    /// Adds `func(args)`.
    pub fn call(&mut self, span: Span, func: ExprId, args: &[Arg]) -> ExprId {
        let args = self.build.args(args);
        self.build.expr(span, ExprKind::Call { func, args })
    }

    /// Adds `value[items]`.
    pub fn subscript(&mut self, span: Span, value: ExprId, items: &[ExprId]) -> ExprId {
        let index = self.sequence(span, items);
        self.build.expr(span, ExprKind::Subscript { value, index })
    }
}

/// An argument that is passed by position.
pub fn positional(value: ExprId) -> Arg {
    Arg { kind: ArgKind::Positional, value }
}

/// From the start of one place to the end of another; the second one where it stands first, as what is given to a macro
/// may stand behind what the macro makes of it.
pub fn join(first: Span, last: Span) -> Span {
    let start = if first.start <= last.end { first.start } else { last.start };
    Span { start, end: last.end }
}
