//! A new receiver that drops an entry, where the app has its others.

use super::draft::Draft;
use super::drops::{Drops, Moment, columns_of};
use super::place::PLACES;
use super::template::fill;
use super::{Applicability, Planner, Step};
use crate::frameworks::{Code, Imported};
use crate::graph::{self, DropCall, Importable, LinksRecipe, Recipe, WrittenRow};
use crate::rules::RowEvent;
use crate::source::Location;

/// How many calls are tried.
const CALLS: usize = 3;

/// What a receiver is for.
pub enum Purpose<'r> {
    /// Writes of rows.
    Rows {
        /// Which.
        events: &'r [RowEvent],
        /// How each entry is dropped.
        recipes: &'r [&'r Recipe],
        /// Whether a row can move to another entry, so that the one it leaves is dropped as well.
        with_old: bool,
    },
    /// Edits of a many-to-many field.
    Links {
        /// The field.
        field: &'r str,
        /// How the entry is dropped.
        recipe: &'r LinksRecipe,
    },
}

impl Planner<'_> {
    /// Adds a receiver for writes of rows of one model, which drops the entries of `recipes`.
    pub(super) fn add_receiver(
        &self,
        draft: &mut Draft<'_>,
        events: &[RowEvent],
        recipes: &[&Recipe],
        entry: &str,
        beside: Option<Location>,
        attempt: usize,
    ) -> Option<Step> {
        // The receiver beside may do the same for one more signal.
        let attempt = match (beside, events) {
            (Some(place), [event @ (RowEvent::Save | RowEvent::Delete)]) => {
                if attempt == 0 {
                    let signal = signal_of(self.code?, *event, recipes.first()?);
                    return self.extend(draft, place, signal);
                }
                attempt - 1
            }
            _ => attempt,
        };
        let moves = events.contains(&RowEvent::Save) && recipes.iter().any(|it| may_move(it));
        let variants = if moves { 2 } else { 1 };
        let with_old = moves && attempt.is_multiple_of(2);
        let purpose = Purpose::Rows { events, recipes, with_old };
        let first = recipes.first()?;
        let model = &first.written.class;
        self.add(draft, &purpose, &first.calls, model, entry, beside, attempt / variants)
    }

    /// Adds a receiver for edits of a many-to-many field.
    pub(super) fn add_links_receiver(
        &self,
        draft: &mut Draft<'_>,
        field: &str,
        recipe: &LinksRecipe,
        entry: &str,
        attempt: usize,
    ) -> Option<Step> {
        let purpose = Purpose::Links { field, recipe };
        self.add(draft, &purpose, &recipe.recipe.calls, &recipe.owner.class, entry, None, attempt)
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one receiver")]
    fn add(
        &self,
        draft: &mut Draft<'_>,
        purpose: &Purpose<'_>,
        calls: &[DropCall],
        model: &Importable,
        entry: &str,
        beside: Option<Location>,
        attempt: usize,
    ) -> Option<Step> {
        let places = self.places(model.location?, beside);
        let choice = attempt / PLACES;
        let call = calls.iter().take(CALLS).nth(choice)?;
        let place = places.get(attempt % PLACES)?;
        let name = name_of(purpose, call, model, entry);
        let module = self.put(draft, place, &name, &mut |drops, name, decorated| {
            self.text_of(drops, purpose, choice, name, decorated)
        })?;
        Some(Step {
            applicability: Applicability::Unsafe,
            message: format!("adds the receiver `{name}` to `{module}`"),
        })
    }

    /// The text of the receiver with what connects it.
    fn text_of(
        &self,
        drops: &mut Drops<'_, '_>,
        purpose: &Purpose<'_>,
        choice: usize,
        name: &str,
        decorated: bool,
    ) -> Option<String> {
        let code = drops.code;
        match purpose {
            Purpose::Rows { events, recipes, with_old } => {
                let recipe = recipes.first()?;
                let told: Vec<(Imported, RowEvent)> = events
                    .iter()
                    .map(|event| (signal_of(code, *event, recipe).clone(), *event))
                    .collect();
                let connections = senders(drops, recipe, &told);
                let mut texts = Vec::new();
                if events == &[RowEvent::Move] {
                    let body = for_rows(drops, recipes, choice, Moment::Before)?;
                    let function = function(drops, &code.templates.rows, name, body);
                    return connected(drops, &connections, name, &function, decorated);
                }
                if *with_old {
                    let movers = recipes.iter().copied().filter(|it| may_move(it));
                    let movers: Vec<&Recipe> = movers.collect();
                    let body = for_rows(drops, &movers, choice, Moment::Before)?;
                    let function =
                        function(drops, &code.templates.rows, &format!("{name}_before"), body);
                    let before = [(code.signals.before_save.clone(), RowEvent::Move)];
                    let connections = senders(drops, recipe, &before);
                    let name = format!("{name}_before");
                    texts.push(connected(drops, &connections, &name, &function, decorated)?);
                }
                let body = for_rows(drops, recipes, choice, Moment::Now)?;
                let function = function(drops, &code.templates.rows, name, body);
                texts.push(connected(drops, &connections, name, &function, decorated)?);
                Some(texts.join("\n\n\n"))
            }
            Purpose::Links { field, recipe } => {
                let owner = drops.imports.spell_at_top(&recipe.owner.class)?;
                let values = [("owner", owner.as_str()), ("field", field)];
                let sender = fill(&code.templates.through, &values);
                let call = recipe.recipe.calls.get(choice)?;
                let body = drops.for_links(recipe, call)?;
                let template = match recipe.recipe.anchor {
                    None => code.templates.links.clone(),
                    Some(_) => {
                        let rows = drops.name(&recipe.end.class)?;
                        let reverse = if recipe.is_owner { "not reverse" } else { "reverse" };
                        // The body is filled in later.
                        fill(
                            &code.templates.links_of_rows,
                            &[
                                ("rows", rows.as_str()),
                                ("manager", &recipe.end.manager),
                                ("lookup", &recipe.lookup),
                                ("reverse", reverse),
                            ],
                        )
                    }
                };
                let function = function(drops, &template, name, body);
                let connections =
                    [Connection { signals: vec![code.signals.links.clone()], sender }];
                connected(drops, &connections, name, &function, decorated)
            }
        }
    }
}

