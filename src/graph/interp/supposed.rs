//! Which model a row is of that a function takes without saying so, and writes or follows to other rows.
//!
//! The names tell: those of the function and the parameter, and of the attributes that are used of the
//! row. All of them must fit one model, and no other model may be as good.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Interp;
use crate::facts::{ExprKind, FileFacts, FunctionFact, NameId, Scope};
use crate::frameworks::Role;
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
    /// By the last words of their names, where nothing is called so; nothing where several have them.
    by_last_words: FxHashMap<String, Option<ClassId>>,
    /// By their columns.
    by_column: FxHashMap<Arc<str>, Vec<ClassId>>,
}

impl Interp<'_> {
    /// Finds the parameters without an annotation that hold rows of one model: those that their function writes,
    /// and those with the name of a model that they lead to other rows of.
    pub fn suppose_rows(&mut self) {
        let program = self.program;
        let writing: Vec<&str> = program.frameworks.instance_writers().collect();
        let mut functions: Vec<FunctionId> =
            writing.iter().flat_map(|method| program.functions_mentioning(method)).collect();
        functions.sort_unstable();
        functions.dedup();
        let models = self.models_by_names();
        let mut supposed = Supposed::default();
        for function in functions {
            for param in written_parameters(self, function, &writing) {
                let model = self.supposed_model(&models, function, param);
                supposed.extend(model.map(|model| ((function, param), model)));
            }
        }
        for function in program.production_functions() {
            for param in &program.function(function).params {
                let (file, param) = (program.file(function.file), param.name);
                if let Some(model) = models.called(file.name(param))
                    && !supposed.contains_key(&(function, param))
                    && self.is_followed_as(model, function, param)
                {
                    supposed.insert((function, param), model);
                }
            }
        }
        self.supposed = Arc::new(supposed);
    }

    /// Whether a function uses a parameter as a row of a model, and follows a relation of it.
    fn is_followed_as(&mut self, model: ClassId, function: FunctionId, param: NameId) -> bool {
        let program = self.program;
        let facts = program.file(function.file);
        let attributes = attributes_of(facts, program.function(function), param);
        // A name may be that of anything else; hardly anything else has such rows.
        let mut leads_to_rows = |name: &&str| {
            let declared = self.relation(model, name).map(|relation| relation.role);
            let role = declared.or_else(|| self.reverse_named(model, name).map(|(.., role)| role));
            match role {
                Some(Role::ManyToMany) => true,
                Some(Role::ForeignKey) => declared.is_none(),
                _ => false,
            }
        };
        attributes.iter().any(&mut leads_to_rows)
            && self.fits(model, function, &attributes)
            && is_plain_parameter(program, function, param)
    }

    /// Whether what a function uses of a parameter are attributes of a model's rows.
    fn fits(&mut self, model: ClassId, function: FunctionId, attributes: &[&str]) -> bool {
        let program = self.program;
        program.processes.share(function.file, model.file)
            && attributes.iter().all(|attribute| {
                program.frameworks.is_member_of_rows(attribute)
                    || self.has_attribute(model, attribute)
            })
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
        let mut by_last_words: FxHashMap<String, Option<ClassId>> = FxHashMap::default();
        let mut by_column: FxHashMap<Arc<str>, Vec<ClassId>> = FxHashMap::default();
        for model in self.models.clone().iter().copied() {
            if self.is_abstract(model) {
                continue;
            }
            let name = self.program.class_name(model);
            for (at, _) in name.match_indices(char::is_uppercase).filter(|(at, _)| *at > 0) {
                let words = name[at..].to_lowercase();
                by_last_words.entry(words).and_modify(|known| *known = None).or_insert(Some(model));
            }
            by_name
                .entry(name.to_lowercase())
                .and_modify(|known| *known = None)
                .or_insert(Some(model));
            for column in self.columns(model) {
                if self.relation(model, &column).is_some() {
                    by_column.entry(format!("{column}_id").into()).or_default().push(model);
                }
                by_column.entry(column).or_default().push(model);
            }
        }
        by_last_words.retain(|words, _| !by_name.contains_key(words));
        Models { by_name, by_last_words, by_column }
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
        self.fits(model, function, &attributes).then_some(model)
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
    /// The one model whose rows are called by a name: `api_token` or `token` one of `ApiToken`.
    fn called(&self, name: &str) -> Option<ClassId> {
        let spelled: Cow<'_, str> = match name.contains('_') {
            true => name.replace('_', "").into(),
            false => name.into(),
        };
        self.by_name.get(&*spelled).or_else(|| self.by_last_words.get(&*spelled)).copied().flatten()
    }

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
    for expr in facts.exprs_of(function) {
        if let ExprKind::Call { func, .. } = expr.kind
            && let ExprKind::Attribute { value, attr } = facts.expr(func).kind
            && let ExprKind::Name(name) = facts.expr(value).kind
            && writing.contains(&facts.name(attr))
        {
            found.push(name);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|name| is_plain_parameter(program, id, *name));
    found
}

/// Whether a parameter of a function has no annotation, is bound by nothing else, and nobody asks of which kind it
/// is.
fn is_plain_parameter(program: &Program<'_>, id: FunctionId, param: NameId) -> bool {
    let facts = program.file(id.file);
    let function = program.function(id);
    let is_method = matches!(function.scope, Scope::Class(_));
    let is_own = function.params.iter().enumerate().any(|(at, known)| {
        known.name == param
            && known.annotation.is_none()
            && (!is_method || at > 0 || !function.decorators.is_empty())
    });
    is_own && !doubtful_names(facts, function).contains(&param) && is_bound_once(program, id, param)
}

/// The names of a function that are asked of which kind they are, or bound inside of expressions.
fn doubtful_names(facts: &FileFacts, function: &FunctionFact) -> FxHashSet<NameId> {
    let mut doubtful: FxHashSet<NameId> = FxHashSet::default();
    for expr in facts.exprs_of(function) {
        match expr.kind {
            ExprKind::Call { func, args } => {
                if last_name(facts, func).is_some_and(|name| ASKING.contains(&name))
                    && let Some(first) = facts.args(args).first()
                    && let ExprKind::Name(name) = facts.expr(first.value).kind
                {
                    doubtful.insert(name);
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
    doubtful
}

/// Whether nothing but the parameter of a function binds a name in it.
fn is_bound_once(program: &Program<'_>, id: FunctionId, name: NameId) -> bool {
    let facts = program.file(id.file);
    let extent = program.extent(id);
    let behind = facts.functions[id.ix.index() + 1..].iter();
    let mut inside = behind.take_while(|inner| extent.contains(inner.name_span.start));
    let is_again = |inner: &FunctionFact| inner.params.iter().any(|param| param.name == name);
    Namespace::of(facts, program.function(id).body).all(name).is_empty() && !inside.any(is_again)
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
