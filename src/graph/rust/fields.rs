//! Fields of values.

use std::sync::Arc;

use super::run::Runner;
use super::types::{Around, Head, Ty, ty_in};
use super::value::{Owner, Store, Value, What};
use crate::facts::{ClassKind, ExprKind, StmtKind};
use crate::frameworks::last_segment;
use crate::graph::ids::ClassId;
use crate::graph::key::Template;

impl Runner<'_, '_> {
    /// The field of a value.
    pub(super) fn field(&mut self, owner: Value, name: &str) -> Value {
        // `V::0` is a part of the variant `V`.
        let (variant, name) = match name.split_once("::") {
            Some((variant, name)) => (Some(variant), name),
            None => (None, name),
        };
        if let What::Variant(known) = &owner.what
            && let Some(value) = known.fields.get(name)
        {
            return value.clone();
        }
        if owner.what == What::Message || matches!(owner.what, What::Place(_)) {
            return owner;
        }
        // What a library wraps is what it holds: `State(app): State<App>`.
        let is_wrapped = |of: &str| match &owner.ty.head {
            Head::Outside(path) => {
                last_segment(path) == of || owner.ty.peeled(self.program).0.class().is_none()
            }
            head => *head == Head::Unknown,
        };
        if variant.is_some_and(is_wrapped) {
            return owner;
        }
        // Something may be done to it.
        self.patched(&owner, Some(name));
        if let (What::Several(parts), Ok(at)) = (&owner.what, name.parse::<usize>()) {
            return parts.get(at).cloned().unwrap_or_default();
        }
        if let What::Fields(fields) = &owner.what
            && let Some(value) = fields.get(name)
        {
            let (peeled, _) = owner.ty.peeled(self.program);
            let declared = peeled.class().and_then(|class| self.field_type(class, peeled, name));
            let declared = declared.unwrap_or_default();
            let ty = match value.ty == Ty::default() {
                true => declared,
                false => value.ty.clone().with_arguments_of(declared.peeled(self.program).0),
            };
            let mut value = Value { ty, ..value.clone() };
            if let (What::Store(store), Some(class)) = (&value.what, peeled.class())
                && matches!(store.owner, Owner::Any | Owner::Made(_))
            {
                let owner = self.held_by(class, peeled, variant, name);
                value.what = What::Store(Store { owner, ..store.clone() });
            }
            return self.typed(value);
        }
        let (peeled, _) = owner.ty.peeled(self.program);
        if peeled.head == Head::Tuple
            && let Ok(at) = name.parse::<usize>()
        {
            let part = self.part_of(&owner, at);
            return Value { text: part.text.clone().or_else(|| label_of(&owner, name)), ..part };
        }
        let class = peeled.class();
        let declared = class.and_then(|class| match variant {
            Some(variant) if self.program.class(class).kind == ClassKind::Enum => {
                let at = name.parse::<usize>().ok()?;
                self.field_type(class, peeled, variant)?.args.get(at).cloned()
            }
            _ => self.field_type(class, peeled, name),
        });
        if declared.is_none()
            && let Some(class) = class
            && let Some(inner) = self.program.stands_for(class)
            && inner.peeled(self.program).0.class().is_some_and(|inner| inner != class)
        {
            let ty = inner.peeled(self.program).0.clone();
            return self.field(Value { ty, ..owner }, name);
        }
        let table = class.and_then(|class| self.program.table_of_class.get(&class));
        let rows = owner.rows.iter().map(|source| match table {
            Some(table) if *table == source.table && source.column.is_none() => {
                source.clone().only(name.into())
            }
            _ => source.clone(),
        });
        let mut value = Value::of(declared.unwrap_or_default());
        value.text = label_of(&owner, name);
        value.rows = rows.collect();
        if let Some(class) = class {
            let held_by = self.held_by(class, owner.ty.peeled(self.program).0, variant, name);
            return self.typed_in(value, held_by);
        }
        self.typed(value)
    }

    /// What holds the store in a field of a type.
    fn held_by(&self, class: ClassId, of: &Ty, variant: Option<&str>, name: &str) -> Owner {
        let field = match variant {
            Some(variant) => format!("{variant}::{name}").into(),
            None => name.into(),
        };
        // The store of one kind of arguments is none of another's.
        let args = match self.program.class(class).generics.is_empty() {
            true => Arc::default(),
            false => self.instance(of),
        };
        Owner::Field(class, field, args)
    }

    /// The declared type of a field of a type with its arguments.
    fn field_type(&self, class: ClassId, of: &Ty, name: &str) -> Option<Ty> {
        let facts = self.program.file(class.file);
        if !matches!(self.program.class(class).kind, ClassKind::Struct | ClassKind::Enum) {
            return None;
        }
        let module = self.program.crates.module_of_class(class)?;
        let stmts = facts.block(self.program.class(class).body).iter();
        let mut declared = stmts.filter_map(|stmt| match facts.stmt(*stmt).kind {
            StmtKind::Assign { target, annotation: Some(annotation), .. } => {
                let is_it = matches!(facts.expr(target).kind, ExprKind::Name(known) if facts.name(known) == name);
                is_it.then_some(annotation)
            }
            _ => None,
        });
        let generics = self.program.class(class).generics.iter();
        let params = generics.zip(&of.args);
        let params = params.map(|(generic, ty)| (facts.name(generic.name).into(), ty.clone()));
        let around = Around { own: Some(Ty::of_class(class)), params: params.collect() };
        Some(ty_in(self.program, module, &around, class.file, declared.next()?))
    }
}

/// What the source calls a field.
fn label_of(owner: &Value, name: &str) -> Option<Arc<Template>> {
    let label = match &owner.text {
        Some(text) if text.parts.len() == 1 => {
            format!("{text}").trim_matches(['{', '}']).to_owned() + "." + name
        }
        _ => name.to_owned(),
    };
    Some(Arc::new(Template::hole(&label)))
}
