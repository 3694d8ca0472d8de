//! Models that share rows: parents and children of tables, proxies, and what stands below an abstract one.

use std::sync::Arc;

use super::Interp;
use crate::graph::ids::ClassId;
use crate::graph::value::Value;

/// How many models an abstract one may have below it for its rows to be theirs.
const MAX_CHILDREN: usize = 12;

impl Interp<'_> {
    /// The class whose table the rows of a proxy are in; a class itself where it is no proxy.
    pub fn concrete(&mut self, class: ClassId) -> ClassId {
        if !self.is_proxy(class) {
            return class;
        }
        for base in self.order(class)[1..].iter().cloned() {
            if let Value::Class(base) = base
                && self.is_model(base)
                && !self.is_abstract(base)
                && !self.is_proxy(base)
            {
                return base;
            }
        }
        class
    }

    /// The concrete models of which a model is a multi-table child, the nearest first.
    pub fn table_parents(&mut self, class: ClassId) -> Vec<ClassId> {
        let mut parents = Vec::new();
        for base in self.order(class)[1..].iter().cloned() {
            if let Value::Class(base) = base
                && self.is_model(base)
                && !self.is_abstract(base)
                && !self.is_proxy(base)
            {
                parents.push(base);
            }
        }
        parents
    }

    /// The proxies of a model, in source order.
    pub fn proxies_of(&mut self, model: ClassId) -> Vec<ClassId> {
        let heirs = self.heirs();
        let heirs = heirs.get(&model).into_iter().flatten().copied();
        heirs.filter(|heir| self.is_proxy(*heir) && self.concrete(*heir) == model).collect()
    }

    /// The models with a table of their own whose rows are, in part, rows of a model.
    pub fn table_children(&mut self, model: ClassId) -> Vec<ClassId> {
        if !self.is_model(model) || self.is_abstract(model) || self.is_proxy(model) {
            return Vec::new();
        }
        let heirs = self.heirs();
        let heirs = heirs.get(&model).into_iter().flatten().copied();
        heirs.filter(|heir| !self.is_proxy(*heir)).collect()
    }

    /// The models that are not abstract by each class that they inherit from, in source order.
    pub fn heirs(&mut self) -> Arc<super::Heirs> {
        if let Some(heirs) = &self.heirs {
            return heirs.clone();
        }
        let mut heirs = super::Heirs::default();
        for model in self.models.clone().iter().copied() {
            if self.is_abstract(model) {
                continue;
            }
            for base in &self.order(model)[1..] {
                if let Value::Class(base) = base {
                    heirs.entry(*base).or_default().push(model);
                }
            }
        }
        let heirs = Arc::new(heirs);
        self.heirs = Some(heirs.clone());
        heirs
    }

    /// The model whose manager or queryset a class is, where it is that of no other.
    pub fn only_model_of_rows(&mut self, class: ClassId) -> Option<ClassId> {
        self.rows_classes().get(&class).copied().flatten()
    }

    /// The classes of the managers and querysets of some models.
    pub fn rows_classes_of(&mut self, models: &[ClassId]) -> Vec<ClassId> {
        let classes = self.rows_classes();
        let of_model = |(class, model): (&ClassId, &Option<ClassId>)| {
            model.is_some_and(|model| models.contains(&model)).then_some(*class)
        };
        let mut found: Vec<ClassId> = classes.iter().filter_map(of_model).collect();
        found.sort_unstable();
        found
    }

    /// The classes of managers and querysets, each with its model where it is the only one.
    fn rows_classes(&mut self) -> Arc<super::RowsClasses> {
        if let Some(known) = &self.rows_classes {
            return known.clone();
        }
        let mut classes = super::RowsClasses::default();
        for model in self.models.clone().iter().copied() {
            for name in self.program.class_namespace(model).names() {
                let Some(Value::Rows(rows)) = self.class_binding(model, name) else { continue };
                let mut open = rows.classes.clone();
                while let Some(class) = open.pop() {
                    match class {
                        Value::FromQuerySet(made) => {
                            open.extend([made.0.clone(), made.1.clone()]);
                        }
                        Value::Class(class) => {
                            let only = classes.entry(class).or_insert(Some(model));
                            *only = only.filter(|known| *known == model);
                        }
                        _ => {}
                    }
                }
            }
        }
        let classes = Arc::new(classes);
        self.rows_classes = Some(classes.clone());
        classes
    }

    /// A concrete model that inherits from an abstract one.
    pub fn concrete_below(&mut self, base: ClassId) -> Option<ClassId> {
        self.heirs().get(&base).and_then(|heirs| heirs.first()).copied()
    }

    /// The models whose tables the rows of a model are in: itself, or those that inherit from it where
    /// it is abstract.
    pub fn with_tables(&mut self, model: ClassId) -> Vec<ClassId> {
        if !self.is_abstract(model) {
            return vec![self.concrete(model)];
        }
        let heirs = self.heirs();
        let heirs = heirs.get(&model).into_iter().flatten().copied();
        let below: Vec<ClassId> = heirs.filter(|heir| !self.is_proxy(*heir)).collect();
        // What so many models share tells nothing of any of them.
        if below.len() > MAX_CHILDREN { Vec::new() } else { below }
    }
}
