//! Lowers a Python syntax tree into the arenas of [`FileFacts`].

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::span;
use crate::facts::FileFacts;
use crate::facts::body::*;
use crate::facts::builder::Builder;

/// Lowers a module.
///
/// # Errors
/// The offset of the first construct that nests deeper than `max_depth`.
pub fn module(module: &ast::ModModule, max_depth: u32) -> Result<FileFacts, u32> {
    let mut lowering = Lowering { build: Builder::new(), max_depth, depth: 0, too_deep_at: None };
    lowering.build.facts.body = lowering.block(&module.body);
    match lowering.too_deep_at {
        Some(at) => Err(at),
        None => Ok(lowering.build.facts),
    }
}

struct Lowering {
    build: Builder,
    max_depth: u32,
    depth: u32,
    too_deep_at: Option<u32>,
}

impl Lowering {
    fn add_expr(&mut self, range: TextRange, kind: ExprKind) -> ExprId {
        self.build.expr(span(range), kind)
    }

    fn add_stmt(&mut self, range: TextRange, kind: StmtKind) -> StmtId {
        self.build.stmt(span(range), kind)
    }

    fn enter(&mut self, range: TextRange) -> bool {
        if self.depth >= self.max_depth {
            self.too_deep_at.get_or_insert(range.start().to_u32());
            return false;
        }
        self.depth += 1;
        true
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    // --- statements ---

    fn block(&mut self, body: &[ast::Stmt]) -> Block {
        let mut ids = Vec::with_capacity(body.len());
        for stmt in body {
            if self.enter(stmt.range()) {
                self.stmt(stmt, &mut ids);
                self.leave();
            }
        }
        self.build.block(&ids)
    }

    fn stmt(&mut self, stmt: &ast::Stmt, out: &mut Vec<StmtId>) {
        let range = stmt.range();
        match stmt {
            ast::Stmt::Expr(node) => {
                if !is_inert(&node.value) {
                    let value = self.expr(&node.value);
                    out.push(self.add_stmt(range, StmtKind::Expr(value)));
                }
            }
            ast::Stmt::Assign(node) => {
                let value = self.expr(&node.value);
                for target in &node.targets {
                    let target = self.expr(target);
                    let kind = StmtKind::Assign { target, value: Some(value), annotation: None };
                    out.push(self.add_stmt(range, kind));
                }
            }
            ast::Stmt::AnnAssign(node) => {
                let value = node.value.as_deref().map(|value| self.expr(value));
                let annotation = Some(self.expr(&node.annotation));
                let target = self.expr(&node.target);
                out.push(self.add_stmt(range, StmtKind::Assign { target, value, annotation }));
            }
            ast::Stmt::AugAssign(node) => {
                let value = self.expr(&node.value);
                let target = self.expr(&node.target);
                out.push(self.add_stmt(range, StmtKind::AugAssign { target, value }));
            }
            ast::Stmt::TypeAlias(node) => {
                let value = Some(self.expr(&node.value));
                let target = self.expr(&node.name);
                out.push(
                    self.add_stmt(range, StmtKind::Assign { target, value, annotation: None }),
                );
            }
            ast::Stmt::Return(node) => {
                let value = node.value.as_deref().map(|value| self.expr(value));
                out.push(self.add_stmt(range, StmtKind::Return(value)));
            }
            ast::Stmt::If(node) => {
                let id = self.if_chain(range, &node.test, &node.body, &node.elif_else_clauses);
                out.push(id);
            }
            ast::Stmt::For(node) => {
                let iter = self.expr(&node.iter);
                let target = self.expr(&node.target);
                let body = self.block(&node.body);
                out.push(self.add_stmt(range, StmtKind::For { target, iter, body }));
                self.append_block(&node.orelse, out);
            }
            ast::Stmt::While(node) => {
                let test = self.expr(&node.test);
                let body = self.block(&node.body);
                out.push(self.add_stmt(range, StmtKind::While { test, body }));
                self.append_block(&node.orelse, out);
            }
            ast::Stmt::With(node) => {
                let mut body = None;
                for item in node.items.iter().rev() {
                    // The innermost item owns the body; each outer one owns a block of one `with`.
                    let inner = match body.take() {
                        None => self.block(&node.body),
                        Some(id) => self.build.block(&[id]),
                    };
                    let context = self.expr(&item.context_expr);
                    let target = item.optional_vars.as_deref().map(|target| self.expr(target));
                    let kind = StmtKind::With { context, target, body: inner };
                    body = Some(self.add_stmt(range, kind));
                }
                out.extend(body);
            }
            ast::Stmt::Match(node) => self.match_statement(node, out),
            ast::Stmt::Try(node) => {
                let mut ids = Vec::with_capacity(node.body.len() + node.orelse.len());
                self.append_block(&node.body, &mut ids);
                self.append_block(&node.orelse, &mut ids);
                let body = self.build.block(&ids);
                let mut handlers = Vec::with_capacity(node.handlers.len());
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    let body = self.block(&handler.body);
                    handlers.push(self.add_stmt(handler.range, StmtKind::Handler(body)));
                }
                let handlers = self.build.block(&handlers);
                let finally = self.block(&node.finalbody);
                out.push(self.add_stmt(range, StmtKind::Try { body, handlers, finally }));
            }
            ast::Stmt::Raise(node) => {
                let value = node.exc.as_deref().map(|value| self.expr(value));
                out.push(self.add_stmt(range, StmtKind::Raise(value)));
            }
            ast::Stmt::Assert(_) | ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => {}
            ast::Stmt::Break(_) | ast::Stmt::Continue(_) => {
                out.push(self.add_stmt(range, StmtKind::LoopExit));
            }
            ast::Stmt::Delete(node) => {
                for target in &node.targets {
                    let target = self.expr(target);
                    out.push(self.add_stmt(range, StmtKind::Delete(target)));
                }
            }
            ast::Stmt::Import(node) => {
                for alias in &node.names {
                    let module = self.build.intern(&alias.name.id);
                    let name = alias.asname.as_ref().map(|name| self.build.intern(&name.id));
                    let kind = StmtKind::Import { module, name };
                    out.push(self.add_stmt(alias.range, kind));
                }
            }
            ast::Stmt::ImportFrom(node) => self.import_from(node, out),
            ast::Stmt::Global(node) => self.outer(&node.names, out),
            ast::Stmt::Nonlocal(node) => self.outer(&node.names, out),
            ast::Stmt::FunctionDef(node) => {
                let ix = self.function_def(node);
                out.push(self.add_stmt(range, StmtKind::Function(ix)));
            }
            ast::Stmt::ClassDef(node) => {
                let ix = self.class_def(node);
                out.push(self.add_stmt(range, StmtKind::Class(ix)));
            }
        }
    }