/// Whether a save can move a row to another entry.
pub fn may_move(recipe: &Recipe) -> bool {
    let Some(anchor) = &recipe.anchor else { return false };
    match anchor.steps.first() {
        None => recipe.calls.iter().any(|call| {
            columns_of(call).is_some_and(|columns| columns.iter().any(|it| it.ends_with("_id")))
        }),
        Some(graph::Step::One { .. }) => {
            anchor.steps.iter().all(|step| matches!(step, graph::Step::One { .. }))
        }
        Some(graph::Step::Many { .. }) => false,
    }
}

/// Whether other rows must be looked for to tell which entries a row concerns.
pub fn leads_on(recipe: &Recipe) -> bool {
    recipe.anchor.as_ref().is_some_and(|anchor| {
        anchor.steps.iter().any(|step| matches!(step, graph::Step::Many { .. }))
    })
}

/// The signal of a write; rows that a deleted one leads to are looked for while it is still there.
fn signal_of<'c>(code: &'c Code, event: RowEvent, recipe: &Recipe) -> &'c Imported {
    match (event, leads_on(recipe)) {
        (RowEvent::Move, _) => &code.signals.before_save,
        (RowEvent::Save, _) => &code.signals.save,
        (RowEvent::Delete, false) => &code.signals.delete,
        (RowEvent::Delete, true) => &code.signals.before_delete,
    }
}

/// The lines that drop the entries of some recipes, each line that drops once.
fn for_rows(
    drops: &mut Drops<'_, '_>,
    recipes: &[&Recipe],
    choice: usize,
    moment: Moment,
) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for recipe in recipes {
        let last = recipe.calls.len().checked_sub(1)?;
        let more = drops.for_row(recipe, &recipe.calls[choice.min(last)], moment)?;
        if !lines.ends_with(&more) {
            lines.extend(more);
        }
    }
    Some(lines)
}

