//! Answers of earlier runs on the disk: a run over the same input need not look for them again.
//!
//! A cache is for speed only. What cannot be read, or is not what was written, is not there; what cannot
//! be written is not kept; neither is told.

mod key;
mod texts;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use blake3::OUT_LEN;

use crate::answer::Answer;
use crate::rules::Finding;
use crate::source::{FileId, Sources};

pub use key::Key;
use texts::{Known, Texts};

/// The folder below the root of a program.
const FOLDER: &str = ".cache-lint_cache";
/// What each kept answer is called, behind its key.
const EXTENSION: &str = "answer";
/// What the texts of files that were read are called.
const TEXTS: &str = "texts";
/// How many answers are kept of a program: those that were written last.
const MOST: usize = 16;
/// The largest file of the folder that is read, in bytes.
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

    /// What the files of a run say; those that were touched since an earlier run are pinned.
    pub fn texts(&self, sources: &mut Sources) -> Texts {
        let known = self.read(TEXTS).map(|body| Known::parse(&body)).unwrap_or_default();
        let (texts, more) = known.texts_of(sources, SystemTime::now());
        if let Some(more) = more {
            // Without, they are read the next time.
            let _ = self.write(TEXTS, &more.bytes());
        }
        texts
    }

    /// The answer to a key, where there is one that fits the files, which say `texts`; those that it is about
    /// are pinned.
    pub fn recall(&self, key: &Key, sources: &mut Sources, texts: &mut Texts) -> Option<Answer> {
        let body = self.read(&name_of(key))?;
        let answer: Answer = serde_json::from_slice(&body).ok()?;
        let places = |finding: &Finding| {
            let evidence = finding.evidence.iter().map(|step| step.location.file);
            evidence.chain([finding.location.file]).collect::<Vec<_>>()
        };
        let about: BTreeSet<FileId> = answer.findings.iter().flat_map(places).collect();
        let is_there = about.last().is_none_or(|last| (last.0 as usize) < sources.files.len());
        (is_there && texts.hold(sources, about.into_iter())).then_some(answer)
    }

    /// Keeps the answer to a key.
    pub fn keep(&self, key: &Key, answer: &Answer) {
        let Ok(body) = serde_json::to_vec(answer) else { return };
        // A run is as good without.
        let _ = self.write(&name_of(key), &body).and_then(|()| self.forget_oldest());
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

    /// What a file of the folder holds, where it is what was written.
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        if !self.is_own() {
            return None;
        }
        let mut bytes = Vec::new();
        let file = File::open(self.folder.join(name)).ok()?;
        file.take(MAX_SIZE).read_to_end(&mut bytes).ok()?;
        let body = bytes.split_off(OUT_LEN.min(bytes.len()));
        (bytes == *blake3::hash(&body).as_bytes()).then_some(body)
    }

    fn write(&self, name: &str, body: &[u8]) -> io::Result<()> {
        if (body.len() + OUT_LEN) as u64 >= MAX_SIZE {
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
        let temporary = self.folder.join(format!("{name}.{}.tmp", std::process::id()));
        let written = File::create_new(&temporary).and_then(|mut file| {
            file.write_all(blake3::hash(body).as_bytes())?;
            file.write_all(body)
        });
        // A reader sees the whole file or none.
        let renamed = written.and_then(|()| fs::rename(&temporary, self.folder.join(name)));
        if renamed.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        renamed
    }

    /// Removes all but the answers that were written last, and what runs that were cut off left behind.
    fn forget_oldest(&self) -> io::Result<()> {
        let mut written: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let path = entry.path();
            let stays = MARKS.iter().map(|(name, _)| *name).chain([TEXTS]);
            if stays.into_iter().all(|name| entry.file_name() != name) {
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

/// What the answer to a key is called.
fn name_of(key: &Key) -> String {
    format!("{key}.{EXTENSION}")
}
