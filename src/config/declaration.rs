//! Finds the file that declares the configuration of a program.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::pointed::PointedError;
use crate::scan;

/// A file that declares a configuration, and which of its tables does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The file.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// The keys that lead to the table; empty where the file is nothing else.
    pub table: &'static [&'static str],
}

/// Where a configuration may stand, the first one wins: a file name, and the tables of it.
const PLACES: [(&str, &[&[&str]]); 4] = [
    (".cache-lint.toml", &[&[]]),
    ("cache-lint.toml", &[&[]]),
    ("pyproject.toml", &[&["tool", "cache-lint"]]),
    (
        "Cargo.toml",
        &[&["workspace", "metadata", "cache-lint"], &["package", "metadata", "cache-lint"]],
    ),
];

/// The configuration declared in a folder itself, if any.
///
/// # Errors
/// Where a file that should be looked into cannot be read or is no TOML.
pub fn discover(folder: &Path) -> Result<Option<Declaration>, PointedError> {
    for (name, tables) in PLACES {
        let file = folder.join(name);
        if !file.is_file() {
            continue;
        }
        let text = read(&file)?;
        // A shared file that does not speak of cache-lint is none of our business, broken or not.
        if !tables.contains(&[].as_slice()) && !text.contains("cache-lint") {
            continue;
        }
        if let Some(table) = declared_table(&file, &text, tables)? {
            return Ok(Some(Declaration { file, text, table }));
        }
    }
    Ok(None)
}

/// The configuration in a file that the user names.
///
/// # Errors
/// Where it cannot be read or is no TOML, or has no table for cache-lint.
pub fn open(file: &Path) -> Result<Declaration, PointedError> {
    let name = file.file_name().unwrap_or_default();
    let tables =
        PLACES.iter().find(|(known, _)| name == *known).map_or(PLACES[0].1, |place| place.1);
    let text = read(file)?;
    match declared_table(file, &text, tables)? {
        Some(table) => Ok(Declaration { file: file.to_owned(), text, table }),
        None => Err(PointedError::whole(
            file,
            format!("there is no `[{}]` in it", tables.first().unwrap_or(&[].as_slice()).join(".")),
        )),
    }
}

/// The first of `tables` that a TOML text has.
fn declared_table(
    file: &Path,
    text: &str,
    tables: &[&'static [&'static str]],
) -> Result<Option<&'static [&'static str]>, PointedError> {
    let document = parse(file, text)?;
    Ok(tables.iter().copied().find(|keys| {
        let mut table = Some(&document);
        for key in *keys {
            table =
                table.and_then(|table| table.get(*key)).and_then(|value| match value.as_ref() {
                    DeValue::Table(table) => Some(table),
                    _ => None,
                });
        }
        table.is_some()
    }))
}

/// Parses a TOML text; what is wrong with it points into it.
pub(super) fn parse<'t>(file: &Path, text: &'t str) -> Result<DeTable<'t>, PointedError> {
    DeTable::parse(text).map(toml::Spanned::into_inner).map_err(|error| {
        PointedError::at(file, text, error.span().unwrap_or(0..0), "not a TOML file")
            .label(error.message().trim())
    })
}

fn read(file: &Path) -> Result<String, PointedError> {
    scan::read_declared(file)
        .map_err(|error| PointedError::whole(file, format!("cannot be read: {error}")))
}
