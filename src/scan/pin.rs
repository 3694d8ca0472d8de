//! Holds on to the text of files, so that each look at them sees the same.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::read::read_text;
use super::role::role;
use super::walk::{slashed, source_file};
use crate::source::{Language, Role, SourceFile, Sources};

/// Reads all files that are analysed, and keeps their text; what cannot be read as a whole is left as it is.
pub fn pin(sources: &mut Sources) {
    sources.files.par_iter_mut().for_each(pin_file);
}

/// The same for one file.
pub fn pin_file(file: &mut SourceFile) {
    if file.role == Role::Test || file.overlay.is_some() {
        return;
    }
    if let Ok(decoded) = read_text(file)
        && decoded.loss.is_none()
    {
        file.overlay = Some(decoded.text.into());
    }
}

/// Puts `text` in the place of a file, which need not be there yet.
pub fn replace(sources: &mut Sources, path: &Path, text: Arc<str>, working_directory: &Path) {
    if let Some(file) = sources.files.iter_mut().find(|file| file.path == path) {
        file.overlay = Some(text);
        return;
    }
    let Some(language) = Language::of(path) else { return };
    let project_path = slashed(path.strip_prefix(&sources.root).unwrap_or(path));
    let kind = (language, role(language, &project_path, &sources.packages));
    let file = source_file(path.to_owned(), project_path, kind, working_directory, Some(text));
    let at = sources.files.partition_point(|known| known.sort_key() < file.sort_key());
    sources.files.insert(at, file);
}
