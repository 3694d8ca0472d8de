//! Functions, lambdas and classes.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::Lowering;
use crate::facts::body::*;
use crate::facts::python::span;

impl Lowering {
    pub(super) fn function_def(&mut self, node: &ast::StmtFunctionDef) -> FunctionIx {
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

    pub(super) fn lambda(&mut self, node: &ast::ExprLambda) -> FunctionIx {
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

    pub(super) fn class_def(&mut self, node: &ast::StmtClassDef) -> ClassIx {
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
}
