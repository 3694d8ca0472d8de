//! Which model a row is of that a function takes without saying so, and writes.
//!
//! The names tell: those of the function and the parameter, and of the attributes that are used of the
//! row. All of them must fit one model, and no other model may be as good.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Interp;
use crate::facts::{ExprKind, FileFacts, FunctionFact, NameId, Scope};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::namespace::Namespace;
use crate::graph::program::{Program, first_name, last_name};
use crate::graph::value::{Object, Value};

/// How many words of a function's name name a model at the most.
const MAX_WORDS: usize = 4;

/// What asks of which kind something is: who does, takes rows of several models.
const ASKING: [&str; 4] = ["isinstance", "hasattr", "getattr", "type"];

/// The models of rows that parameters hold, by parameter.
pub type Supposed = FxHashMap<(FunctionId, NameId), ClassId>;

/// The models by what names tell of rows.
struct Models {
    /// By their name in lower case; nothing where several have it.
    by_name: FxHashMap<String, Option<ClassId>>,
    /// By their columns.
    by_column: FxHashMap<Arc<str>, Vec<ClassId>>,
}

impl Interp<'_> {
    /// Finds the parameters without an annotation that hold rows of one model which their function writes.
    pub fn suppose_rows(&mut self) {
        let program = self.program;
        let writing: Vec<&str> = program.frameworks.instance_writers().collect();
        let mut functions: Vec<FunctionId> =
            writing.iter().flat_map(|method| program.functions_mentioning(method)).collect();
        functions.sort_unstable();
        functions.dedup();
        let mut models: Option<Models> = None;
        let mut supposed = Supposed::default();
        for function in functions {
            for param in written_parameters(self, function, &writing) {
                let models = models.get_or_insert_with(|| self.models_by_names());
                let model = self.supposed_model(models, function, param);
                supposed.extend(model.map(|model| ((function, param), model)));
            }
        }
        self.supposed = Arc::new(supposed);
    }

    /// The functions that write a row of one of some models, which they take without saying so.
    pub fn writers_of_supposed(&self, models: &[ClassId]) -> Vec<FunctionId> {
        let mut functions: Vec<FunctionId> = self
            .supposed
            .keys()
            .filter(|key| models.contains(&self.supposed[*key]))
            .map(|(function, _)| *function)
            .collect();
        functions.sort_unstable();
        functions
    }

    /// The row that a parameter holds of which nothing is said.
    pub(super) fn supposed_row(&self, function: FunctionId, param: NameId) -> Option<Value> {
        let model = self.supposed.get(&(function, param))?;
        Some(Value::Object(Arc::new(Object::supposed(*model))))
    }

    fn models_by_names(&mut self) -> Models {
        let mut by_name: FxHashMap<String, Option<ClassId>> = FxHashMap::default();
        let mut by_column: FxHashMap<Arc<str>, Vec<ClassId>> = FxHashMap::default();
        for model in self.models.clone().iter().copied() {
            if self.is_abstract(model) {
                continue;
            }
            let name = self.program.class_name(model).to_lowercase();
            by_name.entry(name).and_modify(|known| *known = None).or_insert(Some(model));
            for column in self.columns(model) {
                if self.relation(model, &column).is_some() {
                    by_column.entry(format!("{column}_id").into()).or_default().push(model);
                }
                by_column.entry(column).or_default().push(model);
            }
        }
        Models { by_name, by_column }
    }

    fn supposed_model(
        &mut self,
        models: &Models,
        function: FunctionId,
        param: NameId,
    ) -> Option<ClassId> {
        let program = self.program;
        let facts = program.file(function.file);
        let name = facts.name(param);
        let attributes = attributes_of(facts, program.function(function), param);
        let model = match models.by_name.get(&name.replace('_', "").to_lowercase()) {
            Some(named) => (*named)?,
            // Another name tells of something else.
            None if !program.frameworks.names_row(name) => return None,
            None => match self.model_of_columns(models, &attributes) {
                Some(of_columns) => of_columns?,
                // Of which of several rows the function's name speaks cannot be told.
                None if rows_among(program, function) > 1 => return None,
                None => models.in_name(program.function_name(function))?,
            },
        };
        let fits = program.processes.share(function.file, model.file)
            && attributes.iter().all(|attribute| {
                program.frameworks.is_member_of_rows(attribute)
                    || self.has_attribute(model, attribute)
            });
        fits.then_some(model)
    }

    /// The model that has all of the columns among some attributes, and none that does not inherit from
    /// it; `None` where there are no columns among them.
    fn model_of_columns(
        &mut self,
        models: &Models,
        attributes: &[&str],
    ) -> Option<Option<ClassId>> {
        let mut columns = attributes.iter().filter_map(|name| models.by_column.get(*name));
        let mut owners = columns.next()?.clone();
        columns.for_each(|more| owners.retain(|owner| more.contains(owner)));
        let top = owners.iter().copied().find(|top| {
            owners.iter().all(|owner| self.order(*owner).contains(&Value::Class(*top)))
        });
        Some(top)
    }

    fn has_attribute(&mut self, model: ClassId, name: &str) -> bool {
        self.class_attribute(model, name).is_some()
            || self.implied_attribute(&Arc::new(Object::new(model)), name).is_some()
    }
}

