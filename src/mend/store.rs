//! Writes the changed files; those that belong together all or not at all.

use std::io;
use std::path::Path;

use anstream::AutoStream;

use super::{Mended, State};
use crate::Status;
use crate::cli::When;
use crate::failure::{Failure, say};
use crate::fix::{self, FileChange, Staged};
use crate::frameworks::Frameworks;
use crate::output::Output;
use crate::project::Project;
use crate::report::color;
use crate::scan;

impl Mended {
    /// Writes the changes as a unified diff.
    ///
    /// # Errors
    /// Where the output does not take it.
    pub fn show(&self, output: &Output<'_>, quiet: bool, when: When) -> Result<Status, Failure> {
        let files = || self.changes.iter().flatten();
        output.write(|out| files().try_for_each(|file| file.write_diff(out)))?;
        self.tell("can be fixed", quiet, when);
        Ok(if self.changes.is_empty() { Status::Clean } else { Status::Findings })
    }

    /// Writes the changed files, and returns the program as it is then.
    ///
    /// # Errors
    /// Where a file could not be written, and the program cannot be read again.
    pub fn store(
        self,
        project: &Project,
        frameworks: &Frameworks,
        quiet: bool,
        when: When,
    ) -> Result<State, Failure> {
        let refused = store(&self.changes, project.root());
        if refused.is_empty() {
            self.tell("fixed", quiet, when);
            return Ok(self.state);
        }
        for file in &refused {
            let message = format!("`{}` is left as it is: {}", file.name, file.why);
            warn(&message, Some("run it again to fix the rest"), when);
        }
        let mut sources = project.scan(true, when)?;
        scan::pin(&mut sources);
        Ok(State::of(project, frameworks, sources, None, true, true))
    }

    /// Tells how many findings are mended.
    fn tell(&self, what: &str, quiet: bool, when: When) {
        let counted = |count: usize| match count {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        if quiet || self.fixed + self.stubs + self.held_back == 0 {
            return;
        }
        let mut more = match self.held_back {
            0 => String::new(),
            count => format!(", {count} more may be with `--unsafe-fixes`"),
        };
        match self.stubs {
            0 => {}
            1 => more.push_str(", for 1 there is but a place to write it"),
            count => more.push_str(&format!(", for {count} there is but a place to write it")),
        }
        let stderr = io::stderr();
        let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
        // Nobody is left to tell where this cannot be written.
        let _ = say(&mut out, "note", &format!("{} {what}{more}", counted(self.fixed)), None);
    }
}

fn warn(message: &str, help: Option<&str>, when: When) {
    let stderr = io::stderr();
    let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
    // The report matters more than a warning that nobody can read.
    let _ = say(&mut out, "warning", message, help);
}

/// A file that could not be written, so that it and those that belong to it are as they were.
struct Refused {
    /// How reports name it.
    name: String,
    /// Why, as a phrase.
    why: String,
}

/// Writes changed files below `root`, group by group; returns what could not be written.
fn store(changes: &[Vec<FileChange>], root: &Path) -> Vec<Refused> {
    changes.iter().filter_map(|group| store_group(group, root).err()).collect()
}

fn store_group(group: &[FileChange], root: &Path) -> Result<(), Refused> {
    let refused = |file: &FileChange, why: fix::Refusal| Refused {
        name: file.name.clone(),
        why: why.to_string(),
    };
    let mut ready: Vec<(&FileChange, Staged)> = Vec::new();
    for file in group {
        match fix::stage(file, root) {
            Ok(staged) => ready.push((file, staged)),
            Err(why) => {
                for (_, staged) in &ready {
                    staged.discard();
                }
                return Err(refused(file, why));
            }
        }
    }
    let mut ready = ready.into_iter();
    while let Some((file, staged)) = ready.next() {
        if let Err(why) = staged.commit() {
            for (_, staged) in ready {
                staged.discard();
            }
            return Err(refused(file, why));
        }
    }
    Ok(())
}
