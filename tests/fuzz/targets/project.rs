//! A small program in a folder of its own, and runs over it in this process.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cache_lint::Status;
use tempfile::TempDir;

/// The folder that runs work in; in memory where the system has such folders.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("a folder")
});

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

/// `cache-lint check` over the program, whose report goes nowhere.
pub fn check(options: &[&str]) -> Status {
    let mut arguments: Vec<OsString> = ["cache-lint", "check", "-q", "--threads", "1"]
        .into_iter()
        .chain(["--output-file", "/dev/null"])
        .chain(options.iter().copied())
        .map(OsString::from)
        .collect();
    arguments.push(FOLDER.path().into());
    cache_lint::run(arguments)
}
