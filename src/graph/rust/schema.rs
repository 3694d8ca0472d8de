//! Foreign keys in SQL migrations, and what the database does to their rows when what they point to goes.

use super::super::sql;
use crate::source::Schema;

/// A foreign key of a table as the migrations leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The table it points to.
    pub target: String,
    /// What the database does when that is deleted.
    pub action: Action,
    /// The name of the constraint, where it has one.
    pub name: Option<String>,
}

/// What a database does to the rows that point to a deleted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing, or it refuses the delete.
    Refuses,
    /// Deletes them.
    Deletes,
    /// Sets the column.
    Sets,
}

/// The foreign keys that are there after all migrations, in their order.
pub fn foreign_keys(schemas: &[Schema]) -> Vec<ForeignKey> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    for schema in schemas.iter().filter(|it| it.is_migration() && !goes_back(&it.project_path)) {
        apply_text(&schema.text, &mut keys);
    }
    keys
}

/// Changes the foreign keys as an SQL text does.
pub fn apply_text(text: &str, keys: &mut Vec<ForeignKey>) {
    let words = sql::words(text);
    for statement in words.split(|word| word == ";") {
        let words: Vec<&str> = statement.iter().map(String::as_str).collect();
        apply(&words, keys);
    }
}

/// Whether a migration undoes another one.
fn goes_back(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "down.sql" || name.ends_with(".down.sql")
}

fn apply(words: &[&str], keys: &mut Vec<ForeignKey>) {
    match words {
        ["create", rest @ ..] => {
            let Some(at) = rest.iter().position(|word| *word == "table") else { return };
            let Some((table, rest)) = named(&rest[at + 1..]) else { return };
            let Some(("(", rest)) = rest.split_first().map(|(first, rest)| (*first, rest)) else {
                return;
            };
            for item in items(rest) {
                keys.extend(declared(table, item));
            }
        }
        ["drop", "table", rest @ ..] => {
            if let Some((table, _)) = named(rest) {
                keys.retain(|key| key.table != table);
            }
        }
        ["alter", "table", rest @ ..] => {
            let Some((table, rest)) = named(rest) else { return };
            for change in items(rest) {
                alter(table, change, keys);
            }
        }
        _ => {}
    }
}

fn alter(table: &str, change: &[&str], keys: &mut Vec<ForeignKey>) {
    match change {
        ["add", rest @ ..] => {
            let rest = rest.strip_prefix(&["column"]).unwrap_or(rest);
            let rest = rest.strip_prefix(&["if", "not", "exists"]).unwrap_or(rest);
            keys.extend(declared(table, rest));
        }
        ["drop", "constraint", rest @ ..] | ["drop", "foreign", "key", rest @ ..] => {
            if let Some((name, _)) = named(rest) {
                // A constraint without a name is called after its column.
                keys.retain(|key| {
                    let own = key.name.clone();
                    key.table != table
                        || own.unwrap_or_else(|| format!("{table}_{}_fkey", key.column)) != name
                });
            }
        }
        ["drop", rest @ ..] => {
            let rest = rest.strip_prefix(&["column"]).unwrap_or(rest);
            if let Some((column, _)) = named(rest) {
                keys.retain(|key| key.table != table || key.column != column);
            }
        }
        ["rename", "to", new, ..] => {
            for key in keys.iter_mut() {
                if key.table == table {
                    key.table = bare(new).to_owned();
                }
                if key.target == table {
                    key.target = bare(new).to_owned();
                }
            }
        }
        ["rename", "column", old, "to", new, ..] => {
            for key in keys.iter_mut().filter(|key| key.table == table && key.column == *old) {
                key.column = (*new).to_owned();
            }
        }
        _ => {}
    }
}

