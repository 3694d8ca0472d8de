//! Adds the method of a trait of hooks that is missing: what the one beside it does, for the row it is given.

use super::super::draft::Draft;
use super::super::naming::words;
use super::super::page::Change;
use super::super::{Applicability, Planner, Step};
use super::format;
use super::page::{Function, RustPage, expression};
use super::paths::Named;
use crate::frameworks::HookMethod;
use crate::graph::{Example, HookBlock};
use crate::rules::RowEvent;

/// How one method gets at a column of the row, and how the other one does the same.
struct Reading<'c> {
    from: &'c HookMethod,
    /// What the row is called there.
    row: String,
    to: &'c HookMethod,
}

impl Planner<'_> {
    /// Adds a hook method for an event to a block, which does what `example` does.
    pub(super) fn add_hook(
        &self,
        draft: &mut Draft<'_>,
        block: &HookBlock,
        event: RowEvent,
        example: &Example,
    ) -> Option<Step> {
        let code = self.rust.hook(&block.of_trait)?.code.as_ref()?;
        let text = draft.untouched_text(block.location.file)?;
        let page = RustPage::parse(&text)?;
        let found = page.block_at(block.location)?;
        let shown = page.function_at(example.function)?;
        // What the other method does stands in the same block.
        if !shown.block.is_some_and(|it| page.range(it) == page.range(found)) {
            return None;
        }
        let (from, to) = match event {
            RowEvent::Delete => (&code.save, &code.delete),
            RowEvent::Save => (&code.delete, &code.save),
            RowEvent::Move => return None,
        };
        let has = |name: &str| {
            found
                .items
                .iter()
                .any(|item| matches!(item, syn::ImplItem::Fn(it) if it.sig.ident == name))
        };
        if has(&to.name) {
            return None;
        }
        let statement = page.statement_in(shown.body, example.drop)?;
        if statement.is_inside {
            return None;
        }
        expression(statement.stmt)?;
        let said = page.slice(statement.stmt);
        let reading = Reading { from, row: row_of(&page, &shown)?, to };
        let key = to.only_key.then_some(block.key.as_str());
        let drop = reading.translated(said, key)?;
        let named = Named::of(drop.parse().ok()?);
        let database = database_of(&page, &shown)?;
        let own = [to.row.as_str(), "self", database.0];
        if named.has_blocks || named.variables.iter().any(|name| !own.contains(&name.as_str())) {
            return None;
        }
        let range = page.range(shown.body);
        let indent = page.indent_of(page.range(shown.head).start.min(start_of(&page, &shown)))?;
        let model = self.row_name(&page, found, block)?;
        let mut lines = head(&page, &shown, to, &model, &database, indent)?;
        lines.extend(format::statement(drop.trim(), &format!("{indent}    "))?);
        lines.push(format!("{indent}    {}", to.returns));
        lines.push(format!("{indent}}}"));
        let newline = page.newline();
        let content = format!("{newline}{newline}{}", lines.join(newline));
        draft.change(block.location.file, vec![Change::insert(range.end, content)])?;
        let message = format!("adds `{}` to the hooks of `{model}`", to.name);
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    /// How the block names the struct of the rows.
    fn row_name(
        &self,
        page: &RustPage<'_>,
        found: &syn::ItemImpl,
        block: &HookBlock,
    ) -> Option<String> {
        let ty = page.slice(&*found.self_ty);
        let source = page.text;
        let name = match block.row.file == block.location.file {
            true => {
                source.get(block.row.span.start as usize..block.row.span.end as usize)?.to_owned()
            }
            false => return None,
        };
        Some(match ty.rsplit_once("::") {
            Some((before, _)) => format!("{before}::{name}"),
            None => name,
        })
    }
}

/// Where a method starts, its attributes and words like `async` included.
fn start_of(page: &RustPage<'_>, function: &Function<'_>) -> usize {
    let attributes = function.attributes.iter().map(|attribute| page.range(attribute).start);
    attributes.min().unwrap_or(usize::MAX)
}