    fn append_block(&mut self, body: &[ast::Stmt], out: &mut Vec<StmtId>) {
        for stmt in body {
            if self.enter(stmt.range()) {
                self.stmt(stmt, out);
                self.leave();
            }
        }
    }

    fn if_chain(
        &mut self,
        range: TextRange,
        test: &ast::Expr,
        body: &[ast::Stmt],
        clauses: &[ast::ElifElseClause],
    ) -> StmtId {
        // From the last clause to the first, so that a long `elif` chain does not recurse.
        let mut orelse = Block::default();
        for clause in clauses.iter().rev() {
            let clause_body = self.block(&clause.body);
            orelse = match &clause.test {
                None => clause_body,
                Some(test) => {
                    let test = self.expr(test);
                    let kind = StmtKind::If { test, body: clause_body, orelse };
                    let id = self.add_stmt(clause.range, kind);
                    self.build.block(&[id])
                }
            };
        }
        let test = self.expr(test);
        let body = self.block(body);
        self.add_stmt(range, StmtKind::If { test, body, orelse })
    }

    /// `match` as a chain of `if`: value patterns compare, captures always hold, others may.
    fn match_statement(&mut self, node: &ast::StmtMatch, out: &mut Vec<StmtId>) {
        let subject = self.expr(&node.subject);
        let mut orelse = Block::default();
        for case in node.cases.iter().rev() {
            let body = self.block(&case.body);
            let mut test = self.pattern(subject, &case.pattern);
            if let Some(guard) = &case.guard {
                let guard = self.expr(guard);
                let both = self.build.list(&[test, guard]);
                test = self.add_expr(case.range, ExprKind::And(both));
            }
            let id = self.add_stmt(case.range, StmtKind::If { test, body, orelse });
            orelse = self.build.block(&[id]);
        }
        out.extend_from_slice(
            &self.build.facts.stmt_lists[orelse.start as usize..orelse.end as usize],
        );
    }

