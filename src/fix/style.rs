//! How a file is written: its line ends, indentation and quotes, and how long its lines may be.

use std::path::Path;

use crate::scan;

/// How long lines may be where nothing says it: as the common formatters have it.
const LINE_LENGTH: usize = 88;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The end of its lines.
    pub newline: &'static str,
    /// One step of indentation.
    pub unit: &'static str,
    /// The quotes of its strings.
    pub quote: char,
}

impl Style {
    /// The style of a text; that of the common formatters where it has none.
    pub fn of(text: &str) -> Style {
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let indented = text.lines().find(|line| {
            line.starts_with([' ', '\t'])
                && !line.trim().is_empty()
                && !line.trim().starts_with('#')
        });
        let unit = match indented {
            Some(line) if line.starts_with('\t') => "\t",
            Some(line) => match line.len() - line.trim_start_matches(' ').len() {
                2 => "  ",
                3 => "   ",
                _ => "    ",
            },
            None => "    ",
        };
        let count = |quote: char| text.matches(quote).count();
        let quote = if count('\'') > count('"') { '\'' } else { '"' };
        Style { newline, unit, quote }
    }

    /// New code, written with four spaces, `"` and `\n`, in this style.
    pub fn render(&self, code: &str) -> String {
        let mut text = String::new();
        for line in code.split_inclusive('\n') {
            let rest = line.trim_start_matches(' ');
            let spaces = line.len() - rest.len();
            text.push_str(&self.unit.repeat(spaces / 4));
            text.push_str(&" ".repeat(spaces % 4));
            text.push_str(rest);
        }
        if self.quote == '\'' && !text.contains('\'') {
            text = text.replace('"', "'");
        }
        match self.newline {
            "\n" => text,
            newline => text.replace('\n', newline),
        }
    }
}

/// How long lines may be in a project, as its `pyproject.toml`, `ruff.toml` or `.ruff.toml` says.
pub fn line_length(root: &Path) -> usize {
    let read = |name: &str| -> Option<toml::Table> {
        scan::read_declared(&root.join(name)).ok()?.parse().ok()
    };
    let own = |table: &toml::Table| table.get("line-length")?.as_integer();
    let of_tool =
        |table: &toml::Table, tool: &str| own(table.get("tool")?.get(tool)?.as_table()?);
    let said = [".ruff.toml", "ruff.toml"].into_iter().find_map(|name| own(&read(name)?));
    let said = said.or_else(|| {
        let table = read("pyproject.toml")?;
        of_tool(&table, "ruff").or_else(|| of_tool(&table, "black"))
    });
    said.and_then(|length| usize::try_from(length).ok()).unwrap_or(LINE_LENGTH)
}
