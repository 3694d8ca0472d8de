//! Imports a module when the program starts: in `ready()` of its app's configuration.

use ruff_python_ast::{Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::page::{Change, Page};
use super::template::fill;
use crate::frameworks::Code;
use crate::graph::Layout;

/// Imports the module `name` of the app in `app_folder` in the `ready()` of its configuration, which is
/// made where there is none; `None` where it cannot be told how.
#[must_use]
pub fn import_at_start(
    draft: &mut Draft<'_>,
    layout: &Layout,
    code: &Code,
    app_folder: &str,
    app: &str,
    module: &str,
) -> Option<()> {
    let import = fill(&code.templates.import_module, &[("module", module)]);
    let of_app = layout.configs_in(app_folder);
    let Some(config) = of_app.iter().find(|config| config.in_use) else {
        let path = format!("{app_folder}/apps.py").trim_start_matches('/').to_owned();
        let name = format!("{app}.apps").trim_start_matches('.').to_owned();
        // A configuration that is not in use, or a module without one, is for somebody to look at.
        if !of_app.is_empty() || layout.file_of(&name).is_some() || app.is_empty() {
            return None;
        }
        let class = format!("{}Config", camel(app.rsplit('.').next().unwrap_or(app)));
        let values = [("class", class.as_str()), ("app", app), ("body", &import)];
        let text = fill(&code.templates.config, &values);
        draft.create(&path, format!("{text}\n"));
        return Some(());
    };
    let file = config.class.location.file;
    let text = draft.text(file)?;
    let page = Page::parse(&text)?;
    let name = config.class.name.rsplit('.').next()?;
    let class = page.body().iter().find_map(|stmt| match stmt {
        Stmt::ClassDef(class) if class.name.as_str() == name => Some(class),
        _ => None,
    })?;
    let change = match ready_of(class) {
        Some(ready) => in_ready(&page, ready, &import, module)?,
        None => Some(new_ready(&page, class, code, &import)?),
    };
    draft.change(file, change.into_iter().collect())
}

fn ready_of(class: &StmtClassDef) -> Option<&StmtFunctionDef> {
    class.body.iter().find_map(|stmt| match stmt {
        Stmt::FunctionDef(function) if function.name.as_str() == "ready" => Some(function),
        _ => None,
    })
}

/// The import behind the last statement of `ready()`, or in the place of a `pass`; nothing where it is
/// there already.
fn in_ready(
    page: &Page<'_>,
    ready: &StmtFunctionDef,
    import: &str,
    module: &str,
) -> Option<Option<Change>> {
    let last = ready.body.last()?;
    let imports = ready.body.iter().any(|stmt| match stmt {
        Stmt::ImportFrom(from) => {
            from.names.iter().any(|alias| alias.name.as_str() == module)
                || from.module.as_ref().is_some_and(|from| ends_with(from.as_str(), module))
        }
        Stmt::Import(import) => {
            import.names.iter().any(|alias| ends_with(alias.name.as_str(), module))
        }
        _ => false,
    });
    if imports {
        return Some(None);
    }
    let (start, end) = (last.range().start().to_usize(), last.range().end().to_usize());
    let first = ready.body.first()?.range().start().to_usize();
    let indent = page.indent_of(first)?;
    if matches!(last, Stmt::Pass(_)) {
        return Some(Some(Change { start, end, content: import.to_owned() }));
    }
    // Nothing of it comes behind a `return`.
    if matches!(last, Stmt::Return(_) | Stmt::Raise(_)) || !page.ends_line(end) {
        return None;
    }
    let newline = page.style.newline;
    let at = page.next_line(end);
    let content = match page.text[..at].ends_with('\n') {
        true => format!("{indent}{import}{newline}"),
        false => format!("{newline}{indent}{import}"),
    };
    Some(Some(Change::insert(at, content)))
}

fn ends_with(dotted: &str, module: &str) -> bool {
    dotted.rsplit('.').next() == Some(module)
}

/// A `ready()` at the end of the class.
fn new_ready(page: &Page<'_>, class: &StmtClassDef, code: &Code, import: &str) -> Option<Change> {
    let last = class.body.last()?;
    let end = last.range().end().to_usize();
    let indent = page.indent_of(class.body.first()?.range().start().to_usize())?;
    if !page.ends_line(end) {
        return None;
    }
    let method = page.style.render(&fill(&code.templates.ready, &[("body", import)]));
    let newline = page.style.newline;
    let lines: Vec<String> =
        method.lines().map(|line| format!("{indent}{line}{newline}")).collect();
    let at = page.next_line(end);
    let lead = if page.text[..at].ends_with('\n') { "" } else { newline };
    Some(Change::insert(at, format!("{lead}{newline}{}", lines.concat())))
}

/// `price_list` as `PriceList`.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut characters = word.chars();
            let first = characters.next().map(|c| c.to_uppercase().to_string());
            first.unwrap_or_default() + characters.as_str()
        })
        .collect()
}