/// What the row is called in a hook method: its first parameter.
fn row_of(page: &RustPage<'_>, function: &Function<'_>) -> Option<String> {
    Some(match function.head.inputs.first()? {
        syn::FnArg::Receiver(_) => "self".to_owned(),
        syn::FnArg::Typed(typed) => page.slice(&*typed.pat).trim_start_matches("mut ").to_owned(),
    })
}

/// The name of the parameter that is lent to a hook method, and the whole of it.
fn database_of<'t>(page: &RustPage<'t>, function: &Function<'_>) -> Option<(&'t str, &'t str)> {
    function.head.inputs.iter().find_map(|input| match input {
        syn::FnArg::Typed(typed) if matches!(*typed.ty, syn::Type::Reference(_)) => {
            Some((page.slice(&*typed.pat), page.slice(typed)))
        }
        _ => None,
    })
}

/// The head of the new method, in the spelling of the one beside it.
fn head(
    page: &RustPage<'_>,
    shown: &Function<'_>,
    to: &HookMethod,
    model: &str,
    database: &(&str, &str),
    indent: &str,
) -> Option<Vec<String>> {
    let syn::ReturnType::Type(_, returned) = &shown.head.output else { return None };
    let syn::Type::Path(returned) = &**returned else { return None };
    let syn::PathArguments::AngleBracketed(args) = &returned.path.segments.last()?.arguments else {
        return None;
    };
    let error = page.slice(args.args.iter().nth(1)?);
    let generics = page.slice(&shown.head.generics);
    let conditions: Vec<String> = match &shown.head.generics.where_clause {
        Some(clause) => clause.predicates.iter().map(|it| page.slice(it).to_owned()).collect(),
        None => Vec::new(),
    };
    let fill = |template: &str| {
        let filled = template.replace("{database}", database.1).replace("{model}", model);
        filled.replace("{generics}", generics).replace("{error}", error)
    };
    let params: Vec<String> = to.params.iter().map(|param| fill(param)).collect();
    Some(format::head(&fill(&to.head), &params, &fill(&to.returned), &conditions, indent))
}

impl Reading<'_> {
    /// What one method says, for the other; `None` where it says something of the row that the other one
    /// cannot. Only the column `key` is known there, where one is given.
    fn translated(&self, said: &str, key: Option<&str>) -> Option<String> {
        let ways = |method: &HookMethod, row: &str| -> [Vec<String>; 2] {
            let named =
                |texts: &Vec<String>| texts.iter().map(|text| text.replace("{row}", row)).collect();
            [named(&method.lent), named(&method.given)]
        };
        let (from, to) = (ways(self.from, &self.row), ways(self.to, &self.to.row));
        let mut changed = String::new();
        let mut done = 0;
        for (at, word) in words(said) {
            if word != self.row || said[..at].ends_with('.') || at < done {
                continue;
            }
            let rest = said[at + word.len()..].strip_prefix('.')?;
            let (_, column) = words(rest).next().filter(|(start, _)| *start == 0)?;
            if key.is_some_and(|key| key != column) {
                return None;
            }
            // The longest way to say it is the one that is meant.
            let mut meant: Option<(usize, usize, usize)> = None;
            for (way, texts) in from.iter().enumerate() {
                for text in texts {
                    let whole = text.replace("{column}", column);
                    let offset = words(&whole).find(|(_, known)| *known == self.row)?.0;
                    let Some(start) = at.checked_sub(offset) else { continue };
                    let fits = said.get(start..).is_some_and(|rest| rest.starts_with(&whole));
                    if fits && meant.is_none_or(|(length, ..)| whole.len() > length) {
                        meant = Some((whole.len(), start, way));
                    }
                }
            }
            let (length, start, way) = meant?;
            if said[start + length..].starts_with(['.', '(']) || start < done {
                return None;
            }
            changed.push_str(&said[done..start]);
            // What is put into a text need not be owned.
            let in_text = said[..start].contains("!(");
            let new = if in_text { &self.to.shown } else { to[way].first()? };
            changed.push_str(&new.replace("{row}", &self.to.row).replace("{column}", column));
            done = start + length;
        }
        changed.push_str(&said[done..]);
        Some(changed)
    }
}
