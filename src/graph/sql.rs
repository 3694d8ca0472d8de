//! SQL texts: which tables they read and write, and which columns they set.

use std::borrow::Cow;

use super::effect::SqlVerb;
use super::key::{Part, Template};

/// A statement that writes rows, as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub verb: SqlVerb,
    /// The table that it writes, in lower case, without a schema.
    pub table: String,
    /// The columns that an update sets.
    pub columns: Option<Vec<String>>,
}

/// The statements of a text that write; what the source leaves open stands as a word of its own.
pub fn statements(template: &Template) -> Vec<Statement> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::Hole { .. } | Part::Gone => text.push('?'),
        }
    }
    statements_of(&text)
}

/// The statements of a text that write.
pub fn statements_of(text: &str) -> Vec<Statement> {
    let words: Vec<String> = words(text);
    words.split(|word| word == ";").filter_map(parse).collect()
}

/// The tables whose rows a text reads, in its order, each once; none where it is no SQL.
pub fn read_tables(text: &str) -> Vec<String> {
    if !is_sql(text) {
        return Vec::new();
    }
    let words = words(text);
    let mut found: Vec<String> = Vec::new();
    let mut at = 0;
    // What the columns of a query are read from by queries of their own comes behind its own tables.
    let (mut depth, mut nested): (usize, Option<Vec<String>>) = (0, None);
    while at < words.len() {
        match words[at].as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "from" if depth == 0 && nested.is_none() => nested = Some(std::mem::take(&mut found)),
            _ => {}
        }
        let is_source = matches!(words[at].as_str(), "from" | "join");
        let after_delete = at > 0 && words[at - 1] == "delete";
        at += 1;
        // `from a, b as c` lists tables.
        while is_source && !after_delete && at < words.len() {
            let name = words[at].rsplit('.').next().unwrap_or_default();
            if is_name(name)
                && !KEYWORDS.contains(&name)
                && !found.iter().any(|known: &String| known == name)
            {
                found.push(name.to_owned());
            }
            let end = words[at..].iter().position(|word| {
                matches!(word.as_str(), "," | "(" | ")" | ";") || KEYWORDS.contains(&word.as_str())
            });
            match end.map(|end| at + end) {
                Some(comma) if words[comma] == "," && words[at - 1] != "join" => at = comma + 1,
                _ => break,
            }
        }
    }
    for table in nested.into_iter().flatten() {
        if !found.contains(&table) {
            found.push(table);
        }
    }
    // What `with` names is no table.
    let named: Vec<&String> = words
        .windows(3)
        .filter(|three| three[1] == "as" && three[2] == "(")
        .map(|three| &three[0])
        .collect();
    found.retain(|table| !named.contains(&table));
    found
}

/// The words of a text that may be columns by which it chooses, joins or orders rows, or that it gives
/// another name; each as it stands there, with the name of its table.
pub fn choosing_words(text: &str) -> Vec<String> {
    let words = words(text);
    let from = words.iter().position(|word| word == "from").unwrap_or(words.len());
    let (listed, behind) = words.split_at(from);
    let renames = listed.iter().any(|word| word == "as");
    let listed = if renames { listed } else { &[] };
    let columns = listed.iter().chain(behind).filter_map(|word| {
        let name = word.rsplit('.').next().unwrap_or_default();
        (is_name(name) && !KEYWORDS.contains(&name)).then(|| word.clone())
    });
    columns.collect()
}

/// The columns of the one table that a text selects from, where it lists nothing else.
pub fn selected_columns(text: &str) -> Option<Vec<String>> {
    let words = words(text);
    let from = words.iter().position(|word| word == "from")?;
    let (head, listed) = words[..from].split_first()?;
    if head != "select" || words[from..].iter().any(|word| word == "select") {
        return None;
    }
    let items = listed.split(|word| word == ",");
    items
        .map(|item| {
            let [column, rest @ ..] = item else { return None };
            let is_renamed = matches!(rest, [sign, _] if sign == "as");
            let name = column.rsplit('.').next().unwrap_or_default();
            let is_column = is_name(name) && !KEYWORDS.contains(&name);
            (is_column && (rest.is_empty() || is_renamed)).then(|| name.to_owned())
        })
        .collect()
}

/// Whether a text that inserts rows changes those that are there already.
pub fn upserts(text: &str) -> bool {
    let words = words(text);
    let is_in = |phrase: &[&str]| words.windows(phrase.len()).any(|it| it == phrase);
    words.first().is_some_and(|first| first == "replace")
        || is_in(&["or", "replace"])
        || is_in(&["do", "update"])
        || is_in(&["duplicate", "key", "update"])
}

/// The columns that an upsert changes of rows that are there already; none where it may be all of them.
pub fn upserted(text: &str) -> Option<Vec<String>> {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let starts = |phrase: &[&str]| {
        words.windows(phrase.len()).position(|it| it == phrase).map(|at| at + phrase.len())
    };
    let start =
        starts(&["do", "update", "set"]).or_else(|| starts(&["duplicate", "key", "update"]))?;
    set_columns(["set"].into_iter().chain(words[start..].iter().copied()).collect())
}

