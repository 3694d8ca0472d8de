//! A program in one text: its files, each behind a line `#### name`.

use std::collections::BTreeMap;
use std::path::Path;

/// What a line that begins a file starts with.
const MARK: &str = "#### ";

/// The files of an input: those whose names are plain, the first of each name.
pub fn files(input: &str) -> BTreeMap<&str, &str> {
    let mut files: BTreeMap<&str, &str> = BTreeMap::new();
    for part in input.split(MARK).skip(1) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        // A name that is a folder of another one cannot be a file as well.
        let is_folder = files.keys().any(|known| {
            let (known, name) = (Path::new(known), Path::new(name));
            known.starts_with(name) || name.starts_with(known)
        });
        if is_plain(name) && !is_folder {
            files.insert(name, text);
        }
    }
    files
}

fn is_plain(name: &str) -> bool {
    let folders_and_name = name.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
    });
    folders_and_name
        && name.len() < 60
        && [".py", ".rs", ".sql"].iter().any(|end| name.ends_with(end))
}
