//! What the ORM makes of a model class: its kind, its label and its relations.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Interp;
use super::attrs::native;
use super::moment::Subject;
use crate::facts::{ExprId, ExprKind};
use crate::frameworks::{ModelMethod, Role};
use crate::graph::effect::{EffectKind, Write};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::namespace::BindingKind;
use crate::graph::program::last_name;
use crate::graph::value::Value;
use crate::source::{FileId, Location, Span};

/// A relation field.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Which kind: foreign key, one-to-one or many-to-many.
    pub role: Role,
    /// The model it points to, where that is part of the program.
    pub target: Option<ClassId>,
    /// The explicit through class of a many-to-many field.
    pub through: Option<Value>,
    /// The name of the way back, where one is given.
    pub related_name: Option<String>,
}

impl Relation {
    /// Whether its target has no way back: `related_name="+"`, or a name that ends so.
    pub fn is_hidden(&self) -> bool {
        self.related_name.as_ref().is_some_and(|name| name.ends_with('+'))
    }
}

const MODEL: [Role; 3] = [Role::Model, Role::ConcreteModel, Role::UserBase];

impl Interp<'_> {
    /// Whether a class is a model, abstract ones and proxies included.
    ///
    /// A class with a base out of sight is taken for one when a field of the ORM is declared in it.
    pub fn is_model(&mut self, class: ClassId) -> bool {
        if let Some(known) = self.model_classes.get(&class) {
            return *known;
        }
        // What refers to itself on the way is not a model by that alone.
        self.model_classes.insert(class, false);
        let known = self.has_role(class, &MODEL)
            || (self.has_base_out_of_sight(class) && self.declares_field(class));
        self.model_classes.insert(class, known);
        known
    }

    pub(super) fn has_base_out_of_sight(&mut self, class: ClassId) -> bool {
        let order = self.order(class);
        order.iter().any(|base| match base {
            Value::External(name) => self.program.frameworks.role(name).is_none(),
            Value::Unbound(_) | Value::Unknown => true,
            _ => false,
        })
    }

    fn declares_field(&mut self, class: ClassId) -> bool {
        let program = self.program;
        let facts = program.file(class.file);
        let namespace = program.class_namespace(class);
        namespace.names().any(|name| {
            // Most classes are no models; what is called tells before the call is made.
            let may_be_field = namespace.get(name).iter().any(|binding| {
                let BindingKind::Value { value, .. } = binding.kind else { return false };
                let ExprKind::Call { func, .. } = facts.expr(value).kind else { return false };
                last_name(facts, func).is_some_and(|word| program.frameworks.names_field(word))
                    && self.may_make_field(class, func)
            });
            may_be_field
                && self
                    .class_binding(class, name)
                    .is_some_and(|value| self.role_of_field(&value).is_some())
        })
    }

    /// Whether what the body of a class calls may be a class of fields.
    fn may_make_field(&mut self, class: ClassId, called: ExprId) -> bool {
        let file = class.file;
        let called = self.value_apart(file, Some(class), called);
        match called {
            Value::External(path) => {
                self.program.frameworks.role(&path).is_some_and(|role| role.is_field())
            }
            _ => true,
        }
    }

    /// Whether `Meta` of the class itself says `abstract = True`; that is not inherited.
    pub fn is_abstract(&mut self, class: ClassId) -> bool {
        self.own_meta(class, "abstract") == Some(Value::Bool(true))
    }

    /// Whether `Meta` of the class itself says `proxy = True`.
    pub fn is_proxy(&mut self, class: ClassId) -> bool {
        self.own_meta(class, "proxy") == Some(Value::Bool(true))
    }

    /// Whether `Meta` of a model says `managed = False`: its table, which may be a view, is made by somebody else.
    pub fn is_unmanaged(&mut self, class: ClassId) -> bool {
        self.meta(class, "managed") == Some(Value::Bool(false))
    }

    /// An option that `Meta` of the class itself sets.
    pub(super) fn own_meta(&mut self, class: ClassId, option: &str) -> Option<Value> {
        match self.class_member(class, "Meta")? {
            Value::Class(meta) => self.class_member(meta, option),
            _ => None,
        }
    }

    /// An option of `Meta`, from the class or the abstract bases whose `Meta` it inherits.
    pub(super) fn meta(&mut self, class: ClassId, option: &str) -> Option<Value> {
        let (meta, _) = self.class_attribute(class, "Meta")?;
        match meta {
            Value::Class(meta) => self.class_attribute(meta, option).map(|(value, _)| value),
            _ => None,
        }
    }

    /// The label of the app a model belongs to.
    pub fn app_label(&mut self, class: ClassId) -> String {
        if let Some(label) = self.meta(class, "app_label")
            && let Some(label) = label.known_text()
        {
            return label.to_owned();
        }
        self.app_label_of_file(class.file)
    }

    pub(super) fn app_label_of_file(&self, file: FileId) -> String {
        let folder = self.program.app_folder(file);
        match self.app_labels.get(folder) {
            Some(label) => label.clone(),
            None => folder.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }

    /// `app.Model`
    pub fn model_label(&mut self, class: ClassId) -> String {
        let label = self.app_label(class);
        format!("{label}.{}", self.program.class_name(class))
    }

    /// The model of a label such as `shop.Flag`, case ignored in the model's name as Django does.
    pub fn model_of_label(&mut self, label: &str) -> Option<ClassId> {
        self.labels.get(&label.to_lowercase()).copied()
    }

    /// The name of the method that saves an instance.
    pub(super) fn save_method(&self) -> &'static str {
        self.program.frameworks.main_model_method(ModelMethod::Saves)
    }

    /// The name of the method that deletes an instance.
    pub(super) fn delete_method(&self) -> &'static str {
        self.program.frameworks.main_model_method(ModelMethod::Deletes)
    }

    /// The relation that a field of a model is.
    pub fn relation(&mut self, class: ClassId, name: &str) -> Option<Relation> {
        let key = (class, Arc::from(name));
        if let Some(known) = self.relations.get(&key) {
            return known.clone();
        }
        let relation = self.read_relation(class, name);
        self.relations.insert(key, relation.clone());
        relation
    }

    fn read_relation(&mut self, class: ClassId, name: &str) -> Option<Relation> {
        let (value, _) = self.class_attribute(class, name)?;
        let role = self.role_of_field(&value).filter(|role| !role.is_column())?;
        let target = self.field_argument(class, name, Some(0), "to");
        let target = target.and_then(|target| self.model_reference(class, &target));
        let through = self.field_argument(class, name, None, "through");
        let through = through.map(|through| match self.model_reference(class, &through) {
            Some(model) => Value::Class(model),
            None => Value::Unknown,
        });
        let related_name = self.field_argument(class, name, None, "related_name");
        let related_name = related_name.and_then(|name| name.known_text().map(str::to_owned));
        Some(Relation { role, target, through, related_name })
    }

    /// The model that a reference means: a class, `"self"`, `"Model"` of the same app, `"app.Model"`.
    pub(super) fn model_reference(&mut self, from: ClassId, value: &Value) -> Option<ClassId> {
        match value {
            Value::Class(class) => Some(*class),
            Value::Text(template) => match template.known()? {
                "self" => Some(from),
                label if label.contains('.') => self.model_of_label(label),
                name => {
                    let label = self.app_label(from);
                    self.model_of_label(&format!("{label}.{name}"))
                }
            },
            Value::Union(all) => all.iter().find_map(|value| self.model_reference(from, value)),
            _ => None,
        }
    }

    /// The relation whose reverse side has this name on instances of a model: its owner, field, kind.
    pub(super) fn reverse_named(
        &mut self,
        class: ClassId,
        name: &str,
    ) -> Option<(ClassId, Arc<str>, Role)> {
        self.find_reverse(class, |known| known == name)
    }

    /// The relation whose reverse side has this name in lookup paths.
    pub(super) fn reverse_of(
        &mut self,
        class: ClassId,
        name: &str,
    ) -> Option<(ClassId, Arc<str>, Role)> {
        self.find_reverse(class, |known| known.strip_suffix("_set").unwrap_or(known) == name)
    }

    fn find_reverse(
        &mut self,
        class: ClassId,
        is_meant: impl Fn(&str) -> bool,
    ) -> Option<(ClassId, Arc<str>, Role)> {
        let reverse = self.reverse_sides();
        let classes: Vec<ClassId> =
            std::iter::once(class).chain(self.table_parents(class)).collect();
        classes.iter().find_map(|class| {
            let sides = reverse.get(class)?;
            let side = sides.iter().find(|side| is_meant(&side.name))?;
            Some((side.owner, side.field.clone(), side.role))
        })
    }

    /// The reverse sides of all relations, by the model they belong to.
    pub fn reverse_sides(&mut self) -> Arc<super::ReverseRelations> {
        match &self.reverse_relations {
            Some(reverse) => reverse.clone(),
            None => {
                // What refers to itself on the way finds none.
                self.reverse_relations = Some(Arc::default());
                let reverse = Arc::new(self.read_reverse_relations());
                self.reverse_relations = Some(reverse.clone());
                reverse
            }
        }
    }

    fn read_reverse_relations(&mut self) -> super::ReverseRelations {
        let mut reverse = super::ReverseRelations::default();
        for (target, side) in self.ways_back() {
            if let Some(target) = target {
                reverse.entry(target).or_default().push(side);
            }
        }
        reverse
    }

    /// The ways back of relations to models out of sight, by their names; none where several have a name.
    pub(super) fn ways_back_of_outsiders(&mut self) -> Arc<super::WaysBack> {
        if let Some(known) = &self.ways_back_of_outsiders {
            return known.clone();
        }
        let mut ways = super::WaysBack::default();
        for (target, side) in self.ways_back() {
            let way = ways.entry(side.name.clone()).or_default();
            match target {
                Some(_) => way.is_in_sight = true,
                None if way.side.is_some() => way.is_of_several = true,
                None => way.side = Some(side),
            }
        }
        let ways = Arc::new(ways);
        self.ways_back_of_outsiders = Some(ways.clone());
        ways
    }

    /// The names by which models out of sight lead back to rows of some models.
    pub fn ways_back_to(&mut self, models: &[ClassId]) -> Vec<String> {
        let ways = self.ways_back_of_outsiders();
        let sides = ways.values().filter_map(|way| way.side.as_ref());
        let mut names: Vec<String> = sides
            .filter(|side| models.contains(&side.owner))
            .map(|side| side.name.clone())
            .collect();
        names.sort_unstable();
        names
    }

    /// The way back of each relation, with the model that it belongs to where that is part of the program.
    fn ways_back(&mut self) -> Vec<(Option<ClassId>, super::ReverseSide)> {
        let mut ways = Vec::new();
        for &model in self.models.clone().iter() {
            for field in self.relation_fields(model).iter() {
                let Some(relation) = self.relation(model, field) else { continue };
                let lower = self.program.class_name(model).to_lowercase();
                let name = match (relation.related_name, relation.role) {
                    (Some(name), _) => name,
                    (None, Role::OneToOne) => lower.clone(),
                    (None, _) => format!("{lower}_set"),
                };
                let side = super::ReverseSide {
                    name: name.replace("%(class)s", &lower),
                    owner: model,
                    field: field.clone(),
                    role: relation.role,
                };
                ways.push((relation.target, side));
            }
        }
        ways
    }

    /// The names of a model's relation fields, inherited ones included.
    pub fn relation_fields(&mut self, class: ClassId) -> Arc<[Arc<str>]> {
        if let Some(known) = self.relation_fields.get(&class) {
            return known.clone();
        }
        let mut fields: Vec<Arc<str>> = Vec::new();
        for owner in self.order(class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            for name in self.program.class_namespace(owner).names() {
                let Some(value) = self.class_binding(owner, name) else { continue };
                if self.role_of_field(&value).is_some_and(|role| !role.is_column()) {
                    fields.push(self.program.file(owner.file).name(name).into());
                }
            }
        }
        let fields: Arc<[Arc<str>]> = fields.into();
        self.relation_fields.insert(class, fields.clone());
        fields
    }

    /// The explicit through class of a many-to-many field.
    pub(super) fn through(&mut self, class: ClassId, field: &str) -> Option<Value> {
        self.relation(class, field)?.through
    }

    /// `_state.adding` of the row whose write is followed.
    pub(super) fn state_attribute(&mut self, receiver: &Value, name: &str) -> Value {
        let is_subject = matches!(receiver, Value::Object(object) if object.is_subject);
        match (is_subject && name == "adding").then(|| self.moment.subject()) {
            Some(Subject::New) => Value::Bool(true),
            Some(Subject::Created | Subject::Changing | Subject::Saved) => Value::Bool(false),
            _ => native(Value::Unknown, name),
        }
    }

    /// The many-to-many fields of a model and those that point to it, with the class of each.
    pub fn many_to_many_of(&mut self, model: ClassId) -> Vec<(ClassId, Arc<str>)> {
        let mut fields = Vec::new();
        for owner in self.models.clone().iter().copied() {
            for field in self.relation_fields(owner).iter() {
                let Some(relation) = self.relation(owner, field) else { continue };
                if relation.role == Role::ManyToMany
                    && (owner == model || relation.target == Some(model))
                {
                    fields.push((owner, field.clone()));
                }
            }
        }
        fields
    }

    /// Whether a model is the explicit through class of some many-to-many field.
    pub fn is_through(&mut self, model: ClassId) -> bool {
        self.models.clone().iter().any(|owner| {
            self.relation_fields(*owner).iter().any(|field| {
                let relation = self.relation(*owner, field);
                match relation.and_then(|relation| relation.through) {
                    Some(Value::Class(through)) => through == model,
                    // A through class that could not be told may be any.
                    Some(_) => true,
                    None => false,
                }
            })
        })
    }

    /// The explicit through class of a many-to-many field, where it has one.
    pub fn through_of(&mut self, owner: ClassId, field: &str) -> Option<ClassId> {
        match self.relation(owner, field)?.through? {
            Value::Class(through) => Some(through),
            _ => None,
        }
    }

    /// Whether production code visibly writes rows through this very class: by a call, in the
    /// admin, or by a form or serializer.
    pub fn is_written(&mut self, model: ClassId) -> bool {
        let program = self.program;
        let name = program.class_name(model);
        let names = || std::iter::once(name).chain(program.aliases_of(name).iter().copied());
        let naming = names().flat_map(|name| program.vocabulary.files_naming(name)).copied();
        let naming: BTreeSet<FileId> = naming.filter(|file| program.is_production(*file)).collect();
        for file in naming {
            let ids = names().filter_map(|name| program.file(file).names.find(name));
            for id in ids.collect::<Vec<_>>() {
                if self.is_registered(file, id, model) {
                    return true;
                }
            }
        }
        let mentioning: BTreeSet<FunctionId> =
            names().flat_map(|name| program.functions_mentioning(name)).collect();
        mentioning.into_iter().any(|function| {
            let effects = self.follow_function(function, super::Args::unknown());
            effects.iter().any(|effect| {
                matches!(&*effect.kind, EffectKind::Write(Write { model: Some(written), .. }) if *written == model)
            })
        })
    }

    /// Whether a module hands the class to a `register` call or names it as the `model` of a class.
    fn is_registered(&mut self, file: FileId, name: crate::facts::NameId, model: ClassId) -> bool {
        let facts = self.program.file(file);
        let names_it = |expr: crate::facts::ExprId| facts.expr(expr).kind == ExprKind::Name(name);
        let registered = facts.exprs.iter().any(|expr| {
            let ExprKind::Call { func, args } = expr.kind else { return false };
            let called = match facts.expr(func).kind {
                ExprKind::Name(called) | ExprKind::Attribute { attr: called, .. } => {
                    facts.name(called)
                }
                _ => return false,
            };
            called == "register" && facts.args(args).iter().any(|arg| names_it(arg.value))
        });
        let named = facts.stmts.iter().any(|stmt| match stmt.kind {
            crate::facts::StmtKind::Assign { target, value: Some(value), .. } => {
                let ExprKind::Name(target) = facts.expr(target).kind else { return false };
                facts.name(target) == "model" && names_it(value)
            }
            _ => false,
        });
        (registered || named)
            && self.with_module_frame(file, |interp| interp.lookup(file, name))
                == Value::Class(model)
    }

    /// Where a field of a model is declared; where the class is, if that is out of sight.
    pub fn declaration_of(&mut self, class: ClassId, field: &str) -> Location {
        let owner = self.class_attribute(class, field).map_or(class, |(_, owner)| owner);
        match self.binding_span(owner, field) {
            Some(span) => Location { file: owner.file, span },
            None => self.program.class_location(class),
        }
    }

    /// Where the body of a class binds a name.
    pub fn binding_span(&mut self, class: ClassId, name: &str) -> Option<Span> {
        let id = self.name_id(class.file, name)?;
        let facts = self.program.file(class.file);
        let body = facts.class(class.ix).body;
        facts
            .block(body)
            .iter()
            .rev()
            .find_map(|stmt| match facts.stmt(*stmt).kind {
                crate::facts::StmtKind::Assign { target, .. }
                    if facts.expr(target).kind == ExprKind::Name(id) =>
                {
                    Some(facts.stmt(*stmt).span)
                }
                _ => None,
            })
            .or_else(|| Some(facts.class(class.ix).name_span))
    }

    pub(super) fn is_property_decorator(&self, name: &str) -> bool {
        self.program.frameworks.role(name) == Some(Role::Property)
    }
}
