//! Connects receivers by their attributes: one that is there for more events, or a new one.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Fields, FnArg, Meta, Visibility};

use super::super::draft::Draft;
use super::super::page::Change;
use super::super::{Applicability, Planner, Step};
use super::format;
use super::page::{Function, RustPage};
use crate::frameworks::ReceiverAttribute;
use crate::graph::{Example, Held, Manager};
use crate::rules::RowEvent;
use crate::source::Location;

/// How a receiver spells its attribute.
struct Spelling<'f> {
    described: &'f ReceiverAttribute,
    /// Its path.
    path: String,
    /// What it says, argument by argument, where it stands behind a condition that never holds: that.
    condition: Option<String>,
    args: Vec<String>,
    /// Where it stands.
    range: std::ops::Range<usize>,
}

impl Planner<'_> {
    /// Connects the receiver of an example for an event as well.
    pub(super) fn extend_receiver(
        &self,
        draft: &mut Draft<'_>,
        event: RowEvent,
        example: &Example,
    ) -> Option<Step> {
        let file = example.function.file;
        let text = draft.untouched_text(file)?;
        let page = RustPage::parse(&text)?;
        let found = page.function_at(example.function)?;
        let mut spelling = self.spelling(&page, &found)?;
        let (known, wanted) = match event {
            RowEvent::Delete => (&spelling.described.save, &spelling.described.delete),
            RowEvent::Save => (&spelling.described.delete, &spelling.described.save),
            RowEvent::Move => return None,
        };
        let is_known = |arg: &String| known.iter().position(|name| *name == last(arg));
        let (at, which) =
            spelling.args.iter().enumerate().find_map(|(at, arg)| Some((at, is_known(arg)?)))?;
        let before = spelling.args[at].len() - last(&spelling.args[at]).len();
        let new = format!("{}{}", &spelling.args[at][..before], wanted.get(which)?);
        let message = format!("connects `{}` to `{}` as well", found.head.ident, last(&new));
        spelling.args.insert(at + 1, new);
        let indent = page.indent_of(spelling.range.start)?;
        let lines = spelling.written(indent);
        let content = lines.join(page.newline()).trim_start().to_owned();
        let change = Change { start: spelling.range.start, end: spelling.range.end, content };
        draft.change(file, vec![change])?;
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    /// Adds a receiver that has the manager of some rows forget one.
    pub(super) fn add_row_receiver(
        &self,
        draft: &mut Draft<'_>,
        manager: &Manager,
        attempt: usize,
    ) -> Option<Step> {
        let (Held::Static(place) | Held::Field(place)) = manager.held;
        let text = draft.untouched_text(place.file)?;
        let page = RustPage::parse(&text)?;
        let forgets = *manager.forgets.get(attempt)?;
        let (method, param, ty, is_async) = self.method(draft, forgets)?;
        let rows = draft.original(manager.row.file)?;
        let rows = RustPage::parse(&rows)?;
        let (row, _) = rows.struct_at(manager.row)?;
        let is_near = manager.row.file == place.file;
        let column = column_for(&rows, row, param.trim_start_matches('_'), &ty, is_near)?;
        let (holder, model, end) = match manager.held {
            Held::Static(name) => {
                let (found, end) = page.static_at(name)?;
                (found.ident.to_string(), argument_of(&page, &found.ty)?, end)
            }
            Held::Field(_) => {
                let (found, _) = page.struct_at(manager.row)?;
                (String::new(), found.ident.to_string(), page.range(found).end)
            }
        };
        let variable = snake(last(&model));
        let holder = match (manager.held, holder) {
            (Held::Static(_), name) => name,
            (Held::Field(name), _) => {
                let field = text.get(name.span.start as usize..name.span.end as usize)?;
                format!("{variable}.{field}")
            }
        };
        let name = format!("forget_{variable}");
        if page.has_word(&name) {
            return None;
        }
        let spelling = self.example_spelling(draft, manager)?;
        let awaited = if is_async { ".await" } else { "" };
        let column = format!("{}{variable}.{}", column.0, column.1);
        let call = format!("{holder}.{method}({column}){awaited};");
        let head = if is_async { "pub async fn " } else { "pub fn " };
        let mut lines = spelling.for_sender(&model).written("");
        let params = [format!("{variable}: &{model}")];
        lines.extend(format::head(&format!("{head}{name}"), &params, "", &[], ""));
        lines.extend(format::statement(&call, "    ")?);
        lines.push("}".to_owned());
        let newline = page.newline();
        let content = format!("{newline}{newline}{}", lines.join(newline));
        draft.change(place.file, vec![Change::insert(end, content)])?;
        let message = format!("adds the receiver `{name}`");
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    /// The name of a method of a manager, its parameter with the type of that, and whether it is awaited.
    fn method(&self, draft: &Draft<'_>, name: Location) -> Option<(String, String, String, bool)> {
        let text = draft.original(name.file)?;
        let page = RustPage::parse(&text)?;
        let found = page.function_at(name)?;
        let FnArg::Typed(typed) = found.head.inputs.iter().nth(1)? else { return None };
        let (param, ty) = (page.slice(&*typed.pat), page.slice(&*typed.ty));
        let is_async = found.head.asyncness.is_some();
        Some((found.head.ident.to_string(), param.to_owned(), ty.to_owned(), is_async))
    }

    /// The attribute of a receiver of the program, else the one that needs nothing.
    fn example_spelling(&self, draft: &Draft<'_>, manager: &Manager) -> Option<Spelling<'_>> {
        if let Some(receiver) = manager.receiver {
            let text = draft.original(receiver.file)?;
            let page = RustPage::parse(&text)?;
            return self.spelling(&page, &page.function_at(receiver)?);
        }
        let described = self.rust.receivers.iter().find(|it| it.unseen.is_some())?;
        let unseen = described.unseen.as_ref()?;
        Some(Spelling {
            described,
            path: unseen.path.clone(),
            condition: Some(unseen.condition.clone()),
            args: vec![format!("{} = T", described.sender)],
            range: 0..0,
        })
    }

    /// How a receiver spells its attribute.
    fn spelling(&self, page: &RustPage<'_>, function: &Function<'_>) -> Option<Spelling<'_>> {
        let read = |attribute: &Attribute| {
            let Meta::List(list) = &attribute.meta else { return None };
            let path = page.slice(&list.path).to_owned();
            let args = arguments(page, list.tokens.clone());
            let range = page.range(attribute);
            if let Some(described) = self.described(&path) {
                return Some(Spelling { described, path, condition: None, args, range });
            }
            // `cfg_attr(any(), cache_lint::receiver(...))`
            let [condition, inner] = args.as_slice() else { return None };
            let (path, rest) = inner.split_once('(')?;
            let described = self.described(path)?;
            let args = arguments_of(rest.strip_suffix(')')?);
            let (path, condition) = (path.to_owned(), Some(condition.clone()));
            Some(Spelling { described, path, condition, args, range })
        };
        function.attributes.iter().find_map(read)
    }

    fn described(&self, path: &str) -> Option<&ReceiverAttribute> {
        self.rust.receivers.iter().find(|it| it.attribute == last(path))
    }
}

impl Spelling<'_> {
    /// The attribute as it is written.
    fn written(&self, indent: &str) -> Vec<String> {
        let Some(condition) = &self.condition else {
            return format::attribute(&self.path, &self.args, indent);
        };
        let inner = format!("{}({})", self.path, self.args.join(", "));
        format::attribute("cfg_attr", &[condition.clone(), inner], indent)
    }

    /// The same for all writes of another sender.
    fn for_sender(mut self, sender: &str) -> Self {
        let described = self.described;
        let events = |names: &[String]| {
            let behind = names.iter().find(|name| name.starts_with("post"));
            behind.or(names.first()).cloned()
        };
        let before = self.args.first().map_or("", |arg| &arg[..arg.len() - last(arg).len()]);
        let prefix = if before.ends_with("::") { before.to_owned() } else { String::new() };
        let events = [events(&described.save), events(&described.delete)];
        let mut args: Vec<String> =
            events.into_iter().flatten().map(|event| format!("{prefix}{event}")).collect();
        args.dedup();
        let of_sender =
            |arg: &&String| arg.split('=').next().map(str::trim) == Some(&*described.sender);
        let quoted = self.args.iter().find(of_sender).is_some_and(|arg| arg.contains('"'));
        let sender = if quoted { format!("\"{sender}\"") } else { sender.to_owned() };
        args.push(format!("{} = {sender}", described.sender));
        self.args = args;
        self
    }
}

