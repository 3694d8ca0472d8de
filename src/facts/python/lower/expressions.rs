//! Expressions.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::Lowering;
use crate::facts::body::*;

impl Lowering {
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> ExprId {
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

    pub(super) fn arguments(&mut self, arguments: &ast::Arguments) -> ArgList {
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
