//! Puts changed texts on the disk: each file as a whole or not at all, and none outside the program.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::edit::FileChange;
use super::leftovers;
use crate::scan::{self, EncodeError};

/// Why a file is left as it is.
#[derive(Debug)]
pub enum Refusal {
    /// It is not what was analysed any more.
    Changed,
    /// It, or what it is a link to, lies outside the program.
    Outside,
    /// Its encoding has no such characters.
    Encoding(String),
    /// The operating system refused.
    Io(io::Error),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Changed => f.write_str("it changed since it was read"),
            Refusal::Outside => f.write_str("it leads out of the project"),
            Refusal::Encoding(name) => write!(f, "its encoding, {name}, cannot hold the new text"),
            Refusal::Io(error) => write!(f, "{error}"),
        }
    }
}

/// A file that is ready to take its place.
pub struct Staged {
    temporary: PathBuf,
    target: PathBuf,
    /// Held open, and with it its lock, until it has its place.
    _held: File,
}

/// Writes the new text of a file next to it; `root` is the folder that holds the program.
///
/// # Errors
/// Where the file is not to be touched, or the disk does not take it.
pub fn stage(change: &FileChange, root: &Path) -> Result<Staged, Refusal> {
    let target = target_of(change, root)?;
    let (bytes, permissions) = match &change.old {
        None => (change.new.as_bytes().to_vec(), None),
        Some(old) => {
            let bytes = fs::read(&target).map_err(Refusal::Io)?;
            let permissions = fs::metadata(&target).map_err(Refusal::Io)?.permissions();
            let bytes =
                scan::encode_like(&bytes, old, &change.new).map_err(|error| match error {
                    EncodeError::OtherText => Refusal::Changed,
                    EncodeError::NoSuchCharacter(name) => Refusal::Encoding(name),
                })?;
            (bytes, Some(permissions))
        }
    };
    target.parent().into_iter().for_each(leftovers::sweep);
    let (temporary, mut file) = leftovers::create_beside(&target).map_err(Refusal::Io)?;
    let written = || -> io::Result<()> {
        file.write_all(&bytes)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()
    };
    let outcome = written();
    let staged = Staged { temporary, target, _held: file };
    match outcome {
        Ok(()) => Ok(staged),
        Err(error) => {
            staged.discard();
            Err(Refusal::Io(error))
        }
    }
}

impl Staged {
    /// Takes the place of the old file, at once.
    ///
    /// # Errors
    /// Where the operating system refuses; the old file is then still there.
    pub fn commit(self) -> Result<(), Refusal> {
        let renamed = fs::rename(&self.temporary, &self.target);
        if renamed.is_err() {
            self.discard();
        }
        renamed.map_err(Refusal::Io)
    }

    /// Forgets the new text.
    pub fn discard(&self) {
        // What cannot be removed is not in the way of anything.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// The file that is really written: what the path is a link to.
fn target_of(change: &FileChange, root: &Path) -> Result<PathBuf, Refusal> {
    let inside = |path: PathBuf| match path.starts_with(root) {
        true => Ok(path),
        false => Err(Refusal::Outside),
    };
    if change.old.is_some() {
        return inside(change.path.canonicalize().map_err(Refusal::Io)?);
    }
    let (Some(folder), Some(name)) = (change.path.parent(), change.path.file_name()) else {
        return Err(Refusal::Outside);
    };
    let folder = inside(folder.canonicalize().map_err(Refusal::Io)?)?;
    let target = folder.join(name);
    match File::open(&target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(target),
        // Somebody made it in the meantime.
        _ => Err(Refusal::Changed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: PathBuf, old: Option<&str>, new: &str) -> FileChange {
        FileChange { path, name: String::new(), old: old.map(Into::into), new: new.into() }
    }

    #[test]
    fn a_file_that_changed_since_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a folder");
        let path = root.join("a.py");
        fs::write(&path, "x = 2\n").expect("a file");
        let refused = stage(&change(path.clone(), Some("x = 1\n"), "x = 3\n"), &root);
        assert!(matches!(refused, Err(Refusal::Changed)));
        let made = stage(&change(path.clone(), None, "x = 3\n"), &root);
        assert!(matches!(made, Err(Refusal::Changed)));
        assert_eq!(fs::read_to_string(&path).expect("a file"), "x = 2\n");
        assert_eq!(fs::read_dir(&root).expect("a folder").count(), 1);
    }

    #[test]
    fn a_file_takes_its_place_only_when_it_is_committed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a folder");
        let path = root.join("a.py");
        fs::write(&path, "x = 1\n").expect("a file");
        let staged = stage(&change(path.clone(), Some("x = 1\n"), "x = 2\n"), &root);
        let staged = staged.expect("it can be written");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "x = 1\n");
        staged.commit().expect("it takes its place");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "x = 2\n");
        assert_eq!(fs::read_dir(&root).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_project_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let outside = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a folder");
        let target = outside.path().join("a.py");
        fs::write(&target, "x = 1\n").expect("a file");
        let link = root.join("a.py");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        let refused = stage(&change(link, Some("x = 1\n"), "x = 2\n"), &root);
        assert!(matches!(refused, Err(Refusal::Outside)));
        let folder = root.join("there");
        std::os::unix::fs::symlink(outside.path(), &folder).expect("a link");
        let refused = stage(&change(folder.join("b.py"), None, "x = 2\n"), &root);
        assert!(matches!(refused, Err(Refusal::Outside)));
    }
}
