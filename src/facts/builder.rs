//! Fills the arenas of [`FileFacts`]; what the front ends of all languages share.

use super::FileFacts;
use super::body::*;
use crate::source::Span;

/// Facts under construction, and the functions and scopes that are open.
pub struct Builder {
    /// What is built so far.
    pub facts: FileFacts,
    functions: Vec<OpenFunction>,
    scopes: Vec<Scope>,
}

/// What is known of a function while its body is being lowered.
#[derive(Default)]
struct OpenFunction {
    first_expr: u32,
    mentions: Vec<NameId>,
    is_generator: bool,
}

impl Builder {
    /// Starts at the top of a module.
    pub fn new() -> Builder {
        Builder { facts: FileFacts::default(), functions: Vec::new(), scopes: vec![Scope::Module] }
    }

    /// The id of a text, new or known.
    pub fn intern(&mut self, text: &str) -> NameId {
        self.facts.names.intern(text)
    }

    /// Where a definition would stand now.
    pub fn scope(&self) -> Scope {
        self.scopes.last().copied().unwrap_or(Scope::Module)
    }

    /// Adds an expression.
    pub fn expr(&mut self, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId(self.facts.exprs.len() as u32);
        self.facts.exprs.push(Expr { span, kind });
        id
    }

    /// Adds a statement, which is then to be put into a block.
    pub fn stmt(&mut self, span: Span, kind: StmtKind) -> StmtId {
        let id = StmtId(self.facts.stmts.len() as u32);
        self.facts.stmts.push(Stmt { span, kind });
        id
    }

    /// Adds a list of expressions.
    pub fn list(&mut self, ids: &[ExprId]) -> ExprList {
        let start = self.facts.expr_lists.len() as u32;
        self.facts.expr_lists.extend_from_slice(ids);
        ExprList { start, end: self.facts.expr_lists.len() as u32 }
    }

    /// Adds a block of statements.
    pub fn block(&mut self, ids: &[StmtId]) -> Block {
        let start = self.facts.stmt_lists.len() as u32;
        self.facts.stmt_lists.extend_from_slice(ids);
        Block { start, end: self.facts.stmt_lists.len() as u32 }
    }

    /// Adds the arguments of a call.
    pub fn args(&mut self, args: &[Arg]) -> ArgList {
        let start = self.facts.args.len() as u32;
        self.facts.args.extend_from_slice(args);
        ArgList { start, end: self.facts.args.len() as u32 }
    }

    /// Notes that the open function calls or names something.
    pub fn mention(&mut self, name: NameId) {
        if let Some(function) = self.functions.last_mut() {
            function.mentions.push(name);
        }
    }

    /// Notes that the open function yields.
    pub fn mark_generator(&mut self) {
        if let Some(function) = self.functions.last_mut() {
            function.is_generator = true;
        }
    }

    /// Adds a function whose body follows between [`Builder::open_function`] and
    /// [`Builder::close_function`].
    pub fn function(
        &mut self,
        name: NameId,
        name_span: Span,
        params: Vec<Param>,
        returns: Option<ExprId>,
        decorators: Vec<ExprId>,
    ) -> FunctionIx {
        let ix = FunctionIx(self.facts.functions.len() as u32);
        let scope = self.scope();
        if let Scope::Class(class) = scope {
            self.facts.classes[class.index()].methods.push(ix);
        }
        self.facts.functions.push(FunctionFact {
            name,
            name_span,
            scope,
            params,
            generics: Vec::new(),
            returns,
            decorators,
            body: Block::default(),
            exprs: ExprRange::default(),
            is_generator: false,
            mentions: Vec::new(),
        });
        ix
    }

    /// Goes into the body of a function.
    pub fn open_function(&mut self, ix: FunctionIx) {
        let first_expr = self.facts.exprs.len() as u32;
        self.functions.push(OpenFunction { first_expr, ..OpenFunction::default() });
        self.scopes.push(Scope::Function(ix));
    }

    /// Leaves the body of a function, which is `body`.
    pub fn close_function(&mut self, ix: FunctionIx, body: Block) {
        self.scopes.pop();
        let open = self.functions.pop().unwrap_or_default();
        let mut mentions = open.mentions;
        mentions.sort_unstable();
        mentions.dedup();
        if let Some(parent) = self.functions.last_mut() {
            parent.mentions.extend_from_slice(&mentions);
        }
        let exprs = ExprRange { start: open.first_expr, end: self.facts.exprs.len() as u32 };
        let function = &mut self.facts.functions[ix.index()];
        function.body = body;
        function.exprs = exprs;
        function.is_generator = open.is_generator;
        function.mentions = mentions;
    }

    /// Adds a class and goes into its body, up to [`Builder::close_class`].
    pub fn open_class(
        &mut self,
        kind: ClassKind,
        name: NameId,
        name_span: Span,
        bases: ArgList,
        decorators: Vec<ExprId>,
    ) -> ClassIx {
        let ix = ClassIx(self.facts.classes.len() as u32);
        self.facts.classes.push(ClassFact {
            kind,
            name,
            name_span,
            scope: self.scope(),
            bases,
            decorators,
            generics: Vec::new(),
            body: Block::default(),
            methods: Vec::new(),
        });
        self.scopes.push(Scope::Class(ix));
        ix
    }

    /// Leaves the body of a class, which is `body`.
    pub fn close_class(&mut self, ix: ClassIx, body: Block) {
        self.scopes.pop();
        self.facts.classes[ix.index()].body = body;
    }
}
