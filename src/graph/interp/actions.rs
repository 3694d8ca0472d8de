//! Functions that a view lists for a framework to call with rows of the view, such as actions of an admin.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Interp;
use super::views::is_one_of;
use crate::facts::{ExprId, ExprKind, FileFacts, NameId, StmtKind};
use crate::graph::hooks::function_of;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::program::{Program, last_name_id};
use crate::graph::value::{Args, Object, Value};

/// An element of what a class lists as actions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    class: ClassId,
    element: ExprId,
    /// Which of the attributes that list actions it is in.
    action: usize,
}

/// What classes list as actions, by the last name of each element.
pub(super) fn listed_actions<'a>(program: &Program<'a>) -> Arc<FxHashMap<&'a str, Vec<Listed>>> {
    let mut all: FxHashMap<&'a str, Vec<Listed>> = FxHashMap::default();
    for (action, (_, kind)) in program.frameworks.view_actions().iter().enumerate() {
        for class in program.production_classes() {
            let facts = program.file(class.file);
            let Some(name) = facts.names.find(&kind.listed) else { continue };
            for element in elements_of(facts, class, name) {
                if let Some(name) = name_of(facts, element) {
                    let listed = Listed { class, element, action };
                    all.entry(facts.name(name)).or_default().push(listed);
                }
            }
        }
    }
    Arc::new(all)
}

/// The elements of the list or tuple that the body of a class binds to a name.
fn elements_of(facts: &FileFacts, class: ClassId, name: NameId) -> Vec<ExprId> {
    let body = facts.block(facts.class(class.ix).body).iter();
    let lists = body.filter_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Assign { target, value: Some(value), .. }
            if facts.expr(target).kind == ExprKind::Name(name) =>
        {
            match facts.expr(value).kind {
                ExprKind::Sequence(elements) => Some(facts.list(elements)),
                _ => None,
            }
        }
        _ => None,
    });
    lists.flatten().copied().collect()
}

/// The name by which an element says what it is.
fn name_of(facts: &FileFacts, element: ExprId) -> Option<NameId> {
    match facts.expr(element).kind {
        ExprKind::Str(name) => Some(name),
        _ => last_name_id(facts, element),
    }
}

impl Interp<'_> {
    /// The rows that a parameter of a function is given where views list that.
    pub(super) fn given_as_action(&mut self, id: FunctionId, param: NameId) -> Option<Value> {
        let listed = self.listings_of(id);
        if listed.is_empty() {
            return None;
        }
        let program = self.program;
        let at = program.function(id).params.iter().position(|known| known.name == param)?;
        let rows = listed.into_iter().filter_map(|listed| {
            let (_, action) = &program.frameworks.view_actions()[listed.action];
            let view = Arc::new(Object::new(listed.class));
            let site = program.function_location(id);
            let rows =
                |interp: &mut Self| interp.given_by_view(&view, &action.of, &Args::default(), site);
            if action.given == at { self.quietly(rows) } else { None }
        });
        rows.reduce(Value::either)
    }

    /// The functions that views list whose rows are of some models.
    pub fn actions_on(&mut self, models: &[ClassId]) -> Vec<FunctionId> {
        let program = self.program;
        let listings = self.listed_actions.clone();
        if listings.is_empty() {
            return Vec::new();
        }
        let is_named = |id: &FunctionId| listings.contains_key(program.function_name(*id));
        let mut functions: Vec<FunctionId> =
            program.production_functions().filter(is_named).collect();
        functions.retain(|id| {
            let listed = self.listings_of(*id);
            listed.iter().any(|listed| {
                let model = self.registered_model(listed.class);
                model.is_some_and(|model| models.contains(&self.concrete(model)))
            })
        });
        functions
    }

    /// Where views list a function.
    fn listings_of(&mut self, id: FunctionId) -> Vec<Listed> {
        let program = self.program;
        let listings = self.listed_actions.clone();
        let Some(named) = listings.get(program.function_name(id)) else { return Vec::new() };
        let is_meant = |listed: &&Listed| {
            let (types, _) = &program.frameworks.view_actions()[listed.action];
            let order = self.order(listed.class);
            order.iter().any(|base| is_one_of(base, types))
                && match program.enclosing_class(id) {
                    Some(owner) => order.contains(&Value::Class(owner)),
                    // What decorates it may give it back in another shape.
                    None if id.file == listed.class.file => true,
                    None => {
                        let (file, element) = (listed.class.file, listed.element);
                        let value = self.value_apart(file, Some(listed.class), element);
                        function_of(&value) == Some(id)
                    }
                }
        };
        named.iter().filter(is_meant).copied().collect()
    }
}
