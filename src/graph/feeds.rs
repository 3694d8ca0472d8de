//! Which models feed an entry, by which relation, with which of their columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::effect::Write;
use super::ids::ClassId;
use super::interp::Interp;
use super::key::{Origin, Part, Template};
use super::value::{Filter, FilterValue, RowPart, RowSource, Taint, Via};
use crate::frameworks::Role;

/// A model whose rows reach the value of an entry.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The model.
    pub model: ClassId,
    /// The relation by which its rows are reached; the rows that are queried have none.
    pub via: Option<Arc<Via>>,
    /// The columns that reach the value or decide which rows do; all where there is none.
    pub columns: Option<BTreeSet<Arc<str>>>,
    /// Whether which rows there are matters, so that a new one does.
    pub lists_rows: bool,
    /// The columns that reach the value itself.
    values: BTreeSet<Arc<str>>,
    /// The conditions that rows are looked up by.
    lookups: BTreeSet<Filter>,
    /// Whether anything but the choice of rows is read.
    has_values: bool,
    /// Whether the key changes with all that is read.
    is_covered_by_key: bool,
    /// The conditions that confine the rows, for each place that reads them; empty where one does not.
    pub filters: Vec<Vec<Filter>>,
}

/// How the rows of a feed are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    /// They are what is queried.
    Own,
    /// By a foreign key or one-to-one field of other rows.
    Forward,
    /// By a foreign key or one-to-one field of their own.
    Reverse,
    /// By a many-to-many field, from either side.
    Linked,
}

/// The feeds of an entry.
#[derive(Debug, Clone, Default)]
pub struct Feeds {
    /// Models whose rows reach the value, in the order of their ids; the queried ones first.
    pub models: Vec<Feed>,
    /// Many-to-many fields whose links reach it, by the model that declares each.
    pub links: Vec<(ClassId, Arc<str>)>,
}

impl Feed {
    /// Whole rows of a model that are queried.
    pub fn of_whole_rows(model: ClassId, lists_rows: bool) -> Feed {
        let filters = vec![Vec::new()];
        Feed {
            model,
            via: None,
            columns: None,
            lists_rows,
            values: BTreeSet::new(),
            lookups: BTreeSet::new(),
            has_values: true,
            is_covered_by_key: false,
            filters,
        }
    }

    /// How its rows are reached.
    pub fn kind(&self) -> FeedKind {
        match &self.via {
            None => FeedKind::Own,
            Some(via) => match (via.role, via.forward) {
                (Role::ManyToMany, _) => FeedKind::Linked,
                (_, true) => FeedKind::Forward,
                (_, false) => FeedKind::Reverse,
            },
        }
    }

    /// Whether a change of these columns (of any where it is not known which) reaches the value.
    pub fn reads(&self, columns: Option<&[Arc<str>]>) -> bool {
        match (&self.columns, columns) {
            (Some(own), Some(changed)) => changed.iter().any(|column| own.contains(column)),
            (Some(own), None) => !own.is_empty(),
            (None, _) => true,
        }
    }

    /// Whether a write that saves a row may change what is read; not where it is known to change other columns,
    /// or rows of another model.
    pub fn is_changed_by(&self, interp: &mut Interp<'_>, write: &Write) -> bool {
        let model = write.model.unwrap_or(self.model);
        let columns: Option<Vec<Arc<str>>> = write.columns.as_ref().map(|columns| {
            columns.iter().map(|column| interp.column_name(model, column)).collect()
        });
        match model == self.model {
            true => self.reads(columns.as_deref()),
            false => interp.table_relatives(self.model).contains(&model),
        }
    }

    /// Whether rows that fit `filters` may be among those that are read.
    pub fn may_hold(&self, filters: &[Filter]) -> bool {
        if self.filters.is_empty() {
            return true;
        }
        self.filters
            .iter()
            .any(|own| !own.iter().any(|own| filters.iter().any(|other| own.excludes(other))))
    }
}

impl Filter {
    /// Whether no row fits both conditions.
    fn excludes(&self, other: &Filter) -> bool {
        self.column == other.column
            && match (&self.value, &other.value) {
                (FilterValue::Known(own), FilterValue::Known(other)) => own != other,
                (FilterValue::Known(known), FilterValue::Not(other))
                | (FilterValue::Not(other), FilterValue::Known(known)) => known == other,
                _ => false,
            }
    }
}

