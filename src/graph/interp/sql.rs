//! SQL texts that write rows: which table, which columns.

use std::sync::Arc;

use super::Interp;
use crate::graph::effect::{SqlVerb, Write, WriteKind};
use crate::graph::ids::ClassId;
use crate::graph::key::{Part, Template};
use crate::graph::value::Value;
use crate::source::Location;

/// A statement that writes rows, as far as its text tells.
struct Statement {
    verb: SqlVerb,
    table: String,
    /// The columns that an update sets.
    columns: Option<Vec<String>>,
}

impl Interp<'_> {
    /// What running an SQL text writes; nothing where it is not one that writes a table of a model.
    pub(super) fn run_sql(&mut self, text: &Value, site: Location) {
        let Value::Text(template) = text else { return };
        for statement in statements(template) {
            self.run_statement(statement, site);
        }
    }

    fn run_statement(&mut self, statement: Statement, site: Location) {
        let Some(model) = self.model_of_table(&statement.table) else { return };
        let columns = statement.columns.map(|columns| {
            columns.iter().map(|column| self.column_name(model, column)).collect::<Arc<[_]>>()
        });
        let write = Write::new(Some(model), WriteKind::Sql(statement.verb));
        self.write(Write { columns, ..write }, site);
    }

    /// The model whose rows are in a table.
    fn model_of_table(&mut self, table: &str) -> Option<ClassId> {
        if self.tables.is_none() {
            self.tables = Some(Arc::default());
            let models = self.models.clone();
            let concrete: Vec<ClassId> = models
                .iter()
                .copied()
                .filter(|model| !self.is_abstract(*model) && !self.is_proxy(*model))
                .collect();
            let named = concrete.into_iter().map(|model| (self.table(model), model));
            self.tables = Some(Arc::new(named.collect()));
        }
        self.tables.as_ref()?.get(table).copied()
    }

    /// The name of a model's table: the one that its `Meta` gives, or app label and class name.
    pub fn table(&mut self, model: ClassId) -> String {
        let given = self.own_meta(model, "db_table");
        match given.as_ref().and_then(Value::known_text) {
            Some(table) => table.to_lowercase(),
            None => self.model_label(model).replace('.', "_").to_lowercase(),
        }
    }
}

/// The statements of a text that write; what the source leaves open stands as a word of its own.
fn statements(template: &Template) -> Vec<Statement> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Hole { .. } | Part::Gone => text.push('?'),
        }
    }
    let words: Vec<String> = words(&text);
    words.split(|word| word == ";").filter_map(parse).collect()
}

/// Reads the head of a statement.
fn parse(words: &[String]) -> Option<Statement> {
    let mut words = words.iter().map(String::as_str);
    let (verb, table) = match words.next()? {
        "insert" | "replace" => {
            let table = words.by_ref().skip_while(|word| *word != "into").nth(1)?;
            (SqlVerb::Insert, table)
        }
        "update" => (SqlVerb::Update, words.next()?),
        "delete" => {
            let table = words.by_ref().skip_while(|word| *word != "from").nth(1)?;
            (SqlVerb::Delete, table)
        }
        _ => return None,
    };
    let columns = (verb == SqlVerb::Update).then(|| set_columns(words.collect())).flatten();
    Some(Statement { verb, table: table.rsplit('.').next()?.to_owned(), columns })
}

/// The columns of `SET a = 1, b = f(2, 3) WHERE ...`; none where a value may hide more.
fn set_columns(words: Vec<&str>) -> Option<Vec<String>> {
    let start = words.iter().position(|word| *word == "set")? + 1;
    let mut columns = Vec::new();
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(start) {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "where" | "returning" if depth == 0 => break,
            "=" if depth == 0 => {
                let starts = at == start + 1 || words.get(at.wrapping_sub(2)) == Some(&",");
                if starts {
                    columns.push(words[at - 1].rsplit('.').next()?.to_owned());
                }
            }
            _ => {}
        }
    }
    (!columns.is_empty()).then_some(columns)
}

/// Words and signs of an SQL text, in lower case, without quotes round names.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    // A comment goes to the end of its line.
    let lines = text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    for c in lines.flat_map(|line| line.chars().chain(['\n'])) {
        match c {
            '"' | '`' | '[' | ']' => {}
            _ if c.is_whitespace() => flush(&mut word, &mut words),
            ',' | '(' | ')' | '=' | ';' => {
                flush(&mut word, &mut words);
                words.push(c.to_string());
            }
            _ => word.extend(c.to_lowercase()),
        }
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}
