//! Changes what a receiver is connected to: its senders, and whether the connection holds it.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::commit::Depth;
use super::draft::Draft;
use super::imports::Imports;
use super::naming::words;
use super::page::{Change, Page};
use super::template::fill;
use super::{Applicability, Planner, Step};
use crate::graph::Importable;
use crate::rules::{EarlyDrops, Sender};
use crate::source::{FileId, Location};

/// What becomes of a connection.
pub struct Reconnect<'r> {
    /// The call or decorator that connects.
    pub connected_at: Location,
    /// The senders it is for as well, or instead; it is made to hold its receiver where there are none.
    pub senders: Option<(&'r [Sender], bool)>,
    /// The drops of the receiver, where they are to wait for the commit.
    pub early: Option<(&'r EarlyDrops, Depth)>,
}

impl Planner<'_> {
    /// Changes connections of one file.
    pub(super) fn reconnect(
        &self,
        draft: &mut Draft<'_>,
        connections: &[Reconnect<'_>],
    ) -> Option<Step> {
        let file = connections.first()?.connected_at.file;
        if connections.iter().any(|it| it.connected_at.file != file) {
            return None;
        }
        let text = draft.untouched_text(file)?;
        let page = self.pages.of(file, &text)?;
        let mut imports = Imports::of(&page, &self.graph.layout, file, self.line_length);
        let mut changes: Vec<Change> = Vec::new();
        let mut messages: Vec<String> = Vec::new();
        for connection in connections {
            let more = match connection.senders {
                None => {
                    messages.push("holds the receiver with `weak=False`".to_owned());
                    vec![held(&page, connection.connected_at)?]
                }
                Some((senders, instead)) => {
                    let mut spelled = Vec::new();
                    for sender in senders {
                        spelled.push(self.spelled(&page, &mut imports, connection, sender)?);
                    }
                    messages.push(format!("connects the receiver for {}", quoted(&spelled)));
                    resent(&page, connection.connected_at, spelled, instead)?
                }
            };
            // Two findings may be about one connection.
            changes.extend(
                more.into_iter().filter(|change| !changes.contains(change)).collect::<Vec<_>>(),
            );
        }
        self.forget_senders(&page, &mut imports, connections);
        let mut calls: Vec<Location> = Vec::new();
        for (drops, depth) in connections.iter().filter_map(|it| it.early) {
            calls.extend(self.calls_to_defer(draft, &[drops], depth, true)?);
        }
        if calls.iter().any(|call| call.file != file) {
            return None;
        }
        changes.extend(self.deferred(&page, &mut imports, &calls)?);
        changes.extend(imports.changes()?);
        draft.change(file, changes)?;
        messages.dedup();
        Some(Step { applicability: Applicability::Unsafe, message: messages.join("; ") })
    }

    /// The other connections of the files that do not hold their receivers either, where some are made to.
    pub(super) fn others_to_hold(&self, connections: &[Reconnect<'_>]) -> Vec<Reconnect<'static>> {
        let held = connections.iter().filter(|connection| connection.senders.is_none());
        let files: BTreeSet<FileId> = held.map(|connection| connection.connected_at.file).collect();
        let layout = &self.graph.layout;
        let receivers = files.into_iter().flat_map(|file| layout.receivers.connected_in(file));
        let receivers = receivers.filter(|receiver| {
            let place = receiver.connected_at;
            let is_told = connections.iter().any(|connection| connection.connected_at == place);
            receiver.is_collected && !is_told
        });
        let mut others: Vec<Location> = receivers.map(|receiver| receiver.connected_at).collect();
        others.sort_unstable();
        others.dedup();
        let hold = |connected_at| Reconnect { connected_at, senders: None, early: None };
        others.into_iter().map(hold).collect()
    }

    /// Takes the imports away of senders that were replaced everywhere.
    fn forget_senders(
        &self,
        page: &Page<'_>,
        imports: &mut Imports<'_>,
        connections: &[Reconnect<'_>],
    ) {
        let replaced: Vec<&str> = connections
            .iter()
            .filter(|connection| matches!(connection.senders, Some((_, true))))
            .filter_map(|connection| {
                let call = connection_at(page, connection.connected_at)?.call;
                let value = &call.arguments.find_keyword("sender")?.value;
                value.is_name_expr().then(|| page.slice(value))
            })
            .collect();
        if replaced.is_empty() {
            return;
        }
        let words: Vec<&str> = words(page.text).map(|(_, word)| word).collect();
        for name in &replaced {
            let used = words.iter().filter(|word| *word == name).count();
            let taken = replaced.iter().filter(|other| *other == name).count();
            // The import itself is the one that is left.
            if used == taken + 1 {
                imports.forget(name);
            }
        }
    }

    /// How the file spells a sender.
    fn spelled(
        &self,
        page: &Page<'_>,
        imports: &mut Imports<'_>,
        connection: &Reconnect<'_>,
        sender: &Sender,
    ) -> Option<String> {
        match sender {
            Sender::Model(place) => {
                let module = self.graph.layout.module(place.location.file);
                let name = place.name.rsplit('.').next().unwrap_or_default().to_owned();
                let spelled = imports.spell_at_top(&Importable {
                    location: Some(place.location),
                    module: module.name.clone(),
                    name,
                    rest: String::new(),
                });
                // What runs before there are models names them by their labels.
                let is_early = self.graph.layout.module(connection.connected_at.file).is_early;
                spelled.or_else(|| {
                    if !is_early {
                        return None;
                    }
                    let mut models = self.graph.models.iter();
                    let model = models.find(|model| model.place.location == place.location)?;
                    Some(page.style.render(&format!("\"{}\"", model.label)))
                })
            }
            Sender::Through(field) => {
                let call = connection_at(page, connection.connected_at)?.call;
                let owner = page.slice(&call.arguments.find_keyword("sender")?.value);
                let values = [("owner", owner), ("field", field.as_str())];
                Some(fill(&self.code?.templates.through, &values))
            }
        }
    }
}

/// The change that makes a connection hold its receiver.
fn held(page: &Page<'_>, connected_at: Location) -> Option<Change> {
    let call = connection_at(page, connected_at)?.call;
    let arguments = &call.arguments;
    if let Some(keyword) = arguments.find_keyword("weak") {
        let range = keyword.value.range().to_std_range();
        return Some(Change { start: range.start, end: range.end, content: "False".to_owned() });
    }
    let ends = arguments.args.iter().map(Ranged::range);
    let ends = ends.chain(arguments.keywords.iter().map(Ranged::range));
    let last = ends.map(|range| range.end().to_usize()).max()?;
    // One argument a line, where they stand so.
    let first = page.line_start(last);
    let separator = match page.line_start(range_start(call)) == first {
        true => ", ".to_owned(),
        false => {
            let line = &page.text[first..last];
            let alone = super::wrap::split_at_commas(line).len() == 1;
            let indent = &line[..line.len() - line.trim_start().len()];
            if alone { format!(",{}{indent}", page.style.newline) } else { ", ".to_owned() }
        }
    };
    Some(Change::insert(last, format!("{separator}weak=False")))
}

fn range_start(call: &ExprCall) -> usize {
    call.range().start().to_usize()
}

/// The changes that connect for the senders `spelled`, as well or instead.
fn resent(
    page: &Page<'_>,
    connected_at: Location,
    spelled: Vec<String>,
    instead: bool,
) -> Option<Vec<Change>> {
    let Connection { call, is_decorator: decorated, in_loop } = connection_at(page, connected_at)?;
    if in_loop {
        return None;
    }
    let given = call.arguments.find_keyword("sender")?.value.range().to_std_range();
    let range = call.range().to_std_range();
    let indent = page.indent_of(if decorated { range.start - 1 } else { range.start })?;
    let (text, newline) = (page.text, page.style.newline);
    let with = |sender: &String| {
        format!("{}{sender}{}", &text[range.start..given.start], &text[given.end..range.end])
    };
    let mut changes = Vec::new();
    let mut more = spelled.iter();
    if instead {
        let content = more.next()?.clone();
        changes.push(Change { start: given.start, end: given.end, content });
    }
    let others = more.map(with);
    let (at, lines): (usize, String) = match decorated {
        true => {
            let lines = others.map(|other| format!("@{other}{newline}{indent}"));
            (range.start - 1, lines.collect())
        }
        false => (range.end, others.map(|other| format!("{newline}{indent}{other}")).collect()),
    };
    if !lines.is_empty() {
        changes.push(Change::insert(at, lines));
    }
    Some(changes)
}

/// What connects a receiver.
struct Connection<'p> {
    call: &'p ExprCall,
    is_decorator: bool,
    /// Whether a loop around it goes through its senders.
    in_loop: bool,
}

/// The call that connects at a place.
fn connection_at<'p>(page: &'p Page<'_>, place: Location) -> Option<Connection<'p>> {
    let (start, end) = (place.span.start, place.span.end);
    let is_it = |call: &ExprCall| {
        call.range().start().to_u32() == start && call.range().end().to_u32() == end
    };
    let nested = page.statement_at(start as usize)?;
    let found = match nested.stmt {
        Stmt::Expr(stmt) => match &*stmt.value {
            Expr::Call(call) if is_it(call) => Some((call, false)),
            _ => None,
        },
        Stmt::FunctionDef(function) => {
            function.decorator_list.iter().find_map(|decorator| match &decorator.expression {
                Expr::Call(call) if is_it(call) => Some((call, true)),
                _ => None,
            })
        }
        _ => None,
    };
    let (call, is_decorator) = found?;
    let in_loop = nested.around.iter().any(|stmt| chooses_sender(page, stmt, call));
    Some(Connection { call, is_decorator, in_loop })
}

/// Whether a loop around a connection goes through its senders.
fn chooses_sender(page: &Page<'_>, stmt: &Stmt, call: &ExprCall) -> bool {
    let sender = call.arguments.find_keyword("sender").map(|keyword| page.slice(&keyword.value));
    match stmt {
        Stmt::For(it) => {
            let names: Vec<&str> = words(page.slice(&*it.target)).map(|(_, word)| word).collect();
            sender.is_none_or(|sender| words(sender).any(|(_, word)| names.contains(&word)))
        }
        Stmt::While(_) => true,
        _ => false,
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}