impl Feeds {
    /// Takes out what the key of an entry covers by itself: columns of a row that is looked up on each
    /// read to build the key, and columns by which a row is looked up under the key.
    pub fn forget_what_keys_hold(&mut self, interp: &mut Interp<'_>, keys: &[&Template]) {
        let origins: Vec<&Origin> = keys
            .iter()
            .flat_map(|key| &key.parts)
            .filter_map(|part| match part {
                Part::Hole { origin, .. } => origin.as_ref(),
                _ => None,
            })
            .collect();
        let conditions: Vec<Filter> =
            self.models.iter().flat_map(|feed| &feed.lookups).cloned().collect();
        let by_key = |filter: &&Filter| match &filter.value {
            FilterValue::From(origin) => origins.iter().any(|known| origin.same_as(known)),
            _ => false,
        };
        // A column of an abstract model is one of each table that has it.
        let mut columns_held: Vec<(ClassId, &Arc<str>)> = Vec::new();
        for origin in &origins {
            if let Origin::Column { model, column, .. } = origin {
                let tables = interp.with_tables(*model).into_iter().chain([*model]);
                columns_held.extend(tables.map(|table| (table, column)));
            }
        }
        for feed in &mut self.models {
            let of_feed = columns_held.iter().filter(|(model, _)| *model == feed.model);
            let held: Vec<&Arc<str>> = of_feed.map(|(_, column)| *column).collect();
            // `team__slug` of the rows that are queried is the `slug` of the team.
            let prefix = feed.via.as_ref().map(|via| format!("{}__", via.field));
            let looked_up: Vec<Arc<str>> = conditions
                .iter()
                .filter(by_key)
                .filter_map(|filter| match &prefix {
                    None => Some(filter.column.clone()),
                    Some(prefix) => filter.column.strip_prefix(prefix.as_str()).map(Into::into),
                })
                .collect();
            let Some(columns) = &mut feed.columns else { continue };
            if held.is_empty() {
                // The column that names a row stays where it leads to another one.
                columns.retain(|column| {
                    feed.values.contains(column)
                        || !looked_up.contains(column)
                        || (feed.lists_rows && feed.via.is_none())
                });
            } else {
                columns.retain(|column| feed.values.contains(column) && !held.contains(&column));
            }
            if columns.is_empty() && !held.is_empty() && feed.via.is_none() {
                feed.is_covered_by_key = true;
            }
        }
        self.models.retain(|feed| !feed.is_covered_by_key);
    }

    /// The feeds of everything that the values of an entry were computed from.
    pub fn of(interp: &mut Interp<'_>, taints: &[&Taint]) -> Feeds {
        let mut feeds = Feeds::default();
        let mut keys_only: Vec<(ClassId, Option<Arc<Via>>)> = Vec::new();
        let mut ordered: Vec<(ClassId, Option<Arc<Via>>)> = Vec::new();
        for source in taints.iter().flat_map(|taint| taint.iter()) {
            let Some(model) = source.model else { continue };
            // Rows are in the tables of the models that inherit from an abstract one.
            for model in interp.with_tables(model) {
                match &source.part {
                    RowPart::Links(field) => {
                        let link = (model, field.clone());
                        if !feeds.links.contains(&link) {
                            feeds.links.push(link);
                        }
                    }
                    RowPart::Keys => keys_only.push((model, source.via.clone())),
                    RowPart::Ordered => ordered.push((model, source.via.clone())),
                    _ => feeds.add(model, source),
                }
            }
        }
        for feed in &mut feeds.models {
            let is_it = |(model, via): &(ClassId, Option<Arc<Via>>)| {
                *model == feed.model && *via == feed.via
            };
            if feed.lists_rows
                && !feed.values.is_empty()
                && !ordered.iter().any(is_it)
                && let Some(columns) = &mut feed.columns
            {
                columns.extend(interp.default_order(feed.model));
            }
        }
        // Keys are looked up again when they are used; what chose them is no more than a choice.
        feeds.models.retain(|feed| {
            let keys =
                keys_only.iter().any(|(model, via)| *model == feed.model && *via == feed.via);
            !(keys && feed.columns.is_some() && !feed.has_values)
        });
        feeds.models.sort_by_key(|feed| (feed.via.is_some(), feed.model, feed.via.clone()));
        feeds
    }

    fn add(&mut self, model: ClassId, source: &RowSource) {
        let known =
            self.models.iter_mut().find(|feed| feed.model == model && feed.via == source.via);
        let feed = match known {
            Some(feed) => feed,
            None => {
                self.models.push(Feed {
                    model,
                    via: source.via.clone(),
                    columns: Some(BTreeSet::new()),
                    lists_rows: false,
                    values: BTreeSet::new(),
                    lookups: BTreeSet::new(),
                    has_values: false,
                    is_covered_by_key: false,
                    filters: Vec::new(),
                });
                let last = self.models.len() - 1;
                &mut self.models[last]
            }
        };
        match (&source.part, &mut feed.columns) {
            (RowPart::Whole | RowPart::Untold, columns) => *columns = None,
            // Primary keys do not change.
            (RowPart::Column(name) | RowPart::Deciding(name), Some(columns)) if &**name != "pk" => {
                columns.insert(name.clone());
            }
            _ => {}
        }
        if let RowPart::Column(name) = &source.part {
            feed.values.insert(name.clone());
        }
        feed.has_values |= !matches!(source.part, RowPart::Deciding(_));
        feed.lists_rows |= !source.single;
        // What chooses the rows is read of all of them; it is the chosen ones that are cached.
        let chooses = matches!(source.part, RowPart::Deciding(_));
        if !chooses && !feed.filters.contains(&source.filters) {
            feed.filters.push(source.filters.clone());
        }
        feed.lookups.extend(source.filters.iter().cloned());
    }
}