fn function(drops: &mut Drops<'_, '_>, template: &str, name: &str, body: Vec<String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    if !drops.local.is_empty() {
        lines.append(&mut drops.local);
        lines.push(String::new());
    }
    lines.extend(body);
    fill(template, &[("name", name), ("body", &lines.join("\n"))])
}

/// Signals of one sender.
pub struct Connection {
    /// The signals.
    pub signals: Vec<Imported>,
    /// How the file spells the sender.
    pub sender: String,
}

/// The senders of some signals: the model, and the classes below it that speak for themselves.
fn senders(
    drops: &mut Drops<'_, '_>,
    recipe: &Recipe,
    told: &[(Imported, RowEvent)],
) -> Vec<Connection> {
    let mut sender_of = |row: &WrittenRow| match drops.imports.spell_at_top(&row.class) {
        Some(sender) => sender,
        None => format!("\"{}\"", row.label),
    };
    let signals = told.iter().map(|(signal, _)| signal.clone()).collect();
    let mut connections = vec![Connection { signals, sender: sender_of(&recipe.written) }];
    for heir in &recipe.heirs {
        let is_heard = |(_, event): &&(Imported, RowEvent)| {
            *event == RowEvent::Delete && heir.tells_of_deletes
        };
        let others = told.iter().filter(|it| !is_heard(it)).map(|(signal, _)| signal.clone());
        let signals: Vec<Imported> = others.collect();
        if !signals.is_empty() {
            connections.push(Connection { signals, sender: sender_of(&heir.row) });
        }
    }
    connections
}

/// A function with what connects it.
pub fn connected(
    drops: &mut Drops<'_, '_>,
    connections: &[Connection],
    name: &str,
    function: &str,
    decorated: bool,
) -> Option<String> {
    let code = drops.code;
    let mut text = function.to_owned();
    let mut calls: Vec<String> = Vec::new();
    // The decorator next to the function is written last.
    for Connection { signals, sender } in connections.iter().rev() {
        let spelled: Option<Vec<String>> =
            signals.iter().map(|signal| drops.imports.spell(signal)).collect();
        let spelled = spelled?;
        if decorated {
            let receiver = drops.imports.spell(&code.receiver)?;
            let signals = match spelled.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            let values = [
                ("receiver", receiver.as_str()),
                ("signals", &signals),
                ("sender", sender),
                ("function", &text),
            ];
            text = fill(&code.templates.decorated, &values);
        } else {
            let connection = |signal: &String| {
                let values = [("signal", signal.as_str()), ("name", name), ("sender", sender)];
                fill(&code.templates.connection, &values)
            };
            calls.splice(0..0, spelled.iter().map(connection));
        }
    }
    if decorated {
        return Some(text);
    }
    let values = [("function", function), ("connections", &calls.join("\n"))];
    Some(fill(&code.templates.connected, &values))
}

/// What a receiver is called: what it does, and when.
fn name_of(purpose: &Purpose<'_>, call: &DropCall, model: &Importable, entry: &str) -> String {
    let rest = call.callee.rest.rsplit('.').next().unwrap_or_default();
    let words: String = entry.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let what = match (call.is_of_project, rest) {
        (true, "") => call.callee.name.clone(),
        (true, method) if call.arguments.is_empty() => {
            format!("{method}_of_{}", snake(&call.callee.name))
        }
        (true, method) => method.to_owned(),
        (false, _) => format!("drop_{}", snake(words.trim_matches('_'))),
    };
    let when = match purpose {
        Purpose::Rows { events: [RowEvent::Save], .. } => "saved".to_owned(),
        Purpose::Rows { events: [RowEvent::Delete], .. } => "deleted".to_owned(),
        Purpose::Rows { events: [RowEvent::Move], .. } => "moves".to_owned(),
        Purpose::Rows { .. } => "changed".to_owned(),
        Purpose::Links { field, .. } => format!("{field}_changed"),
    };
    format!("{}_when_{}_{when}", what.trim_matches('_'), snake(&model.name))
}

/// `PriceList` as `price_list`.
pub fn snake(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() && !text.ends_with('_') {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}