/// The arguments of an attribute, each as it is written.
fn arguments(page: &RustPage<'_>, tokens: TokenStream) -> Vec<String> {
    let mut args: Vec<std::ops::Range<usize>> = Vec::new();
    let mut is_new = true;
    for token in tokens {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            is_new = true;
            continue;
        }
        let range = page.range_of(token.span());
        match args.last_mut() {
            Some(last) if !is_new => last.end = range.end,
            _ => args.push(range),
        }
        is_new = false;
    }
    args.into_iter().map(|range| page.text[range].to_owned()).collect()
}

/// The arguments in the text of some.
fn arguments_of(text: &str) -> Vec<String> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut args = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                args.push(text[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    args.push(text[start..].trim().to_owned());
    args.retain(|arg| !arg.is_empty());
    args
}

/// The column of a row that fits a parameter by its name and its type, and what stands before it.
fn column_for(
    page: &RustPage<'_>,
    row: &syn::ItemStruct,
    name: &str,
    ty: &str,
    is_near: bool,
) -> Option<(&'static str, String)> {
    let Fields::Named(fields) = &row.fields else { return None };
    fields.named.iter().find_map(|field| {
        let ident = field.ident.as_ref()?.to_string();
        let of_field = page.slice(&field.ty);
        let is_seen = is_near || !matches!(field.vis, Visibility::Inherited);
        let is_number = of_field.starts_with(['i', 'u']) && of_field[1..].parse::<u8>().is_ok();
        let lent = ty
            .strip_prefix('&')
            .is_some_and(|held| held == of_field || held == "str" && of_field == "String");
        match (ident == name && is_seen, lent) {
            (true, true) => Some(("&", ident)),
            (true, false) if ty == of_field && (is_number || ty == "Uuid") => Some(("", ident)),
            _ => None,
        }
    })
}

/// The generic argument of a manager's type, as it is written.
fn argument_of(page: &RustPage<'_>, ty: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = ty else { return None };
    let syn::PathArguments::AngleBracketed(args) = &path.path.segments.last()?.arguments else {
        return None;
    };
    let only = args.args.first().filter(|_| args.args.len() == 1)?;
    match only {
        // `LazyLock<CacheManager<Flag>>`
        syn::GenericArgument::Type(inner @ syn::Type::Path(held)) => {
            let has_more = held.path.segments.last().is_some_and(|last| !last.arguments.is_empty());
            if has_more { argument_of(page, inner) } else { Some(page.slice(inner).to_owned()) }
        }
        _ => None,
    }
}

/// The last segment of a path.
fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// `PriceList` as `price_list`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}
