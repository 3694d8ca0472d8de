//! Answers of earlier runs on the disk: a run over the same input need not look for them again.
//!
//! A cache is for speed only. What cannot be read, or is not what was written, is not there; what cannot
//! be written is not kept; neither is told.

mod key;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::answer::Answer;
use crate::rules::Finding;
use crate::source::Sources;

pub use key::Key;

/// The folder below the root of a program.
const FOLDER: &str = ".cache-lint_cache";
/// What each kept answer is called, behind its key.
const EXTENSION: &str = "answer";
/// How many answers are kept of a program: those that were written last.
const MOST: usize = 16;
/// The largest answer that is read, in bytes.
const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// The files that the folder holds besides: version control, and backups, are to leave it out.
const MARKS: [(&str, &str); 2] = [
    (".gitignore", "# Made by cache-lint.\n*\n"),
    (
        "CACHEDIR.TAG",
        "Signature: 8a477f597d28d172789f06886806bc55\n# Made by cache-lint; see https://bford.info/cachedir/\n",
    ),
];

/// The answers that are kept of one program.
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Those of the program that `root` holds.
    pub fn of(root: &Path) -> Cache {
        Cache { folder: root.join(FOLDER) }
    }

    /// The answer to a key, where there is one that fits `sources`.
    pub fn recall(&self, key: &Key, sources: &Sources) -> Option<Answer> {
        if !self.is_own() {
            return None;
        }
        let mut bytes = Vec::new();
        let file = File::open(self.file(key)).ok()?;
        file.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
        let (seal, body) = bytes.split_at_checked(blake3::OUT_LEN)?;
        if *seal != *blake3::hash(body).as_bytes() {
            return None;
        }
        let answer: Answer = serde_json::from_slice(body).ok()?;
        let files = sources.files.len();
        let fits = |finding: &Finding| {
            let evidence = finding.evidence.iter().map(|step| step.location);
            evidence.chain([finding.location]).all(|place| (place.file.0 as usize) < files)
        };
        answer.findings.iter().all(fits).then_some(answer)
    }

    /// Keeps the answer to a key.
    pub fn keep(&self, key: &Key, answer: &Answer) {
        // A run is as good without.
        let _ = self.write(key, answer);
    }

    /// Removes all answers.
    ///
    /// # Errors
    /// Where they cannot be removed.
    pub fn clean(&self) -> io::Result<()> {
        if self.is_own() { fs::remove_dir_all(&self.folder) } else { Ok(()) }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the folder is there, and is no link to one somewhere else.
    fn is_own(&self) -> bool {
        fs::symlink_metadata(&self.folder).is_ok_and(|metadata| metadata.is_dir())
    }

    fn file(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{key}.{EXTENSION}"))
    }

    fn write(&self, key: &Key, answer: &Answer) -> io::Result<()> {
        let body = serde_json::to_vec(answer)?;
        if body.len() as u64 >= MAX_SIZE {
            return Ok(());
        }
        if !self.is_own() {
            fs::create_dir(&self.folder)?;
        }
        for (name, text) in MARKS {
            let path = self.folder.join(name);
            // One that is there already says the same.
            if let Ok(mut file) = File::create_new(&path)
                && let Err(error) = file.write_all(text.as_bytes())
            {
                let _ = fs::remove_file(path);
                return Err(error);
            }
        }
        let temporary = self.folder.join(format!("{key}.{}.tmp", std::process::id()));
        let written = File::create_new(&temporary).and_then(|mut file| {
            file.write_all(blake3::hash(&body).as_bytes())?;
            file.write_all(&body)
        });
        // A reader sees the whole answer or none.
        let renamed = written.and_then(|()| fs::rename(&temporary, self.file(key)));
        if renamed.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        renamed?;
        self.forget_oldest()
    }

    /// Removes all but the answers that were written last, and what runs that were cut off left behind.
    fn forget_oldest(&self) -> io::Result<()> {
        let mut written: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let path = entry.path();
            if MARKS.iter().all(|(name, _)| entry.file_name() != *name) {
                written.push((entry.metadata()?.modified()?, path));
            }
        }
        written.sort();
        let excess = written.len().saturating_sub(MOST);
        for (_, path) in &written[..excess] {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}
