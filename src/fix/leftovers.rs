//! The hidden files that texts are written to before they take their place, and what killed runs leave of them.
//!
//! Whoever writes one holds a lock on it, which the operating system takes away when the process ends, however
//! it ends. So a file of such a name without a lock is nobody's.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".cache-lint";

/// Makes the file for the new text of `target`, beside it, and locks it.
///
/// # Errors
/// Where the operating system refuses, or the file is there.
pub fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let path = target.with_file_name(format!(".{name}.{}{SUFFIX}", std::process::id()));
    let file = File::create_new(&path)?;
    match file.try_lock() {
        // Some file systems know no locks; what a killed run leaves there stays.
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok((path, file)),
        Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Removes what runs that were killed have left in a folder.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_ours(&entry.file_name().to_string_lossy()) {
            remove_unlocked(&entry.path());
        }
    }
}

/// Whether a file is called as [`create_beside`] calls its own.
fn is_ours(name: &str) -> bool {
    let inside = name.strip_prefix('.').and_then(|name| name.strip_suffix(SUFFIX));
    inside.and_then(|name| name.rsplit_once('.')).is_some_and(|(target, process)| {
        !target.is_empty() && !process.is_empty() && process.bytes().all(|it| it.is_ascii_digit())
    })
}

fn remove_unlocked(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    if file.try_lock().is_ok() {
        // What cannot be removed is not in the way of anything.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, "x = 1\n").expect("a file");
            path
        };
        let (held, _lock) = create_beside(&folder.path().join("a.py")).expect("a file");
        let left = write(".models.py.12345.cache-lint");
        let others = [".cache-lint", ".models.py.cache-lint", "models.py.1.cache-lint", ".1.py"];
        let others = others.map(write);
        sweep(folder.path());
        assert!(held.exists() && !left.exists());
        assert!(others.iter().all(|path| path.exists()));
    }
}