    fn pattern(&mut self, subject: ExprId, pattern: &ast::Pattern) -> ExprId {
        let range = pattern.range();
        match pattern {
            ast::Pattern::MatchValue(node) => {
                let right = self.expr(&node.value);
                let kind = ExprKind::Compare { op: CompareOp::Eq, left: subject, right };
                self.add_expr(range, kind)
            }
            ast::Pattern::MatchSingleton(node) => {
                let constant = match node.value {
                    ast::Singleton::None => ExprKind::None,
                    ast::Singleton::True => ExprKind::Bool(true),
                    ast::Singleton::False => ExprKind::Bool(false),
                };
                let right = self.add_expr(range, constant);
                let kind = ExprKind::Compare { op: CompareOp::Is, left: subject, right };
                self.add_expr(range, kind)
            }
            ast::Pattern::MatchOr(node) => {
                let mut tests = Vec::with_capacity(node.patterns.len());
                for pattern in &node.patterns {
                    if self.enter(pattern.range()) {
                        tests.push(self.pattern(subject, pattern));
                        self.leave();
                    }
                }
                let tests = self.build.list(&tests);
                self.add_expr(range, ExprKind::Or(tests))
            }
            ast::Pattern::MatchClass(node) => {
                let tests = self.class_pattern(subject, node);
                self.add_expr(range, tests)
            }
            ast::Pattern::MatchAs(node) if node.pattern.is_none() => {
                self.add_expr(range, ExprKind::Bool(true))
            }
            _ => self.add_expr(range, ExprKind::Other(ExprList::default())),
        }
    }

    /// `case Class(...)` is an `isinstance` test; what the parentheses ask for may hold or not.
    fn class_pattern(&mut self, subject: ExprId, node: &ast::PatternMatchClass) -> ExprKind {
        let builtin = self.build.intern("isinstance");
        let func = self.add_expr(node.range, ExprKind::Name(builtin));
        let class = self.expr(&node.cls);
        let args = [subject, class].map(|value| Arg { kind: ArgKind::Positional, value });
        let args = self.build.args(&args);
        let test = ExprKind::Call { func, args };
        if node.arguments.patterns.is_empty() && node.arguments.keywords.is_empty() {
            return test;
        }
        let test = self.add_expr(node.range, test);
        let more = self.add_expr(node.range, ExprKind::Other(ExprList::default()));
        ExprKind::And(self.build.list(&[test, more]))
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom, out: &mut Vec<StmtId>) {
        let text = node.module.as_ref().map_or("", |module| module.id.as_str());
        let module = self.build.intern(text);
        let level = node.level;
        for alias in &node.names {
            let kind = if alias.name.id.as_str() == "*" {
                StmtKind::ImportStar { level, module }
            } else {
                let member = self.build.intern(&alias.name.id);
                let name = match &alias.asname {
                    Some(name) => self.build.intern(&name.id),
                    None => member,
                };
                StmtKind::ImportFrom { level, module, member, name }
            };
            out.push(self.add_stmt(alias.range, kind));
        }
    }

    fn outer(&mut self, names: &[ast::Identifier], out: &mut Vec<StmtId>) {
        for name in names {
            let id = self.build.intern(&name.id);
            out.push(self.add_stmt(name.range, StmtKind::Outer(id)));
        }
    }

    // --- definitions ---

    fn function_def(&mut self, node: &ast::StmtFunctionDef) -> FunctionIx {
        let decorators = self.decorators(&node.decorator_list);
        let name = self.build.intern(&node.name.id);
        let params = self.params(&node.parameters);
        let returns = node.returns.as_deref().map(|returns| self.expr(returns));
        let ix = self.build.function(name, span(node.name.range), params, returns, decorators);
        self.build.open_function(ix);
        let body = self.block(&node.body);
        self.build.close_function(ix, body);
        ix
    }