/// The name of a table or a column behind `if exists` and the like, and what follows.
fn named<'w, 's>(words: &'s [&'w str]) -> Option<(&'w str, &'s [&'w str])> {
    let at = words.iter().position(|word| !matches!(*word, "if" | "not" | "exists" | "only"))?;
    Some((bare(words[at]), &words[at + 1..]))
}

/// A name without its schema.
fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The parts of a list, to the bracket that closes it.
fn items<'w, 's>(words: &'s [&'w str]) -> Vec<&'s [&'w str]> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" if depth == 0 => {
                found.push(&words[start..at]);
                return found;
            }
            ")" => depth -= 1,
            "," if depth == 0 => {
                found.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&words[start..]);
    found
}

/// The foreign key that a column, or a constraint of a table, declares.
fn declared(table: &str, item: &[&str]) -> Option<ForeignKey> {
    let references = item.iter().position(|word| *word == "references")?;
    let (head, tail) = (&item[..references], &item[references + 1..]);
    let name = head.iter().position(|word| *word == "constraint");
    let name = name.and_then(|at| head.get(at + 1)).map(|name| (*name).to_owned());
    let column = match head.windows(2).position(|pair| pair == ["foreign", "key"]) {
        Some(at) => head[at + 2..].iter().find(|word| **word != "(")?,
        None => head.first()?,
    };
    let action = tail.windows(3).find(|three| three[0] == "on" && three[1] == "delete");
    let action = match action.map(|three| three[2]) {
        Some("cascade") => Action::Deletes,
        Some("set") => Action::Sets,
        _ => Action::Refuses,
    };
    Some(ForeignKey {
        table: table.to_owned(),
        column: (*column).to_owned(),
        target: bare(tail.first()?).to_owned(),
        action,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[(&str, &str, &str, Action)]) {
        let schema = |(path, text): &(&str, &str)| Schema {
            project_path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        let found = foreign_keys(&files.iter().map(schema).collect::<Vec<_>>());
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.table.as_str(), it.column.as_str(), it.target.as_str(), it.action))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn columns_and_constraints_declare_keys() {
        let text = "-- posts\nCREATE TABLE IF NOT EXISTS public.posts (
            id SERIAL PRIMARY KEY, title VARCHAR(20) NOT NULL, -- REFERENCES nothing
            \"user_id\" INT NOT NULL REFERENCES \"users\" (id) ON UPDATE CASCADE ON DELETE CASCADE,
            team INT REFERENCES teams ON DELETE SET NULL,
            kind INT REFERENCES kinds(id),
            CONSTRAINT own FOREIGN KEY (a, b) REFERENCES pairs (a, b) ON DELETE SET DEFAULT
        );";
        let expected = [
            ("posts", "user_id", "users", Action::Deletes),
            ("posts", "team", "teams", Action::Sets),
            ("posts", "kind", "kinds", Action::Refuses),
            ("posts", "a", "pairs", Action::Sets),
        ];
        check(&[("migrations/1/up.sql", text)], &expected);
    }

    #[test]
    fn later_migrations_change_them() {
        let files = [
            ("migrations/1.sql", "create table a (b int references c on delete cascade);"),
            ("migrations/2.up.sql", "alter table a drop constraint a_b_fkey;"),
            ("migrations/2.down.sql", "alter table a add foreign key (b) references c on delete cascade;"),
            (
                "migrations/3.sql",
                "ALTER TABLE ONLY a ADD CONSTRAINT x FOREIGN KEY (b) REFERENCES d(id) ON DELETE SET NULL,
                 ADD COLUMN e INT REFERENCES f (id) ON DELETE CASCADE;",
            ),
        ];
        check(&files, &[("a", "b", "d", Action::Sets), ("a", "e", "f", Action::Deletes)]);
    }

    #[test]
    fn tables_are_built_anew_under_another_name() {
        let text = "CREATE TABLE a (b INT REFERENCES c);
            CREATE TABLE a_new (b INT REFERENCES c ON DELETE CASCADE);
            DROP TABLE a; ALTER TABLE a_new RENAME TO a;";
        check(&[("migrations/1.sql", text)], &[("a", "b", "c", Action::Deletes)]);
    }
}
