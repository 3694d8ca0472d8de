//! Macros of the program: what one does is done where it is called.

use std::sync::Arc;

use super::given::Given;
use super::run::{Frame, Runner};
use super::types::{Around, Ty};
use super::value::{Value, What};
use crate::facts::{ExprId, ParamKind};
use crate::graph::ids::FunctionId;
use crate::source::{FileId, Location};

impl Runner<'_, '_> {
    /// A form of a macro; `args` are the expressions that it is given, which may be types as well.
    pub(super) fn call_macro(
        &mut self,
        form: FunctionId,
        given: Given,
        args: Vec<ExprId>,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let program = self.program;
        let Some(frame) = self.frames.last().filter(|_| self.may_go_deeper()) else {
            return Value::default();
        };
        if self.frames.iter().any(|frame| frame.form == Some(form)) {
            return Value::default();
        }
        let (caller, mut around) = (frame.module, Around::clone(&frame.around));
        // Paths are looked up where it is called, where that is in the same crate.
        let home = program.crates.first_module_of(form.file).unwrap_or(caller);
        let root = |module| program.crates.module(module).root;
        let module = if root(home) == root(caller) { caller } else { home };
        let fact = program.function(form);
        let mut locals = rustc_hash::FxHashMap::default();
        let mut values = given.values.into_iter();
        for (at, param) in fact.params.iter().enumerate() {
            let value = match param.kind {
                ParamKind::Star => {
                    let rest: Vec<Value> = values.by_ref().collect();
                    let rows = rest.iter().flat_map(|value| value.rows.iter().cloned()).collect();
                    let what = What::Several(rest.into());
                    Value { what, rows, ..Value::default() }
                }
                _ => values.next().unwrap_or_default(),
            };
            locals.insert(param.name, value);
            if let Some(arg) = args.get(at) {
                let ty = self.read_type(file, *arg);
                if ty != Ty::default() {
                    let name = program.file(form.file).name(param.name).into();
                    around.params.insert(0, (name, ty));
                }
            }
        }
        let span = program.file(file).expr(expr).span;
        self.frames.push(Frame {
            file: form.file,
            module,
            function: None,
            form: Some(form),
            called_at: Some(Location { file, span }),
            around: Arc::new(around),
            locals,
            returned: None,
            expected: None,
        });
        self.block(fact.body);
        let returned = self.frames.pop().and_then(|frame| frame.returned).unwrap_or_default();
        self.awaited(returned)
    }
}
