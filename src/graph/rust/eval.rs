//! The values of expressions.

use std::sync::Arc;

use super::effect::Act;
use super::program::Target;
use super::run::{Frame, Runner};
use super::sieves::compared;
use super::types::{Head, Ty, ty_of};
use super::value::{Closure, Owner, Store, Value, Variant, What};
use crate::facts::{ClassKind, CompareOp, ExprId, ExprKind, ExprList, NameId, StmtId, StmtKind};
use crate::frameworks::{Holder, Part, last_segment};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::source::FileId;

/// How many parts a key has at the most.
const MAX_PARTS: usize = 40;

impl Runner<'_, '_> {
    /// The value of an expression, with all that computing it does.
    pub(super) fn eval(&mut self, file: FileId, expr: ExprId) -> Value {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => self.name(file, name),
            ExprKind::Attribute { value, attr } => {
                let owner = self.eval(file, value);
                self.field(owner, facts.name(attr))
            }
            ExprKind::Call { func, args } => self.call_expr(file, expr, func, args),
            ExprKind::Subscript { value, index } => {
                let owner = self.eval(file, value);
                let key = self.eval(file, index);
                self.item(owner, &key, file, expr)
            }
            ExprKind::Str(text) => Value::text(facts.name(text)),
            ExprKind::Format(parts) => self.format(file, parts),
            ExprKind::Int(number) => Value { what: What::Int(number), ..Value::default() },
            ExprKind::Bool(known) => Value { what: What::Bool(known), ..Value::default() },
            ExprKind::Sequence(items) => self.sequence(file, items),
            ExprKind::Lambda(ix) => {
                let around =
                    self.frames.last().map(|frame| frame.around.clone()).unwrap_or_default();
                let function = FunctionId { file, ix };
                let closure = Closure { function, captured: self.captured(), around };
                Value { what: What::Closure(Arc::new(closure)), ..Value::default() }
            }
            ExprKind::Compare { op, left, right } => self.compare(file, op, left, right),
            ExprKind::Not(inner) => match self.eval(file, inner).what {
                What::Bool(known) => Value { what: What::Bool(!known), ..Value::default() },
                _ => Value::default(),
            },
            ExprKind::And(items) => self.all(file, items, false),
            ExprKind::Or(items) => self.all(file, items, true),
            ExprKind::Binary { left, right, .. } => {
                let left = self.eval(file, left);
                let right = self.eval(file, right);
                self.added(&left, &right)
            }
            ExprKind::Named { value, .. } | ExprKind::Starred(value) => self.eval(file, value),
            ExprKind::Yield(value) => {
                let value = self.eval(file, value);
                self.awaited(value)
            }
            ExprKind::Dict(items)
            | ExprKind::Conditional(items)
            | ExprKind::Clause(items)
            | ExprKind::Comprehension { parts: items, .. }
            | ExprKind::Other(items) => self.whatever(file, items),
            ExprKind::None => Value::default(),
        }
    }

    /// Something that holds what its parts hold, and of which nothing else is known.
    fn whatever(&mut self, file: FileId, items: ExprList) -> Value {
        let mut rows = super::value::Rows::new();
        for item in self.program.file(file).list(items) {
            rows.extend(self.eval(file, *item).rows);
        }
        Value::only_rows(rows)
    }

    fn sequence(&mut self, file: FileId, items: ExprList) -> Value {
        let items: Vec<ExprId> = self.program.file(file).list(items).to_vec();
        let values: Vec<Value> = items.into_iter().map(|item| self.eval(file, item)).collect();
        let rows = values.iter().flat_map(|value| value.rows.iter().cloned()).collect();
        let tys = values.iter().map(|value| value.ty.clone()).collect();
        let ty = Ty { head: Head::Tuple, args: tys };
        Value { ty, what: What::Several(values.into()), rows, ..Value::default() }
    }

    /// `a && b`, or `a || b` where `of` is true.
    fn all(&mut self, file: FileId, items: ExprList, of: bool) -> Value {
        let mut known = Some(!of);
        for item in self.program.file(file).list(items) {
            match self.eval(file, *item).what {
                What::Bool(value) if value == of => known = Some(of),
                What::Bool(_) => {}
                _ if known == Some(of) => {}
                _ => known = None,
            }
        }
        match known {
            Some(known) => Value { what: What::Bool(known), ..Value::default() },
            None => Value::default(),
        }
    }

    fn compare(&mut self, file: FileId, op: CompareOp, left: ExprId, right: ExprId) -> Value {
        let right_side = right;
        let left = self.eval(file, left);
        let right = self.eval(file, right);
        let equal = match (&left.what, &right.what) {
            (What::Bool(one), What::Bool(two)) => Some(one == two),
            (What::Variant(one), What::Variant(two)) => {
                match one.class == two.class && one.name == two.name {
                    false => Some(false),
                    // What it holds is no part of the pattern.
                    true => two.fields.is_empty().then_some(true),
                }
            }
            (What::Variant(_), _) if self.is_foreign_variant(file, right_side) => Some(false),
            (What::Message, What::Variant(variant)) => {
                let ty = Ty::of_class(variant.class);
                self.emit(Act::Receive(ty), file, right_side);
                None
            }
            _ => None,
        };
        let known = match op {
            CompareOp::Eq => equal,
            CompareOp::NotEq => equal.map(|equal| !equal),
            _ => None,
        };
        match known {
            Some(known) => Value { what: What::Bool(known), ..Value::default() },
            None => match compared(op, &left, &right) {
                Some(compared) => {
                    Value { what: What::Compared(Arc::new(compared)), ..Value::default() }
                }
                None => Value::default(),
            },
        }
    }

    /// Whether a pattern names a variant of an enum outside of the program, but one that says no more than
    /// that there is something.
    fn is_foreign_variant(&self, file: FileId, pattern: ExprId) -> bool {
        let (Some(path), Some(frame)) = (self.program.path(file, pattern), self.frames.last())
        else {
            return false;
        };
        let Target::Outside(path) = self.program.resolve(frame.module, path).0 else {
            return false;
        };
        let last = last_segment(&path);
        last.starts_with(char::is_uppercase)
            && !self.program.frameworks.is_transparent_function(last)
    }

    fn added(&self, left: &Value, right: &Value) -> Value {
        let mut rows = left.rows.clone();
        rows.extend(right.rows.iter().cloned());
        let mut value = Value::only_rows(rows);
        if left.text.is_some() || right.text.is_some() {
            let mut text = (*left.template()).clone();
            text.append(&right.template());
            value.text = (text.parts.len() <= MAX_PARTS).then(|| Arc::new(text));
        }
        value
    }

    /// `format!("user:{id}")`
    fn format(&mut self, file: FileId, parts: ExprList) -> Value {
        let mut text = Template::default();
        let mut rows = super::value::Rows::new();
        for part in self.program.file(file).list(parts) {
            let value = self.eval(file, *part);
            text.append(&value.template());
            rows.extend(value.rows);
        }
        text.parts.truncate(MAX_PARTS);
        Value { text: Some(Arc::new(text)), rows, ..Value::default() }
    }

    /// A variable, or what a path leads to.
    fn name(&mut self, file: FileId, name: NameId) -> Value {
        if let Some(value) = self.locals_have(name) {
            return value.clone();
        }
        let path = self.program.file(file).name(name);
        let Some(module) = self.frames.last().map(|frame| frame.module) else {
            return Value::default();
        };
        let meant = self.param_target(path);
        if let Some(variant) = path.strip_prefix("Self::")
            && meant.is_none()
        {
            let own = self.frames.last().and_then(|frame| frame.around.own.clone());
            if let Some(own) = own {
                return self.member_of_type(own, variant);
            }
        }
        match meant.unwrap_or_else(|| self.program.resolve(module, path)) {
            (Target::Value(at, stmt), rest) => {
                let value = self.value_of(at, stmt);
                rest.iter().fold(value, |value, segment| self.field(value, segment))
            }
            (Target::Class(class), rest) => match rest.as_slice() {
                [] => Value::named(Ty::of_class(class), path),
                [member, ..] => self.member_of_type(Ty::of_class(class), member),
            },
            (Target::Generated(table, Part::Columns), rest) => {
                let last = rest.last().copied().or_else(|| path.rsplit("::").next());
                let column = last.map(snake_case).unwrap_or_default();
                let what = What::Column(column.as_str().into());
                Value { what, ..Value::of(Ty::of_part(table, Part::Columns)) }
            }
            (Target::Generated(table, Part::Entity), rest) => match rest.as_slice() {
                [] | ["table"] => self.table_value(table),
                [.., column]
                    if self.program.table(table).columns.iter().any(|it| &**it == *column) =>
                {
                    let what = What::Column((*column).into());
                    Value { what, ..Value::of(Ty::of_part(table, Part::Columns)) }
                }
                _ => self.table_value(table),
            },
            (Target::Generated(table, part), _) => Value::of(Ty::of_part(table, part)),
            (Target::Function(function), _) => {
                let closure =
                    Closure { function, captured: Default::default(), around: Arc::default() };
                Value { what: What::Closure(Arc::new(closure)), ..Value::default() }
            }
            (Target::Key(key), rest) => match rest.as_slice() {
                [] => Value::named(Ty::of_key(key), path),
                [member, ..] => self.member_of_type(Ty::of_key(key), member),
            },
            (Target::Memoised(function), _) => self.results_of(function),
            (Target::Outside(path), _) => Value::named(Ty::default(), last_segment(&path)),
            (Target::Module(_), _) => Value::default(),
        }
    }

    /// The static that keeps the results of a memoised function.
    fn results_of(&self, function: FunctionId) -> Value {
        let what = match self.program.memoised(function) {
            Some(memoised) => {
                What::Store(Store { kind: memoised.kind, owner: Owner::Function(function) })
            }
            None => What::Plain,
        };
        Value { what, ..Value::default() }
    }

    /// A variant or a constant of a type.
    fn member_of_type(&mut self, ty: Ty, member: &str) -> Value {
        let label = match ty.class() {
            Some(class) => {
                if let Some(function) = self.program.method(class, member) {
                    let around = Arc::new(self.around(function, Some(ty), &[], &[]));
                    let closure = Closure { function, captured: Default::default(), around };
                    return Value { what: What::Closure(Arc::new(closure)), ..Value::default() };
                }
                if let Some(constant) = self.constant_of(class, member) {
                    return constant;
                }
                format!("{}::{member}", self.program.class_name(class))
            }
            None => member.to_owned(),
        };
        let what = match ty.class() {
            Some(class) if self.program.class(class).kind == ClassKind::Enum => {
                let (name, fields) = (member.into(), Default::default());
                What::Variant(Arc::new(Variant { class, name, fields }))
            }
            _ => What::Plain,
        };
        // What a trait asks for is not known before it is known of what.
        let text = match ty.class().is_some_and(|class| self.program.is_trait(class)) {
            true => Template::hole(&label),
            false => Template::text(&label),
        };
        Value { what, text: Some(Arc::new(text)), ..Value::of(ty) }
    }

    /// A constant of an `impl` block of a type.
    fn constant_of(&mut self, class: ClassId, name: &str) -> Option<Value> {
        let blocks: Vec<ClassId> = self.program.blocks_of(class).to_vec();
        for block in blocks {
            let facts = self.program.file(block.file);
            for &stmt in facts.block(self.program.class(block).body) {
                let StmtKind::Assign { target, annotation: Some(_), .. } = facts.stmt(stmt).kind
                else {
                    continue;
                };
                if matches!(facts.expr(target).kind, ExprKind::Name(known) if facts.name(known) == name)
                {
                    return Some(self.value_of(block.file, stmt));
                }
            }
        }
        None
    }

    /// The value of a static or a constant.
    fn value_of(&mut self, file: FileId, stmt: StmtId) -> Value {
        if let Some(known) = self.values.get(&(file, stmt)) {
            return known.clone();
        }
        self.values.insert((file, stmt), Value::default());
        let StmtKind::Assign { target, value, annotation } =
            self.program.file(file).stmt(stmt).kind
        else {
            return Value::default();
        };
        let Some(module) = self.program.crates.first_module_of(file) else {
            return Value::default();
        };
        let outer = std::mem::take(&mut self.frames);
        let effects = std::mem::take(&mut self.effects);
        let forks = std::mem::take(&mut self.forks);
        self.frames.push(Frame {
            file,
            module,
            function: None,
            form: None,
            called_at: None,
            around: Arc::default(),
            locals: Default::default(),
            returned: None,
            expected: None,
        });
        let mut found = match value {
            Some(value) => self.eval(file, value),
            None => Value::default(),
        };
        if let What::Closure(closure) = &found.what {
            // `LazyLock::new(|| ...)`
            let closure = closure.clone();
            found = self.call_closure(&closure, Vec::new());
        }
        if let Some(annotation) = annotation {
            let ty = ty_of(self.program, module, None, file, annotation);
            if ty != Ty::default() {
                found.ty = ty;
            }
            if let Some(kind) = self.store_kind(&found.ty, Holder::Shared) {
                let owner = self.owner_of(kind, Owner::Static(file, stmt));
                found.what = What::Store(Store { kind, owner });
            }
        }
        if found.text.is_none() {
            let label = match self.program.file(file).expr(target).kind {
                ExprKind::Name(name) => self.program.file(file).name(name),
                _ => "value",
            };
            found.text = Some(Arc::new(Template::hole(label)));
        }
        self.frames = outer;
        self.effects = effects;
        self.forks = forks;
        if let (What::Store(store), Some(seconds)) = (&found.what, found.seconds) {
            self.timeouts.insert(store.clone(), seconds);
        }
        self.values.insert((file, stmt), found.clone());
        found
    }
}

/// `TeamId` as `team_id`.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
