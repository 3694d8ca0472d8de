//! Instances of models: what their columns and relations give.

use std::sync::Arc;

use super::Interp;
use super::moment::Subject;
use super::queries::filter_value;
use crate::frameworks::{QuerySetMethod, Role};
use crate::graph::ids::ClassId;
use crate::graph::value::{
    Column, Filter, FilterValue, Object, Query, RowPart, RowSource, Taint, Value, Via,
};

impl Interp<'_> {
    /// What reading a field of an instance gives.
    pub(super) fn field_of(&mut self, object: &Arc<Object>, name: &str, raw: &Value) -> Value {
        match self.role_of_field(raw) {
            Some(role @ (Role::ForeignKey | Role::OneToOne)) => {
                let target = self.relation(object.class, name).and_then(|relation| relation.target);
                let Some(target) = target else { return self.column(object, name) };
                let mut deciding = object.query.deciding.clone();
                if self.tracks_rows() {
                    deciding.insert(object.source(RowPart::Column(name.into())));
                }
                let via = Via { owner: object.class, field: name.into(), role, forward: true };
                let all = Query::beside(&object.query);
                let beside = object.row_ref().target();
                let query = Query { deciding, via: Some(Arc::new(via)), beside, ..all };
                Value::Object(Arc::new(Object {
                    one_of_many: object.one_of_many,
                    query: Arc::new(query),
                    ..Object::new(target)
                }))
            }
            Some(Role::ManyToMany) => {
                let target = self.relation(object.class, name).and_then(|relation| relation.target);
                let via = Via {
                    owner: object.class,
                    field: name.into(),
                    role: Role::ManyToMany,
                    forward: true,
                };
                self.linked_rows(object, target, via)
            }
            Some(_) => self.column(object, name),
            None => self.generic_rows(object, name, raw).unwrap_or_else(|| raw.clone()),
        }
    }

    /// The rows of a generic relation: those that hold the primary key of an instance in a column of theirs.
    fn generic_rows(&mut self, object: &Object, name: &str, raw: &Value) -> Option<Value> {
        let Value::Returned(path) = raw else { return None };
        if self.program.frameworks.role(path) != Some(Role::GenericRelation) {
            return None;
        }
        let owner = self.field_argument(object.class, name, Some(0), "to")?;
        let owner = self.model_reference(object.class, &owner)?;
        let column = self.field_argument(object.class, name, None, "object_id_field");
        let column: Arc<str> =
            column.as_ref().and_then(Value::known_text).unwrap_or("object_id").into();
        let mut deciding = object.query.deciding.clone();
        if self.tracks_rows() {
            deciding.insert(RowSource::reached(owner, RowPart::Deciding(column.clone()), None));
        }
        let filters = match self.is_taken(object) {
            true => vec![Filter::nothing()],
            false => vec![Filter { column, value: key_of_query(object) }],
        };
        let all = Query::beside(&object.query);
        Some(self.rows_of_model(Some(owner), Query { deciding, filters, ..all }))
    }

    /// The rows that a many-to-many relation links to an instance, from either side.
    fn linked_rows(&mut self, object: &Object, model: Option<ClassId>, via: Via) -> Value {
        let via = Arc::new(via);
        let mut deciding = object.query.deciding.clone();
        let links = RowPart::Links(via.field.clone());
        if self.tracks_rows() {
            deciding.insert(RowSource::reached(via.owner, links, object.query.via.clone()));
        }
        let all = Query::beside(&object.query);
        let filters = if self.is_taken(object) { vec![Filter::nothing()] } else { Vec::new() };
        let query = Query { deciding, filters, via: Some(via.clone()), manages: Some(via), ..all };
        self.rows_of_model(model, query)
    }

    /// The rows of a relation of `owner` that nothing in sight declares, going by what they are asked for: of
    /// which model they are is not known, but it is none of the columns of `owner`.
    pub(super) fn rows_out_of_sight(&mut self, owner: &Value, asked: &str) -> Option<Value> {
        let Value::Object(object) = owner else { return None };
        let is_of_rows = match self.program.frameworks.queryset_method(asked)? {
            QuerySetMethod::Rows => asked == "all",
            QuerySetMethod::Conditions
            | QuerySetMethod::Exclusions
            | QuerySetMethod::Orders
            | QuerySetMethod::Related => true,
            _ => false,
        };
        (is_of_rows && self.is_model(object.class)).then(|| {
            let deciding = object.query.deciding.clone();
            self.rows_of_model(None, Query { deciding, ..Query::default() })
        })
    }

    /// The rows behind the way back of a relation to a model out of sight, which nothing but its name tells, going
    /// by what they are asked for.
    pub(super) fn rows_of_outsider(
        &mut self,
        owner: &Value,
        name: &str,
        asked: &str,
    ) -> Option<Value> {
        let is_untold = matches!(owner, Value::Unknown | Value::Symbol(..) | Value::Native(_));
        if !is_untold || self.program.frameworks.queryset_method(asked).is_none() {
            return None;
        }
        let ways = self.ways_back_of_outsiders();
        let way = ways.get(name).filter(|way| !way.is_of_several)?;
        let side = way.side.clone()?;
        // Of several models one is meant that is called like the field.
        if way.is_in_sight && self.name_of(owner).as_ref() != Some(&side.field) {
            return None;
        }
        let (model, field) = (side.owner, side.field.clone());
        let is_link = side.role == Role::ManyToMany;
        let via = Arc::new(Via { owner: model, field, role: side.role, forward: false });
        let mut deciding = Taint::new();
        if self.tracks_rows() {
            deciding.insert(match is_link {
                true => RowSource::reached(model, RowPart::Links(side.field.clone()), None),
                false => {
                    let part = RowPart::Deciding(side.field.clone());
                    RowSource::reached(model, part, Some(via.clone()))
                }
            });
        }
        let filters = match is_link {
            true => Vec::new(),
            false => vec![Filter { column: side.field, value: filter_value(owner) }],
        };
        let manages = Some(via.clone());
        let query = Query { deciding, filters, via: Some(via), manages, ..Query::default() };
        Some(self.rows_of_model(Some(model), query))
    }

    /// What the source calls a parameter, or an attribute of something that is not known.
    pub(super) fn name_of(&self, value: &Value) -> Option<Arc<str>> {
        match value {
            Value::Symbol(function, param) => {
                Some(self.program.file(function.file).name(*param).into())
            }
            Value::Native(native) => Some(native.1.clone()),
            _ => None,
        }
    }

    /// What columns are set to, where that is known.
    pub(super) fn values_set(&mut self, model: ClassId, set: &[(Arc<str>, Value)]) -> Vec<Filter> {
        let mut values = Vec::new();
        for (name, value) in set {
            let value = filter_value(value);
            if matches!(value, FilterValue::From(_)) && self.is_column(model, name) {
                values.push(Filter { column: self.column_name(model, name), value });
            }
        }
        values
    }

    /// Whether a row has just been deleted, after all that pointed to it or was linked with it was.
    fn is_taken(&mut self, object: &Object) -> bool {
        object.is_subject && matches!(self.moment.subject(), Subject::Taken | Subject::TakenInside)
    }

    /// A column of an instance, by the name of its field.
    pub(super) fn column(&mut self, object: &Object, name: &str) -> Value {
        let name = self.column_name(object.class, name);
        let mut taint: Taint = object.query.deciding.clone();
        if self.tracks_rows() {
            taint.insert(object.source(RowPart::Column(name.clone())));
        }
        Value::Column(Arc::new(Column { origin: object.origin(name), is_set: false, taint }))
    }

    /// A dict of the named columns of an instance, or of all where none is named.
    pub(super) fn dict_of_row(&mut self, row: &Value, names: &[Arc<str>]) -> Value {
        let mut taint = Taint::new();
        match row {
            Value::Object(object) if !names.is_empty() => {
                for name in names {
                    let relation = self.relation(object.class, name);
                    let value = match relation.is_some_and(|it| it.role == Role::ManyToMany) {
                        true => self.attribute(row, name),
                        false => self.column(object, name),
                    };
                    value.collect_taint(&mut taint);
                }
            }
            whole => whole.collect_taint(&mut taint),
        }
        Value::derived(taint)
    }

    /// An attribute that is no attribute of the class: a key column, the primary key, a computed
    /// column, the far side of a relation.
    pub(super) fn implied_attribute(&mut self, object: &Arc<Object>, name: &str) -> Option<Value> {
        if object.query.annotations.iter().any(|known| &**known == name) {
            return Some(Value::derived(object.query.deciding.clone()));
        }
        if matches!(name, "pk" | "id") {
            return Some(self.key_of(object));
        }
        if let Some(field) = name.strip_suffix("_id")
            && self.relation(object.class, field).is_some_and(|it| it.role != Role::ManyToMany)
        {
            return Some(self.column(object, field));
        }
        if let Some(field) =
            name.strip_prefix("get_").and_then(|rest| rest.strip_suffix("_display"))
            && self.class_attribute(object.class, field).is_some()
        {
            return Some(Value::Returned("display".into()).either(self.column(object, field)));
        }
        self.reverse_side(object, name)
    }

    /// The rows behind the reverse side of a relation: `flag_set`, or a `related_name`.
    fn reverse_side(&mut self, object: &Arc<Object>, name: &str) -> Option<Value> {
        let (owner, field, role) = self.reverse_named(object.class, name)?;
        let via = Via { owner, field: field.clone(), role, forward: false };
        if role == Role::ManyToMany {
            return Some(self.linked_rows(object, Some(owner), via));
        }
        let mut deciding = object.query.deciding.clone();
        let via = Arc::new(via);
        if self.tracks_rows() {
            let part = RowPart::Deciding(field.clone());
            deciding.insert(RowSource::reached(owner, part, Some(via.clone())));
        }
        let mut filters = Vec::new();
        if role == Role::ForeignKey && self.is_taken(object) && !self.is_left(owner, &field) {
            filters.push(Filter::nothing());
        }
        filters.push(Filter { column: field, value: key_of_query(object) });
        let query = Query {
            deciding,
            filters,
            via: Some(via.clone()),
            manages: Some(via),
            ..Query::beside(&object.query)
        };
        Some(match role {
            Role::OneToOne => Value::Object(Arc::new(Object {
                one_of_many: true,
                query: Arc::new(query),
                ..Object::new(owner)
            })),
            _ => self.rows_of_model(Some(owner), query),
        })
    }

    /// The primary key of an instance; of the row whose write is followed, `None` until it is saved,
    /// where the database assigns it, and again when it is deleted.
    pub(super) fn key_of(&mut self, object: &Object) -> Value {
        if !object.is_subject {
            return self.column(object, "pk");
        }
        let assigned = self.primary_key(object.class).is_some();
        match self.moment.subject() {
            Subject::Deleted => Value::Gone,
            _ if assigned => self.column(object, "pk"),
            Subject::New => Value::None,
            Subject::Created
            | Subject::Changing
            | Subject::Saved
            | Subject::Leaving
            | Subject::Taken
            | Subject::TakenInside => match self.column(object, "pk") {
                Value::Column(column) => {
                    Value::Column(Arc::new(Column { is_set: true, ..(*column).clone() }))
                }
                other => other,
            },
            Subject::None => self.column(object, "pk"),
        }
    }

    /// All columns that hold the same values as one of `columns`: of classes that share the table, and
    /// foreign keys with the primary keys they point to.
    pub fn equal_columns(&mut self, columns: &[(ClassId, Arc<str>)]) -> Vec<(ClassId, Arc<str>)> {
        let mut all: Vec<(ClassId, Arc<str>)> = Vec::new();
        for (model, column) in columns {
            let mut keyed = (&**column == "pk").then_some(*model);
            all.push((*model, column.clone()));
            if let Some(relation) = self.relation(*model, column) {
                keyed = relation.target;
            }
            let Some(keyed) = keyed else { continue };
            all.push((keyed, "pk".into()));
            let sides = self.reverse_sides();
            for side in sides.get(&keyed).into_iter().flatten() {
                if side.role != Role::ManyToMany {
                    all.push((side.owner, side.field.clone()));
                }
            }
        }
        for (model, column) in all.clone() {
            for relative in self.table_relatives(model) {
                all.push((relative, column.clone()));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What a stored value was computed from, without objects that are no rows. A primary key is there to be
    /// looked up again.
    pub(super) fn rows_of_models(&mut self, mut taint: Taint) -> Taint {
        let is_key = |part: &RowPart| matches!(part, RowPart::Column(name) if &**name == "pk");
        taint.retain(|source| source.model.is_none_or(|model| self.is_model(model)));
        match taint.iter().any(|source| is_key(&source.part)) {
            true => taint.map(|source| match is_key(&source.part) {
                true => RowSource { part: RowPart::Keys, ..source },
                false => source,
            }),
            false => taint,
        }
    }

    /// The other models whose rows are, wholly or in part, rows of the same table: parents and
    /// children in multi-table inheritance, proxies.
    pub fn table_relatives(&mut self, model: ClassId) -> Vec<ClassId> {
        let mut relatives = self.table_parents(model);
        relatives.extend(self.heirs().get(&model).into_iter().flatten());
        let concrete = self.concrete(model);
        if concrete != model {
            relatives.push(concrete);
        }
        relatives
    }

    /// The field that a model declares as its primary key, where it declares one.
    pub(super) fn primary_key(&mut self, class: ClassId) -> Option<Arc<str>> {
        if let Some(known) = self.primary_keys.get(&class) {
            return known.clone();
        }
        self.primary_keys.insert(class, None);
        let mut found: Option<Arc<str>> = None;
        for owner in self.order(class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            for name in self.program.class_namespace(owner).names() {
                let text: Arc<str> = self.program.file(owner.file).name(name).into();
                if found.is_none()
                    && self.field_argument(owner, &text, None, "primary_key")
                        == Some(Value::Bool(true))
                {
                    found = Some(text);
                }
            }
        }
        self.primary_keys.insert(class, found.clone());
        found
    }

    /// Whether an attribute of the rows of a model is one of its columns.
    pub fn is_column(&mut self, class: ClassId, name: &str) -> bool {
        let column = self.column_name(class, name);
        &*column == "pk"
            || self
                .class_attribute(class, &column)
                .is_some_and(|(value, _)| self.role_of_field(&value).is_some())
    }

    /// Whether a column of a model that inherits from another one is not in the table of that.
    pub fn is_column_of_child(&mut self, parent: ClassId, child: ClassId, column: &str) -> bool {
        if column == "pk" || !self.order(child).contains(&Value::Class(parent)) {
            return false;
        }
        let owner = self.class_attribute(child, column).map(|(_, owner)| Value::Class(owner));
        owner.is_some_and(|owner| !self.order(parent).contains(&owner))
    }

    /// The name by which a column is known: that of its field, or `pk`.
    pub fn column_name(&mut self, class: ClassId, name: &str) -> Arc<str> {
        if matches!(name, "pk" | "id") && self.class_attribute(class, name).is_none() {
            return "pk".into();
        }
        if let Some(field) = name.strip_suffix("_id")
            && self.class_attribute(class, name).is_none()
            && self.relation(class, field).is_some()
        {
            return field.into();
        }
        match self.primary_key(class) {
            Some(key) if &*key == name => "pk".into(),
            _ => name.into(),
        }
    }
}

/// What the primary key of an instance equals: what it was looked up by, or no more than itself.
fn key_of_query(object: &Object) -> FilterValue {
    let by_key = object
        .query
        .filters
        .iter()
        .find(|filter| &*filter.column == "pk" && matches!(filter.value, FilterValue::From(_)));
    match by_key {
        Some(filter) => filter.value.clone(),
        None => FilterValue::From(object.origin("pk".into())),
    }
}
