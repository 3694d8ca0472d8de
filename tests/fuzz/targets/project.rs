//! A small program in a folder of its own, and runs over it in this process.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cache_lint::Status;
use tempfile::TempDir;

/// The folder that runs work in.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

/// A file of the program.
pub fn path(name: &str) -> PathBuf {
    FOLDER.path().join(name)
}

/// Writes a file of the program.
pub fn write(name: &str, bytes: &[u8]) {
    let path = path(name);
    fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// Copies the files of a fixture into the program.
#[allow(dead_code)] // Not every target needs one.
pub fn copy_fixture(name: &str) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    let mut folders = vec![fixture.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match (path.is_dir(), path.strip_prefix(&fixture)) {
                (true, _) => folders.push(path),
                (_, Ok(name)) => write(&name.to_string_lossy(), &fs::read(&path).expect("a file")),
                (_, Err(_)) => {}
            }
        }
    }
}

/// `cache-lint check` over the program, whose report goes nowhere.
pub fn check(options: &[&str]) -> Status {
    let mut arguments: Vec<OsString> = ["cache-lint", "check", "-q", "--threads", "1"]
        .into_iter()
        .chain(["--output-format", "json", "--output-file", "/dev/null"])
        .chain(options.iter().copied())
        .map(OsString::from)
        .collect();
    arguments.push(FOLDER.path().into());
    cache_lint::run(arguments)
}
