//! SQL texts whose rows have a known value in some column: those that they read, insert, change or delete.

use std::collections::BTreeMap;

use super::sql::words;

/// Columns, in lower case, with the literals that rows have in them.
pub type Literals = BTreeMap<String, String>;

/// The values of columns that all rows have which a text reads of its one table, or had before it writes them; of new
/// rows those that it gives them. Columns that it sets are left out.
pub fn literals(text: &str) -> Literals {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let count = |word: &str| words.iter().filter(|it| **it == word).count();
    match words.first() {
        Some(&"insert") if count("values") == 1 && count("update") == 0 => inserted(&words),
        // Other conditions may let other rows in.
        Some(&("select" | "update" | "delete"))
            if count("select") < 2
                && !words.iter().any(|it| matches!(*it, "or" | "union" | "not")) =>
        {
            chosen(&words)
        }
        _ => Literals::new(),
    }
}

/// Whether rows of which these are known are never the same, or never both there.
pub fn differ(one: &Literals, other: &Literals) -> bool {
    one.iter().any(|(column, value)| other.get(column).is_some_and(|it| it != value))
}

fn chosen(words: &[&str]) -> Literals {
    let Some(start) = words.iter().position(|word| *word == "where") else {
        return Literals::new();
    };
    let (before, behind) = words.split_at(start);
    let equal = |words: &[&str]| -> Vec<(String, String)> {
        let three = words.windows(3).filter(|three| three[1] == "=");
        three.map(|three| (column(three[0]), three[2].to_owned())).collect()
    };
    let set: Vec<String> = match before.iter().position(|word| *word == "set") {
        Some(at) => equal(&before[at..]).into_iter().map(|(column, _)| column).collect(),
        None => Vec::new(),
    };
    let known = equal(behind).into_iter();
    known.filter(|(column, value)| is_literal(value) && !set.contains(column)).collect()
}

/// `insert into t (a, b) values (1, 'x')`
fn inserted(words: &[&str]) -> Literals {
    let Some(at) = words.iter().position(|word| *word == "values") else {
        return Literals::new();
    };
    let Some(open) = words[..at].iter().position(|word| *word == "(") else {
        return Literals::new();
    };
    let (Some((names, _)), Some((values, rest))) =
        (items(&words[open..at]), items(&words[at + 1..]))
    else {
        return Literals::new();
    };
    // Of several rows each has its own.
    if rest.first() == Some(&",") {
        return Literals::new();
    }
    let pairs =
        names.iter().zip(&values).filter_map(|(name, value)| match (&name[..], &value[..]) {
            ([name], [value]) if is_literal(value) => Some((column(name), (*value).to_owned())),
            _ => None,
        });
    pairs.collect()
}

/// The parts between the commas of a bracket that words begin with, and what stands behind it.
fn items<'w, 's>(words: &'s [&'w str]) -> Option<(Vec<Vec<&'w str>>, &'s [&'w str])> {
    let mut parts = vec![Vec::new()];
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        match (*word, depth) {
            (")", 0) => return Some((parts, &words[at + 1..])),
            (_, 0) => return None,
            ("(", 1) => {}
            (",", 1) => parts.push(Vec::new()),
            (word, _) => parts.last_mut()?.push(word),
        }
    }
    None
}

fn column(word: &str) -> String {
    word.rsplit('.').next().unwrap_or(word).to_owned()
}

fn is_literal(word: &str) -> bool {
    let is_text = word.len() > 1 && word.starts_with('\'') && word.ends_with('\'');
    is_text
        || matches!(word, "true" | "false")
        || !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, String)> {
        literals(text).into_iter().collect()
    }

    fn pair(column: &str, value: &str) -> Vec<(String, String)> {
        vec![(column.to_owned(), value.to_owned())]
    }

    #[test]
    fn conditions_that_all_rows_meet_are_told() {
        assert_eq!(told("SELECT a FROM t WHERE t.s = 'live' AND id = $1"), pair("s", "'live'"));
        assert_eq!(told("SELECT a FROM t WHERE s = 'live' OR id = $1"), []);
        assert_eq!(told("DELETE FROM t WHERE s = 'draft'"), pair("s", "'draft'"));
        assert_eq!(told("UPDATE t SET s = 'live' WHERE s = 'draft' AND k = 3"), pair("k", "3"));
    }

    #[test]
    fn new_rows_have_what_they_are_given() {
        assert_eq!(
            told("INSERT INTO t (a, s, b) VALUES ($1, 'draft', f(1, 2))"),
            pair("s", "'draft'")
        );
        assert_eq!(told("INSERT INTO t (s) VALUES ('a'), ('b')"), []);
        let upsert = "INSERT INTO t (s) VALUES ('a') ON CONFLICT (s) DO UPDATE SET s = 'b'";
        assert_eq!(told(upsert), []);
    }

    #[test]
    fn rows_differ_by_a_column_of_both() {
        let (live, draft) = (
            literals("SELECT a FROM t WHERE s = 'live'"),
            literals("DELETE FROM t WHERE s = 'draft'"),
        );
        assert!(differ(&live, &draft));
        assert!(!differ(&live, &literals("DELETE FROM t WHERE k = 1")));
    }
}
