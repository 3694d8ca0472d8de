//! Facts as compact text: one line a statement, blocks in braces.
//!
//! `?(a, b)` is an expression of which only the operands are known, `<>` any order comparison,
//! `f{"a", b}` a format string, and `v[[A, B]]` a subscript whose index is a list.

use crate::facts::body::*;
use crate::facts::{FileFacts, rust};

/// What a source says, as text.
pub fn dump(source: &str) -> String {
    let facts = rust::lower(source);
    let mut dump = Dump { facts: &facts, lines: Vec::new(), indent: 0 };
    for error in &facts.errors {
        let (start, end) = (error.span.start as usize, error.span.end as usize);
        dump.line(format!("error at {start} `{}`: {}", &source[start..end], error.message));
    }
    dump.block(facts.body);
    dump.lines.join("\n")
}

/// Compares what a source says with lines that may be indented as the test is.
#[track_caller]
pub fn check(source: &str, expected: &str) {
    assert_eq!(dump(source), flush_left(expected));
}

/// The same for the body of a function.
#[track_caller]
pub fn check_body(body: &str, expected: &str) {
    let all = dump(&format!("fn f() {{\n{body}\n}}"));
    let lines: Vec<&str> = all.lines().collect();
    let inside = lines[1..lines.len() - 1].join("\n");
    assert_eq!(flush_left(&inside), flush_left(expected));
}

/// The same for one expression, which must need no statement before it.
#[track_caller]
pub fn check_expr(source: &str, expected: &str) {
    check_body(&format!("return {source};"), &format!("return {expected}"));
}

/// Without the indentation that all lines share, and without empty lines around.
fn flush_left(text: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines().map(|line| &line[indent..]).collect::<Vec<_>>().join("\n")
}

