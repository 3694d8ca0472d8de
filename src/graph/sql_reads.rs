//! SQL texts that read rows: of which tables, which columns, and under which conditions.

use super::key::{Part, Template};
use super::sql::{read_tables, words};

/// What a text reads, as far as it tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Each table, in lower case without a schema, and the names that the text has for it.
    pub tables: Vec<(String, Vec<String>)>,
    /// Each word that may be a column, with the name of the table before it where there is one; `*` is any.
    pub columns: Vec<(Option<String>, String)>,
    /// Columns that equal the parameter at a position, where all conditions must hold.
    pub equal: Vec<(Option<String>, String, usize)>,
}

impl Reads {
    /// Whether a column of this qualifier may be one of the table at a place of the list.
    pub fn may_be_of(&self, qualifier: Option<&str>, table: usize) -> bool {
        qualifier.is_none_or(|qualifier| self.tables[table].1.iter().any(|name| name == qualifier))
    }
}

/// What a text reads; none where it is no query, or where it leaves more than parameters open.
pub fn reads(template: &Template) -> Option<Reads> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Hole { .. } | Part::Gone => text.push('?'),
        }
    }
    reads_of(&text)
}

/// What a text reads whose open places stand as parameters.
pub fn reads_of(text: &str) -> Option<Reads> {
    let words = words(text);
    let tables = read_tables(text);
    // A second statement, or one in another, has conditions of its own.
    let starts = words.first().map(String::as_str);
    if tables.is_empty() || !matches!(starts, Some("select" | "with")) {
        return None;
    }
    let mut reads = Reads::default();
    for table in tables {
        let names = names_of(&words, &table);
        reads.tables.push((table, names));
    }
    let is_simple = words.iter().filter(|word| *word == "select").count() == 1
        && !words.iter().any(|word| matches!(word.as_str(), "or" | "union" | "not"));
    let mut parameters = 0;
    let mut in_conditions = false;
    for (at, word) in words.iter().enumerate() {
        in_conditions |= word == "where";
        let number = numbered(word);
        let is_parameter = word.starts_with('%') || word == "?" || number.is_some();
        if is_parameter && in_conditions && is_simple && at >= 2 && words[at - 1] == "=" {
            let (qualifier, column) = split(&words[at - 2]);
            reads.equal.push((qualifier, column, number.unwrap_or(parameters)));
        }
        parameters += usize::from(is_parameter);
        // What is counted is not looked into.
        let is_counted = at >= 2 && words[at - 1] == "(" && words[at - 2] == "count";
        if !is_counted {
            reads.columns.push(split(word));
        }
    }
    Some(reads)
}

/// The columns of the rows that a text writes which equal the parameter at a position, where it writes no others.
pub fn aims_of(text: &str) -> Vec<(String, usize)> {
    let words = words(text);
    let is_told = |word: &String| {
        matches!(word.as_str(), "or" | "union" | "not" | "select" | "join" | "with" | "using" | ";")
    };
    let Some(first) = words.first().map(String::as_str) else { return Vec::new() };
    let sources = words.iter().filter(|word| *word == "from").count();
    if sources != usize::from(first == "delete")
        || !matches!(first, "update" | "delete")
        || words.iter().any(is_told)
    {
        return Vec::new();
    }
    let (mut parameters, mut in_conditions) = (0, false);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        in_conditions |= word == "where";
        let number = numbered(word);
        if word != "?" && number.is_none() {
            continue;
        }
        if in_conditions && words[at - 1] == "=" {
            found.push((split(&words[at - 2]).1, number.unwrap_or(parameters)));
        }
        parameters += 1;
    }
    found
}

/// The position of a parameter that tells it: `$1`, `?1`.
fn numbered(word: &str) -> Option<usize> {
    let behind = word.strip_prefix(['$', '?'])?;
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    behind[..end].parse::<usize>().ok()?.checked_sub(1)
}

/// The names that a text has for a table: its own, and what stands behind it.
fn names_of(words: &[String], table: &str) -> Vec<String> {
    let mut names = vec![table.to_owned()];
    for (at, word) in words.iter().enumerate() {
        if at == 0 || word.rsplit('.').next() != Some(table) {
            continue;
        }
        let is_source = matches!(words[at - 1].as_str(), "from" | "join" | ",");
        let behind = words.get(at + 1).filter(|_| is_source);
        let behind = match behind.map(String::as_str) {
            Some("as") => words.get(at + 2),
            _ => behind,
        };
        names.extend(behind.cloned());
    }
    names
}

/// The name of the table before a column, and the column.
pub fn split(word: &str) -> (Option<String>, String) {
    match word.rsplit_once('.') {
        Some((qualifier, column)) => {
            let qualifier = qualifier.rsplit('.').next().unwrap_or(qualifier);
            (Some(qualifier.to_owned()), column.to_owned())
        }
        None => (None, word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(text: &str) -> Vec<(Option<String>, String, usize)> {
        reads(&Template::text(text)).map(|reads| reads.equal).unwrap_or_default()
    }

    #[test]
    fn a_table_is_known_by_its_alias() {
        let text =
            "SELECT m.title, c.* FROM shop_item m LEFT JOIN shop_note AS c ON c.item_id = m.id";
        let reads = reads(&Template::text(text)).unwrap_or_default();
        assert_eq!(reads.tables.len(), 2);
        assert!(reads.may_be_of(Some("m"), 0) && !reads.may_be_of(Some("m"), 1));
        assert!(reads.may_be_of(None, 1));
        assert!(reads.columns.contains(&(Some("c".into()), "*".into())));
    }

    #[test]
    fn a_write_tells_which_rows_it_is_of() {
        let aims = |text| aims_of(text);
        let text = "UPDATE t SET a = ?, b = ? WHERE x = ? AND t.y = ? RETURNING id";
        assert_eq!(aims(text), [("x".into(), 2), ("y".into(), 3)]);
        assert_eq!(
            aims("DELETE FROM t WHERE y = $2 AND x = $1"),
            [("y".into(), 1), ("x".into(), 0)]
        );
        assert_eq!(aims("DELETE FROM t WHERE x = ? OR y = ?"), []);
        assert_eq!(aims("UPDATE t SET a = u.a FROM u WHERE t.x = ?"), []);
        assert_eq!(aims("DELETE FROM t WHERE x IN (SELECT x FROM u WHERE y = ?)"), []);
        assert_eq!(aims("INSERT INTO t (a) VALUES (?)"), []);
    }

    #[test]
    fn conditions_are_told_by_the_place_of_their_parameter() {
        let text = "SELECT a FROM t WHERE t.x = %s AND id = %s";
        assert_eq!(equal(text), [(Some("t".into()), "x".into(), 0), (None, "id".into(), 1)]);
        assert_eq!(equal("SELECT a FROM t WHERE id = %s OR x = %s"), []);
        assert_eq!(equal("UPDATE t SET a = %s WHERE id = %s"), []);
        let numbered = "SELECT a FROM t WHERE x = $2::uuid AND y = $1";
        assert_eq!(equal(numbered), [(None, "x".into(), 1), (None, "y".into(), 0)]);
    }
}
