//! The files of the fixtures of the tests.

use std::fs;
use std::path::Path;

/// The files of a fixture, by their names below it.
pub fn files(name: &str) -> Vec<(String, String)> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    let mut folders = vec![fixture.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&fixture).expect("it is below");
                // What a run keeps there is no text.
                if let Ok(text) = fs::read_to_string(&path) {
                    files.push((name.to_string_lossy().into_owned(), text));
                }
            }
        }
    }
    files
}
