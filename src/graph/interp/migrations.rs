//! Migrations: the operations that write rows, through models as the migration sees them or by SQL.

use std::sync::Arc;

use super::Interp;
use super::attrs::native;
use crate::facts::{ArgKind, ArgList, ExprId, ExprKind, FileFacts};
use crate::frameworks::Role;
use crate::graph::effect::Effect;
use crate::graph::ids::ClassId;
use crate::graph::namespace::BindingKind;
use crate::graph::value::{Args, Value};
use crate::source::Location;

/// What a migration adds to the schema.
#[derive(Debug, Default)]
pub struct Additions {
    /// The models whose tables it makes.
    pub tables: Vec<ClassId>,
    /// The columns that it adds to tables.
    pub columns: Vec<(ClassId, Arc<str>)>,
}

/// The attribute of a migration that lists what it does.
const OPERATIONS: &str = "operations";

impl Interp<'_> {
    /// Runs the operations that the body of a class lists, but for those that only change the schema.
    pub fn follow_migration(&mut self, class: ClassId) -> Vec<Effect> {
        let facts = self.program.file(class.file);
        let Some(operations) = self.operations(class) else { return Vec::new() };
        let listed = match facts.expr(operations).kind {
            ExprKind::Sequence(listed) => facts.list(listed),
            _ => &[operations],
        };
        self.record(|interp| {
            interp.with_class_frame(class, |interp| {
                for &operation in listed {
                    if !interp.is_of_schema(class, operation) {
                        interp.eval(class.file, operation);
                    }
                }
            });
        })
    }

    /// Whether an operation comes from outside the program and runs no code of a migration.
    fn is_of_schema(&mut self, class: ClassId, operation: ExprId) -> bool {
        let ExprKind::Call { func, .. } = self.program.file(class.file).expr(operation).kind else {
            return false;
        };
        let callee = self.quietly(|interp| {
            interp.with_class_frame(class, |interp| interp.eval(class.file, func))
        });
        matches!(callee, Value::External(_))
            && !matches!(self.value_role(&callee), Some(Role::RunPython | Role::RunSql))
    }

    /// What the operations that the body of a class lists add to the schema.
    pub fn additions(&mut self, class: ClassId) -> Additions {
        let mut additions = Additions::default();
        let facts = self.program.file(class.file);
        let app = self.app_label_of_file(class.file);
        let Some(operations) = self.operations(class) else { return additions };
        let ExprKind::Sequence(operations) = facts.expr(operations).kind else { return additions };
        for &operation in facts.list(operations) {
            let ExprKind::Call { func, args } = facts.expr(operation).kind else { continue };
            let callee = self.quietly(|interp| {
                interp.with_class_frame(class, |interp| interp.eval(class.file, func))
            });
            let word = |at, name| constant_argument(facts, args, at, name);
            match self.value_role(&callee) {
                Some(Role::CreateModel) => {
                    let model = word(0, "name").map(|model| format!("{app}.{model}"));
                    additions.tables.extend(model.and_then(|label| self.model_of_label(&label)));
                }
                Some(Role::AddField) => {
                    let model = word(0, "model_name").map(|model| format!("{app}.{model}"));
                    let model = model.and_then(|label| self.model_of_label(&label));
                    let of_model = model.zip(word(1, "name"));
                    additions.columns.extend(of_model.map(|(model, name)| (model, name.into())));
                }
                _ => {}
            }
        }
        additions
    }

    fn operations(&mut self, class: ClassId) -> Option<ExprId> {
        let name = self.name_id(class.file, OPERATIONS)?;
        match self.program.class_namespace(class).get(name).last()?.kind {
            BindingKind::Value { value, .. } => Some(value),
            _ => None,
        }
    }

    /// `RunPython(code, ...)`; what undoes it runs where somebody goes back only.
    pub(super) fn run_python(&mut self, args: &Args, site: Location) -> Value {
        if let Some(code) = args.get(0, "code").cloned() {
            let given = Args::positional([Value::HistoricalApps, Value::Unknown]);
            self.call(&code, given, site);
        }
        Value::Unknown
    }

    /// `RunSQL(sql, ...)`: a text, or a list of texts, each by itself or with its parameters.
    pub(super) fn run_sql_operation(&mut self, args: &Args, site: Location) -> Value {
        let texts = match args.get(0, "sql") {
            Some(Value::Sequence(texts)) => texts.to_vec(),
            text => text.cloned().into_iter().collect(),
        };
        for text in texts {
            match text {
                Value::Sequence(pair) => {
                    let text = pair.first().cloned().unwrap_or_default();
                    self.run_sql(&text, site);
                }
                text => self.run_sql(&text, site),
            }
        }
        Value::Unknown
    }

    /// A method of the `apps` that a migration hands to its functions.
    pub(super) fn call_historical_apps(&mut self, name: &str, args: &Args) -> Value {
        match (name, self.get_model(args)) {
            ("get_model", Value::Class(model)) => Value::Historical(model),
            ("get_model", _) => Value::Unknown,
            _ => native(Value::HistoricalApps, name),
        }
    }
}

/// The text that a call is given as an argument, by position or by name, where it is spelled out.
fn constant_argument<'f>(
    facts: &'f FileFacts,
    args: ArgList,
    position: usize,
    name: &str,
) -> Option<&'f str> {
    let mut all = facts.args(args).iter().enumerate();
    let meant = all.find(|(at, arg)| match arg.kind {
        ArgKind::Positional => *at == position,
        ArgKind::Keyword(keyword) => facts.name(keyword) == name,
        ArgKind::Star | ArgKind::DoubleStar => false,
    });
    match facts.expr(meant?.1.value).kind {
        ExprKind::Str(text) => Some(facts.name(text)),
        _ => None,
    }
}