impl Models {
    /// The one model that the name of a function names: `forget_price_list` a `PriceList`, and no `Price`.
    fn in_name(&self, function: &str) -> Option<ClassId> {
        let words: Vec<String> =
            function.split('_').filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let mut found: Vec<(usize, usize, Option<ClassId>)> = Vec::new();
        for length in (1..=MAX_WORDS).rev() {
            for (start, part) in words.windows(length).enumerate() {
                let is_told =
                    found.iter().any(|(from, to, _)| *from <= start && start + length <= *to);
                if let Some(model) = self.by_name.get(&part.concat()).filter(|_| !is_told) {
                    found.push((start, start + length, *model));
                }
            }
        }
        match found.as_slice() {
            [(_, _, model)] => *model,
            _ => None,
        }
    }
}

/// How many parameters of a function are rows by their name.
fn rows_among(program: &Program<'_>, function: FunctionId) -> usize {
    let facts = program.file(function.file);
    let params = program.function(function).params.iter();
    params.filter(|param| program.frameworks.names_row(facts.name(param.name))).count()
}

/// The parameters of a function that have no annotation, are bound by nothing else and are written.
fn written_parameters(interp: &Interp<'_>, id: FunctionId, writing: &[&str]) -> Vec<NameId> {
    let program = interp.program;
    let facts = program.file(id.file);
    let function = program.function(id);
    if facts.name(function.name).is_empty() {
        return Vec::new();
    }
    let mut found: Vec<NameId> = Vec::new();
    let mut doubtful: FxHashSet<NameId> = FxHashSet::default();
    for expr in facts.exprs_of(function) {
        match expr.kind {
            ExprKind::Call { func, args } => {
                let first =
                    facts.args(args).first().and_then(|arg| match facts.expr(arg.value).kind {
                        ExprKind::Name(name) => Some(name),
                        _ => None,
                    });
                if last_name(facts, func).is_some_and(|name| ASKING.contains(&name)) {
                    doubtful.extend(first);
                }
                if let ExprKind::Attribute { value, attr } = facts.expr(func).kind
                    && let ExprKind::Name(name) = facts.expr(value).kind
                    && writing.contains(&facts.name(attr))
                {
                    found.push(name);
                }
            }
            ExprKind::Clause(parts) => {
                let target = facts.list(parts).first();
                doubtful.extend(target.and_then(|target| first_name(facts, *target)));
            }
            ExprKind::Named { target, .. } => {
                doubtful.insert(target);
            }
            _ => {}
        }
    }
    let is_method = matches!(function.scope, Scope::Class(_));
    let own = function.params.iter().enumerate().filter(|(at, param)| {
        param.annotation.is_none()
            && found.contains(&param.name)
            && !doubtful.contains(&param.name)
            && (!is_method || *at > 0 || !function.decorators.is_empty())
    });
    let mut own: Vec<NameId> = own.map(|(_, param)| param.name).collect();
    if own.is_empty() {
        return own;
    }
    let bound = Namespace::of(facts, function.body);
    let extent = program.extent(id);
    let behind = facts.functions[id.ix.index() + 1..].iter();
    let inside = behind.take_while(|inner| extent.contains(inner.name_span.start));
    let inner: Vec<&FunctionFact> = inside.collect();
    own.retain(|name| {
        let again = |inner: &&FunctionFact| inner.params.iter().any(|param| param.name == *name);
        bound.all(*name).is_empty() && !inner.iter().any(again)
    });
    own
}

/// What a function uses of a parameter.
fn attributes_of<'f>(facts: &'f FileFacts, function: &FunctionFact, param: NameId) -> Vec<&'f str> {
    let of_param = facts.exprs_of(function).iter().filter_map(|expr| match expr.kind {
        ExprKind::Attribute { value, attr } => {
            (facts.expr(value).kind == ExprKind::Name(param)).then(|| facts.name(attr))
        }
        _ => None,
    });
    let mut found: Vec<&str> = of_param.collect();
    found.sort_unstable();
    found.dedup();
    found
}