struct Dump<'f> {
    facts: &'f FileFacts,
    lines: Vec<String>,
    indent: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: String) {
        self.lines.push(format!("{}{text}", "  ".repeat(self.indent)));
    }

    fn block(&mut self, block: Block) {
        for id in self.facts.block(block).to_vec() {
            self.stmt(id);
        }
    }

    /// `head {`, the block, and leaves the `}` to the caller.
    fn inside(&mut self, head: String, block: Block) {
        self.line(format!("{head} {{"));
        self.indent += 1;
        self.block(block);
        self.indent -= 1;
    }

    fn stmt(&mut self, id: StmtId) {
        let name = |id: NameId| self.facts.name(id).to_owned();
        let text = match self.facts.stmt(id).kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Assign { target, value, annotation } => {
                let mut text = self.expr(target);
                if let Some(annotation) = annotation {
                    text += &format!(": {}", self.expr(annotation));
                }
                if let Some(value) = value {
                    text += &format!(" = {}", self.expr(value));
                }
                text
            }
            StmtKind::AugAssign { target, value } => {
                format!("{} += {}", self.expr(target), self.expr(value))
            }
            StmtKind::Return(None) => "return".to_owned(),
            StmtKind::Return(Some(value)) => format!("return {}", self.expr(value)),
            StmtKind::If { test, body, orelse } => {
                self.branches(test, body, orelse);
                "}".to_owned()
            }
            StmtKind::For { target, iter, body } => {
                let head = format!("for {} in {}", self.expr(target), self.expr(iter));
                self.inside(head, body);
                "}".to_owned()
            }
            StmtKind::While { test, body } => {
                self.inside(format!("while {}", self.expr(test)), body);
                "}".to_owned()
            }
            StmtKind::LoopExit => "exit".to_owned(),
            StmtKind::Import { module, name: alias } => match alias {
                Some(alias) => format!("import {} as {}", name(module), name(alias)),
                None => format!("import {}", name(module)),
            },
            StmtKind::ImportFrom { level, module, member, name: alias } => {
                assert_eq!(level, 0, "Rust has no dots");
                format!("from {} import {} as {}", name(module), name(member), name(alias))
            }
            StmtKind::ImportStar { level, module } => {
                assert_eq!(level, 0, "Rust has no dots");
                format!("from {} import *", name(module))
            }
            StmtKind::Function(ix) => {
                let function = self.facts.function(ix);
                self.decorators(&function.decorators);
                let mut head = format!("fn {}({})", name(function.name), self.params(function));
                if let Some(returns) = function.returns {
                    head += &format!(" -> {}", self.expr(returns));
                }
                self.inside(head, function.body);
                "}".to_owned()
            }
            StmtKind::Class(ix) => {
                let class = self.facts.class(ix);
                self.decorators(&class.decorators);
                let kind = format!("{:?}", class.kind).to_lowercase();
                let head = format!("{kind} {}({})", name(class.name), self.args(class.bases));
                self.inside(head, class.body);
                "}".to_owned()
            }
            other => panic!("no statement of Rust is {other:?}"),
        };
        self.line(text);
    }

    fn branches(&mut self, test: ExprId, body: Block, mut orelse: Block) {
        let mut head = format!("if {}", self.expr(test));
        let mut body = body;
        loop {
            self.inside(head, body);
            match self.facts.block(orelse) {
                [] => return,
                [only] if let StmtKind::If { .. } = self.facts.stmt(*only).kind => {
                    let StmtKind::If { test, body: next, orelse: behind } =
                        self.facts.stmt(*only).kind
                    else {
                        return;
                    };
                    head = format!("}} else if {}", self.expr(test));
                    body = next;
                    orelse = behind;
                }
                _ => {
                    head = "} else".to_owned();
                    body = orelse;
                    orelse = Block::default();
                }
            }
        }
    }

    fn decorators(&mut self, decorators: &[ExprId]) {
        for decorator in decorators {
            self.line(format!("@{}", self.expr(*decorator)));
        }
    }

    fn params(&self, function: &FunctionFact) -> String {
        let params = function.params.iter().map(|param| {
            let name = self.facts.name(param.name);
            match param.annotation {
                Some(annotation) => format!("{name}: {}", self.expr(annotation)),
                None => name.to_owned(),
            }
        });
        params.collect::<Vec<_>>().join(", ")
    }

    fn args(&self, args: ArgList) -> String {
        let args = self.facts.args(args).iter().map(|arg| {
            let value = self.expr(arg.value);
            match arg.kind {
                ArgKind::Positional => value,
                ArgKind::Keyword(name) => format!("{}={value}", self.facts.name(name)),
                ArgKind::DoubleStar => format!("**{value}"),
                ArgKind::Star => panic!("Rust has no `*args`"),
            }
        });
        args.collect::<Vec<_>>().join(", ")
    }

    fn list(&self, list: ExprList, between: &str) -> String {
        let items = self.facts.list(list).iter().map(|item| self.expr(*item));
        items.collect::<Vec<_>>().join(between)
    }

    fn expr(&self, id: ExprId) -> String {
        let name = |id: NameId| self.facts.name(id);
        match self.facts.expr(id).kind {
            ExprKind::Name(id) => name(id).to_owned(),
            ExprKind::Attribute { value, attr } => format!("{}.{}", self.expr(value), name(attr)),
            ExprKind::Call { func, args } => format!("{}({})", self.expr(func), self.args(args)),
            ExprKind::Subscript { value, index } => {
                format!("{}[{}]", self.expr(value), self.expr(index))
            }
            ExprKind::Str(id) => format!("{:?}", name(id)),
            ExprKind::Format(parts) => format!("f{{{}}}", self.list(parts, ", ")),
            ExprKind::Int(int) => int.to_string(),
            ExprKind::Bool(bool) => bool.to_string(),
            ExprKind::Sequence(items) => format!("[{}]", self.list(items, ", ")),
            ExprKind::Lambda(ix) => self.lambda(ix),
            ExprKind::Compare { op, left, right } => {
                let op = match op {
                    CompareOp::Eq => "==",
                    CompareOp::NotEq => "!=",
                    CompareOp::Order => "<>",
                    other => panic!("no comparison of Rust is {other:?}"),
                };
                format!("({} {op} {})", self.expr(left), self.expr(right))
            }
            ExprKind::And(items) => format!("({})", self.list(items, " and ")),
            ExprKind::Or(items) => format!("({})", self.list(items, " or ")),
            ExprKind::Not(value) => format!("not {}", self.expr(value)),
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                format!("({} + {})", self.expr(left), self.expr(right))
            }
            ExprKind::Yield(value) => format!("yield {}", self.expr(value)),
            ExprKind::Other(parts) => format!("?({})", self.list(parts, ", ")),
            other => panic!("no expression of Rust is {other:?}"),
        }
    }

    fn lambda(&self, ix: FunctionIx) -> String {
        let function = self.facts.function(ix);
        let mut inside = Dump { facts: self.facts, lines: Vec::new(), indent: 0 };
        inside.block(function.body);
        let mut body = String::new();
        for line in &inside.lines {
            let line = line.trim_start();
            let opens = body.ends_with('{') || body.is_empty();
            body += match (opens, line.starts_with('}')) {
                (true, _) | (_, true) => " ",
                _ => "; ",
            };
            body += line;
        }
        let returns = function.returns.map(|ty| format!("-> {} ", self.expr(ty)));
        format!("|{}| {}{{{body} }}", self.params(function), returns.unwrap_or_default())
    }
}
