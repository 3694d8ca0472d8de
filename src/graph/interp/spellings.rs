//! What the holes of keys can be filled with, going by the columns that they hold.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::Role;
use crate::graph::effect::Fill;
use crate::graph::entries::filters_equal_to;
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, Part, Spelling};
use crate::graph::value::Value;

/// How many foreign keys are followed that are primary keys themselves.
const MAX_TARGETS: usize = 8;

impl Interp<'_> {
    /// What comes from somewhere is spelled with.
    pub(super) fn spelling_of(&mut self, origin: Option<&Origin>) -> Spelling {
        match origin {
            Some(Origin::Column { model, column, .. }) => self.spelling_of_column(*model, column),
            Some(Origin::Param(..) | Origin::Setting | Origin::Once) | None => Spelling::Text,
        }
    }

    fn spelling_of_column(&mut self, model: ClassId, column: &Arc<str>) -> Spelling {
        if let Some(known) = self.spellings.get(&(model, column.clone())) {
            return *known;
        }
        let spelling = self.find_spelling(model, column);
        self.spellings.insert((model, column.clone()), spelling);
        spelling
    }

    fn find_spelling(&mut self, model: ClassId, column: &Arc<str>) -> Spelling {
        let (mut model, mut column) = (model, column.clone());
        for _ in 0..MAX_TARGETS {
            if &*column == "pk" {
                match self.primary_key(model) {
                    Some(declared) => column = declared,
                    // Without a declaration Django counts.
                    None if self.is_known_throughout(model) => return Spelling::Number,
                    None => return Spelling::Text,
                }
            }
            if let Some(relation) = self.relation(model, &column) {
                let by_key = self.field_argument(model, &column, None, "to_field").is_none();
                match relation.target.filter(|_| by_key) {
                    Some(target) => (model, column) = (target, "pk".into()),
                    None => return Spelling::Text,
                }
                continue;
            }
            let field = self.class_attribute(model, &column).map(|(value, _)| value);
            return match field.and_then(|field| self.role_of_field(&field)) {
                Some(Role::NumberColumn) => Spelling::Number,
                Some(Role::UuidColumn) => Spelling::Uuid,
                _ => Spelling::Text,
            };
        }
        Spelling::Text
    }

    /// Whether no base of a model is out of sight but those of Django.
    fn is_known_throughout(&mut self, model: ClassId) -> bool {
        let order = self.order(model);
        order.iter().all(|base| match base {
            Value::Class(_) => true,
            Value::External(path) => self.program.frameworks.role(path).is_some(),
            _ => false,
        })
    }

    /// What is stored, with what is known of the parameters in its key by the columns that the rows are chosen by.
    pub(super) fn spelled_out(&mut self, mut fill: Fill) -> Fill {
        for at in 0..fill.key.parts.len() {
            let Part::Hole { origin: Some(origin @ Origin::Param(..)), .. } = &fill.key.parts[at]
            else {
                continue;
            };
            let chosen_by = filters_equal_to(&fill, origin);
            let Some((model, column)) = chosen_by.first() else { continue };
            let known = self.spelling_of_column(*model, column);
            if let Part::Hole { spelling, .. } = &mut Arc::make_mut(&mut fill.key).parts[at] {
                *spelling = known;
            }
        }
        fill
    }
}
