//! Takes a parsed TOML apart, with errors that point at the value of the wrong type.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::pointed::PointedError;

/// A TOML file being taken apart.
pub struct Reader<'f> {
    /// The file.
    pub file: &'f Path,
    /// Its text.
    pub text: &'f str,
}

/// A string with its place in the file.
#[derive(Debug, Clone)]
pub struct Text<'f> {
    /// The string.
    pub value: &'f str,
    /// Its place, quotes included.
    pub span: Range<usize>,
}

/// The entries of a table, in the order of the file.
type Entries<'t, 'f> = Vec<(&'t Spanned<DeString<'f>>, &'t Spanned<DeValue<'f>>)>;

impl Reader<'_> {
    /// An error at a place of this file.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>) -> PointedError {
        PointedError::at(self.file, self.text, span, message)
    }

    /// The entries of the table that `keys` lead to; none where it is absent.
    pub fn table<'t, 'f>(
        &self,
        document: &'t DeTable<'f>,
        keys: &[&str],
    ) -> Result<Entries<'t, 'f>, PointedError> {
        let mut table = document;
        for key in keys {
            match table.get(*key) {
                None => return Ok(Vec::new()),
                Some(value) => table = self.as_table(value)?,
            }
        }
        Ok(in_order(table))
    }

    /// A list of strings.
    pub fn texts<'t>(
        &self,
        value: &'t Spanned<DeValue<'_>>,
    ) -> Result<Vec<Text<'t>>, PointedError> {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| self.one_text(item)).collect(),
            other => Err(self.wrong_type(value.span(), "a list of strings", other)),
        }
    }

    /// One string.
    pub fn one_text<'t>(&self, value: &'t Spanned<DeValue<'_>>) -> Result<Text<'t>, PointedError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(Text { value: text, span: value.span() }),
            other => Err(self.wrong_type(value.span(), "a string", other)),
        }
    }

    /// The entries of a table whose keys are data.
    pub fn entries<'t, 'f>(
        &self,
        value: &'t Spanned<DeValue<'f>>,
    ) -> Result<Vec<(Text<'t>, &'t Spanned<DeValue<'f>>)>, PointedError> {
        let entries = in_order(self.as_table(value)?).into_iter();
        Ok(entries
            .map(|(key, value)| (Text { value: key.get_ref(), span: key.span() }, value))
            .collect())
    }

    fn as_table<'t, 'f>(
        &self,
        value: &'t Spanned<DeValue<'f>>,
    ) -> Result<&'t DeTable<'f>, PointedError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            other => Err(self.wrong_type(value.span(), "a table", other)),
        }
    }

    fn wrong_type(&self, span: Range<usize>, wanted: &str, found: &DeValue<'_>) -> PointedError {
        self.error(span, format!("{wanted} is expected here"))
            .label(format!("this is of type {}", found.type_str()))
    }
}

fn in_order<'t, 'f>(table: &'t DeTable<'f>) -> Entries<'t, 'f> {
    let mut entries: Entries<'t, 'f> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