/// Whether a text reads one value that is made of all rows, so that a new one changes it.
pub fn aggregates(text: &str) -> bool {
    let words = words(text);
    let from = words.iter().position(|word| word == "from").unwrap_or(words.len());
    words[..from].windows(2).any(|pair| {
        let name = pair[0].as_str();
        pair[1] == "(" && (AGGREGATES.contains(&name) || name.ends_with("_agg"))
    })
}

/// Functions that make one value of many rows.
const AGGREGATES: [&str; 7] = ["avg", "count", "exists", "group_concat", "max", "min", "sum"];

/// The tables that a text reads or writes, each once; none where it is no SQL.
pub fn tables(text: &str) -> Vec<String> {
    let mut found = read_tables(text);
    if is_sql(text) {
        for statement in statements_of(text) {
            if is_name(&statement.table) && !found.contains(&statement.table) {
                found.push(statement.table);
            }
        }
    }
    found
}

/// What may stand behind the name of a table.
const KEYWORDS: [&str; 22] = [
    "as",
    "cross",
    "full",
    "group",
    "having",
    "inner",
    "join",
    "lateral",
    "left",
    "limit",
    "natural",
    "offset",
    "on",
    "only",
    "order",
    "returning",
    "right",
    "select",
    "set",
    "union",
    "using",
    "where",
];

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether a text starts like a statement that reads or writes rows.
pub fn is_sql(text: &str) -> bool {
    const VERBS: [&str; 6] = ["select", "insert", "update", "delete", "replace", "with"];
    let text = behind_comments(text);
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let first = &text[..end];
    // One word alone is no statement.
    text[end..].starts_with(char::is_whitespace)
        && VERBS.iter().any(|verb| first.eq_ignore_ascii_case(verb))
}

/// A text without the comments that it begins with.
fn behind_comments(text: &str) -> &str {
    let mut text = text.trim_start();
    loop {
        let behind = match (text.strip_prefix("--"), text.strip_prefix("/*")) {
            (Some(comment), _) => comment.split_once('\n'),
            (_, Some(comment)) => comment.split_once("*/"),
            _ => return text,
        };
        text = behind.map_or("", |(_, rest)| rest.trim_start());
    }
}

/// Reads the head of a statement, or of the one that writes in a text that begins with what it reads.
fn parse(words: &[String]) -> Option<Statement> {
    let starts = |pair: &[String]| {
        matches!(pair[0].as_str(), "(" | ")")
            && matches!(pair[1].as_str(), "insert" | "update" | "delete")
    };
    let words = match words.first()?.as_str() {
        "with" => &words[words.windows(2).position(starts)? + 1..],
        _ => words,
    };
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
            // It is written inside of another statement.
            ")" if depth == 0 => break,
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
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let text = without_blocks(text);
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

/// A text without the comments that have an end of their own.
fn without_blocks(text: &str) -> Cow<'_, str> {
    if !text.contains("/*") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut rest = text;
    while let Some((code, comment)) = rest.split_once("/*") {
        kept.push_str(code);
        kept.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_inside_of_a_query_is_a_write() {
        let text = "WITH gone AS (UPDATE t SET a = f(1), b = 2 WHERE id = $1 RETURNING id) SELECT id FROM gone";
        let found = statements_of(text);
        let columns = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(found, [Statement { verb: SqlVerb::Update, table: "t".into(), columns }]);
        assert_eq!(statements_of("WITH t AS (SELECT 1) SELECT * FROM t FOR UPDATE"), []);
    }

    #[test]
    fn comments_may_go_before_a_statement() {
        let text = "-- one note\n/* by its key,\n -- once */ UPDATE notes /* all */ SET a = 1";
        assert!(is_sql(text));
        let columns = Some(vec!["a".to_owned()]);
        let statement = Statement { verb: SqlVerb::Update, table: "notes".into(), columns };
        assert_eq!(statements_of(text), [statement]);
        assert!(!is_sql("-- UPDATE notes SET a = 1") && !is_sql("/* SELECT a FROM notes"));
    }

    #[test]
    fn tables_of_columns_come_behind_those_of_the_query() {
        let counted =
            "SELECT o.id, (SELECT count(*) FROM members m WHERE m.org = o.id) FROM orgs o";
        assert_eq!(read_tables(counted), ["orgs", "members"]);
        assert_eq!(read_tables("SELECT a FROM x UNION SELECT b FROM y"), ["x", "y"]);
    }

    #[test]
    fn an_upsert_tells_what_it_changes() {
        let changed = |text| upserted(text);
        let text =
            "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b";
        assert_eq!(changed(text), Some(vec!["b".to_owned()]));
        let text =
            "INSERT INTO t (a, b) VALUES (?, ?) ON DUPLICATE KEY UPDATE b = VALUES(b), c = 1";
        assert_eq!(changed(text), Some(vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!(changed("REPLACE INTO t (a, b) VALUES (?, ?)"), None);
    }

    #[test]
    fn one_value_of_all_rows_is_told_by_its_function() {
        assert!(aggregates("SELECT count(*) FROM t"));
        assert!(aggregates("SELECT EXISTS (SELECT 1 FROM t)"));
        assert!(!aggregates("SELECT count FROM t WHERE f(max(1, 2)) = 1"));
    }
}
