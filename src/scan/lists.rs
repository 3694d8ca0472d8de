//! Tells lists of what to ignore that the walk must keep away from: whoever reads a pipe may wait for ever.

use std::fs;
use std::path::{Path, PathBuf};

/// Where a folder may have such lists.
const LISTS: [&str; 3] = [".gitignore", ".ignore", ".git/info/exclude"];
/// The largest list that is read, in bytes: a pattern takes some hundred times its length in memory.
const MAX_SIZE: u64 = 1024 * 1024;

/// A list of a folder that is no regular file of some size.
pub fn unfit_list(folder: &Path) -> Option<PathBuf> {
    let is_unfit = |list: &PathBuf| {
        // What is no file at all can be opened, and then says nothing.
        fs::metadata(list).is_ok_and(|it| !(it.is_dir() || it.is_file() && it.len() <= MAX_SIZE))
    };
    LISTS.iter().map(|name| folder.join(name)).find(is_unfit)
}

/// What is said of such a list, and of what follows from it.
pub fn told(list: &Path, so: &str) -> String {
    format!("{}: no file, or larger than {} MB, {so}", list.display(), MAX_SIZE / 1024 / 1024)
}