    fn lambda(&mut self, node: &ast::ExprLambda) -> FunctionIx {
        let name = self.build.intern("");
        let params = node.parameters.as_deref().map(|params| self.params(params));
        let params = params.unwrap_or_default();
        let ix = self.build.function(name, span(node.range), params, None, Vec::new());
        self.build.open_function(ix);
        let value = self.expr(&node.body);
        let stmt = self.add_stmt(node.body.range(), StmtKind::Return(Some(value)));
        let body = self.build.block(&[stmt]);
        self.build.close_function(ix, body);
        ix
    }

    fn class_def(&mut self, node: &ast::StmtClassDef) -> ClassIx {
        let decorators = self.decorators(&node.decorator_list);
        let name = self.build.intern(&node.name.id);
        let bases = match &node.arguments {
            Some(arguments) => self.arguments(arguments),
            None => ArgList::default(),
        };
        let name_span = span(node.name.range);
        let ix = self.build.open_class(ClassKind::Class, name, name_span, bases, decorators);
        let body = self.block(&node.body);
        self.build.close_class(ix, body);
        ix
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Vec<ExprId> {
        decorators.iter().map(|decorator| self.expr(&decorator.expression)).collect()
    }

    fn params(&mut self, params: &ast::Parameters) -> Vec<Param> {
        let mut out = Vec::with_capacity(params.len());
        for param in params.posonlyargs.iter().chain(&params.args) {
            out.push(self.param_with_default(param, ParamKind::Positional));
        }
        if let Some(param) = &params.vararg {
            out.push(self.param(param, ParamKind::Star));
        }
        for param in &params.kwonlyargs {
            out.push(self.param_with_default(param, ParamKind::KeywordOnly));
        }
        if let Some(param) = &params.kwarg {
            out.push(self.param(param, ParamKind::DoubleStar));
        }
        out
    }

    fn param_with_default(&mut self, node: &ast::ParameterWithDefault, kind: ParamKind) -> Param {
        let default = node.default().map(|default| self.expr(default));
        Param { default, ..self.param(&node.parameter, kind) }
    }

    fn param(&mut self, node: &ast::Parameter, kind: ParamKind) -> Param {
        Param {
            name: self.build.intern(&node.name.id),
            kind,
            default: None,
            annotation: node.annotation().map(|annotation| self.expr(annotation)),
        }
    }

    // --- expressions ---

    fn expr(&mut self, expr: &ast::Expr) -> ExprId {
        if !self.enter(expr.range()) {
            return self.add_expr(expr.range(), ExprKind::Other(ExprList::default()));
        }
        let kind = self.expr_kind(expr);
        self.leave();
        // `await x` is `x` with another span; everything else got its own node.
        self.add_expr(expr.range(), kind)
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a ast::Expr>) -> ExprList {
        let ids: Vec<ExprId> = exprs.into_iter().map(|expr| self.expr(expr)).collect();
        self.build.list(&ids)
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> ExprKind {
        match expr {
            ast::Expr::Name(node) => {
                let name = self.build.intern(&node.id);
                self.build.mention(name);
                ExprKind::Name(name)
            }
            ast::Expr::Attribute(node) => {
                let value = self.expr(&node.value);
                let attr = self.build.intern(&node.attr.id);
                self.build.mention(attr);
                ExprKind::Attribute { value, attr }
            }
            ast::Expr::Call(node) => {
                let func = self.expr(&node.func);
                let args = self.arguments(&node.arguments);
                ExprKind::Call { func, args }
            }
            ast::Expr::Subscript(node) => {
                let value = self.expr(&node.value);
                let index = self.expr(&node.slice);
                ExprKind::Subscript { value, index }
            }
            ast::Expr::StringLiteral(node) => ExprKind::Str(self.build.intern(node.value.to_str())),
            ast::Expr::BytesLiteral(node) => {
                let bytes: Vec<u8> = node.value.bytes().collect();
                ExprKind::Str(self.build.intern(&String::from_utf8_lossy(&bytes)))
            }
            ast::Expr::FString(node) => self.format(node.value.iter()),
            ast::Expr::TString(node) => {
                let holes = node.value.elements().filter_map(|element| element.as_interpolation());
                let ids: Vec<ExprId> = holes.map(|hole| self.expr(&hole.expression)).collect();
                ExprKind::Other(self.build.list(&ids))
            }
            ast::Expr::NumberLiteral(node) => match &node.value {
                ast::Number::Int(int) => {
                    int.as_i64().map_or(ExprKind::Other(ExprList::default()), ExprKind::Int)
                }
                _ => ExprKind::Other(ExprList::default()),
            },
            ast::Expr::BooleanLiteral(node) => ExprKind::Bool(node.value),
            ast::Expr::NoneLiteral(_) => ExprKind::None,
            ast::Expr::List(node) => ExprKind::Sequence(self.exprs(&node.elts)),
            ast::Expr::Tuple(node) => ExprKind::Sequence(self.exprs(&node.elts)),
            ast::Expr::Set(node) => ExprKind::Sequence(self.exprs(&node.elts)),
            ast::Expr::Dict(node) => {
                let mut ids = Vec::with_capacity(node.items.len() * 2);
                for item in &node.items {
                    let key = item.key.as_ref().map(|key| self.expr(key));
                    let value = self.expr(&item.value);
                    ids.extend([key.unwrap_or(value), value]);
                }
                ExprKind::Dict(self.build.list(&ids))
            }
            ast::Expr::Lambda(node) => ExprKind::Lambda(self.lambda(node)),
            ast::Expr::Compare(node) => self.compare(node),
            ast::Expr::BoolOp(node) => {
                let values = self.exprs(&node.values);
                match node.op {
                    ast::BoolOp::And => ExprKind::And(values),
                    ast::BoolOp::Or => ExprKind::Or(values),
                }
            }
            ast::Expr::UnaryOp(node) => {
                let operand = self.expr(&node.operand);
                match node.op {
                    ast::UnaryOp::Not => ExprKind::Not(operand),
                    _ => ExprKind::Other(self.build.list(&[operand])),
                }
            }
            ast::Expr::If(node) => {
                let ids = [&node.test, &node.body, &node.orelse].map(|part| self.expr(part));
                ExprKind::Conditional(self.build.list(&ids))
            }
            ast::Expr::ListComp(node) => self.comprehension(&[&node.elt], &node.generators),
            ast::Expr::SetComp(node) => self.comprehension(&[&node.elt], &node.generators),
            ast::Expr::Generator(node) => self.comprehension(&[&node.elt], &node.generators),
            ast::Expr::DictComp(node) => {
                let key = node.key.as_deref().unwrap_or(&node.value);
                self.comprehension(&[key, &node.value], &node.generators)
            }
            ast::Expr::BinOp(node) => {
                let left = self.expr(&node.left);
                let right = self.expr(&node.right);
                match node.op {
                    ast::Operator::Add => ExprKind::Binary { op: BinaryOp::Add, left, right },
                    ast::Operator::Mult => ExprKind::Binary { op: BinaryOp::Mul, left, right },
                    ast::Operator::BitAnd => ExprKind::Binary { op: BinaryOp::BitAnd, left, right },
                    ast::Operator::Mod => ExprKind::Binary { op: BinaryOp::Mod, left, right },
                    _ => ExprKind::Other(self.build.list(&[left, right])),
                }
            }
            ast::Expr::Named(node) => {
                let value = self.expr(&node.value);
                match &*node.target {
                    ast::Expr::Name(name) => {
                        let target = self.build.intern(&name.id);
                        ExprKind::Named { target, value }
                    }
                    _ => ExprKind::Other(self.build.list(&[value])),
                }
            }
            ast::Expr::Starred(node) => ExprKind::Starred(self.expr(&node.value)),
            ast::Expr::Await(node) => {
                let inner = self.expr(&node.value);
                self.build.facts.exprs[inner.index()].kind
            }
            ast::Expr::Yield(node) => {
                self.build.mark_generator();
                ExprKind::Yield(match &node.value {
                    Some(value) => self.expr(value),
                    None => self.add_expr(node.range, ExprKind::None),
                })
            }
            ast::Expr::YieldFrom(node) => {
                self.build.mark_generator();
                ExprKind::Yield(self.expr(&node.value))
            }
            ast::Expr::Slice(node) => {
                let parts = [&node.lower, &node.upper, &node.step];
                let ids: Vec<ExprId> =
                    parts.into_iter().flatten().map(|part| self.expr(part)).collect();
                ExprKind::Other(self.build.list(&ids))
            }
            ast::Expr::EllipsisLiteral(_) | ast::Expr::IpyEscapeCommand(_) => {
                ExprKind::Other(ExprList::default())
            }
        }
    }

    fn format<'a>(&mut self, parts: impl Iterator<Item = &'a ast::FStringPart>) -> ExprKind {
        let mut ids = Vec::new();
        for part in parts {
            match part {
                ast::FStringPart::Literal(literal) => {
                    let text = self.build.intern(&literal.value);
                    ids.push(self.add_expr(literal.range, ExprKind::Str(text)));
                }
                ast::FStringPart::FString(string) => {
                    for element in &string.elements {
                        ids.push(match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                let text = self.build.intern(&literal.value);
                                self.add_expr(literal.range, ExprKind::Str(text))
                            }
                            ast::InterpolatedStringElement::Interpolation(hole) => {
                                self.expr(&hole.expression)
                            }
                        });
                    }
                }
            }
        }
        ExprKind::Format(self.build.list(&ids))
    }

    fn compare(&mut self, node: &ast::ExprCompare) -> ExprKind {
        let mut left = self.expr(&node.left);
        let mut links = Vec::with_capacity(node.ops.len());
        for (op, right) in node.ops.iter().zip(&node.comparators) {
            let right_id = self.expr(right);
            let op = match op {
                ast::CmpOp::Eq => CompareOp::Eq,
                ast::CmpOp::NotEq => CompareOp::NotEq,
                ast::CmpOp::Is => CompareOp::Is,
                ast::CmpOp::IsNot => CompareOp::IsNot,
                ast::CmpOp::In => CompareOp::In,
                ast::CmpOp::NotIn => CompareOp::NotIn,
                ast::CmpOp::Lt | ast::CmpOp::LtE | ast::CmpOp::Gt | ast::CmpOp::GtE => {
                    CompareOp::Order
                }
            };
            links.push(ExprKind::Compare { op, left, right: right_id });
            left = right_id;
        }
        if links.len() == 1 {
            return links.remove(0);
        }
        let ids: Vec<ExprId> =
            links.into_iter().map(|link| self.add_expr(node.range, link)).collect();
        ExprKind::And(self.build.list(&ids))
    }

    fn comprehension(
        &mut self,
        element: &[&ast::Expr],
        generators: &[ast::Comprehension],
    ) -> ExprKind {
        let mut parts: Vec<ExprId> = element.iter().map(|part| self.expr(part)).collect();
        for generator in generators {
            let mut clause = vec![self.expr(&generator.target), self.expr(&generator.iter)];
            clause.extend(generator.ifs.iter().map(|test| self.expr(test)));
            let clause = self.build.list(&clause);
            parts.push(self.add_expr(generator.range, ExprKind::Clause(clause)));
        }
        let kind = match element.len() {
            1 => ComprehensionKind::Sequence,
            _ => ComprehensionKind::Dict,
        };
        ExprKind::Comprehension { kind, parts: self.build.list(&parts) }
    }

    fn arguments(&mut self, arguments: &ast::Arguments) -> ArgList {
        let mut args = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for arg in &arguments.args {
            args.push(match arg {
                ast::Expr::Starred(node) => {
                    Arg { kind: ArgKind::Star, value: self.expr(&node.value) }
                }
                _ => Arg { kind: ArgKind::Positional, value: self.expr(arg) },
            });
        }
        for keyword in &arguments.keywords {
            let value = self.expr(&keyword.value);
            let kind = match &keyword.arg {
                Some(name) => ArgKind::Keyword(self.build.intern(&name.id)),
                None => ArgKind::DoubleStar,
            };
            args.push(Arg { kind, value });
        }
        self.build.args(&args)
    }
}

/// Whether an expression statement does nothing: a docstring, an ellipsis, a bare name.
fn is_inert(expr: &ast::Expr) -> bool {
    matches!(
        expr,
        ast::Expr::StringLiteral(_)
            | ast::Expr::BytesLiteral(_)
            | ast::Expr::NumberLiteral(_)
            | ast::Expr::BooleanLiteral(_)
            | ast::Expr::NoneLiteral(_)
            | ast::Expr::EllipsisLiteral(_)
            | ast::Expr::Name(_)
    )
}
