//! Names by which classes get at models that their methods do not name: views, forms and serializers.

use super::ids::ClassId;
use super::program::{Program, first_name, last_name};
use crate::facts::{ClassFact, ExprKind, FileFacts, NameId, Scope, StmtKind};

/// What stands first in what the body of a class binds, and what its decorators are given.
pub(super) fn words_of_class<'f>(
    facts: &'f FileFacts,
    class: &'f ClassFact,
) -> impl Iterator<Item = NameId> + use<'f> {
    let bound = facts.block(class.body).iter().filter_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Assign { value: Some(value), .. } => first_name(facts, value),
        _ => None,
    });
    let given = class.decorators.iter().flat_map(|decorator| {
        let args = match facts.expr(*decorator).kind {
            ExprKind::Call { args, .. } => facts.args(args),
            _ => &[],
        };
        args.iter().filter_map(|arg| first_name(facts, arg.value))
    });
    bound.chain(given)
}

/// What a module gives to calls along with something that is named.
pub(super) fn classes_given_with(facts: &FileFacts, named: impl Fn(NameId) -> bool) -> Vec<NameId> {
    let calls = facts.block(facts.body).iter().filter_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Expr(call) => match facts.expr(call).kind {
            ExprKind::Call { args, .. } => Some(facts.args(args)),
            _ => None,
        },
        _ => None,
    });
    let mut given = Vec::new();
    for args in calls {
        let names = args.iter().filter_map(|arg| match facts.expr(arg.value).kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        });
        let names: Vec<NameId> = names.collect();
        if names.iter().any(|name| named(*name)) {
            given.extend(names);
        }
    }
    given
}

/// The names of forms and serializers that save rows, each with that of the model.
pub(super) fn names_of_savers<'p>(program: &Program<'p>) -> Vec<(&'p str, &'p str)> {
    let savers = program.production_classes().filter_map(|class| {
        let facts = program.file(class.file);
        let fact = facts.class(class.ix);
        let Scope::Class(outer) = fact.scope else { return None };
        let saver = program.class_name(ClassId { file: class.file, ix: outer });
        let models =
            facts.block(fact.body).iter().filter_map(|stmt| match facts.stmt(*stmt).kind {
                StmtKind::Assign { target, value: Some(value), .. }
                    if last_name(facts, target) == Some("model") =>
                {
                    last_name(facts, value)
                }
                _ => None,
            });
        Some(models.map(move |model| (saver, model)))
    });
    savers.flatten().collect()
}
