//! What the files of a program say, in short. A file that nobody has touched since an earlier run read it is
//! not read again, going by what the system says of it.

use std::fs;
use std::time::{Duration, SystemTime};

use blake3::{Hash, Hasher, OUT_LEN};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::key::build;
use crate::scan;
use crate::source::{FileId, Role, SourceFile, Sources};

/// How long a file must have been left alone: what is written twice within a tick of a file system's clock
/// looks the same afterwards. The coarsest that are in use tick every two seconds.
const REST: Duration = Duration::from_secs(2);

/// The texts of the files of a run in short, by file; none where a text cannot be had as a whole.
pub struct Texts(Vec<Option<Hash>>);

impl Texts {
    /// Pins the files that are not yet: these may say something else by now.
    pub fn pin_rest(&mut self, sources: &mut Sources) {
        let files = sources.files.par_iter_mut().zip(&mut self.0);
        files.filter(|(file, _)| file.overlay.is_none()).for_each(|(file, text)| {
            scan::pin_file(file);
            *text = of_pinned(file);
        });
    }

    /// In the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = Option<Hash>> {
        self.0.iter().copied()
    }

    /// Pins some of the files; whether they still say the same.
    pub fn hold(&mut self, sources: &mut Sources, files: impl Iterator<Item = FileId>) -> bool {
        let mut files = files.map(|id| id.0 as usize);
        files.all(|at| {
            let file = &mut sources.files[at];
            scan::pin_file(file);
            let text = of_pinned(file);
            std::mem::replace(&mut self.0[at], text) == text
        })
    }
}

/// The text of a file that is pinned, in short; tests are not read.
fn of_pinned(file: &SourceFile) -> Option<Hash> {
    match (&file.overlay, file.role) {
        (Some(text), _) => Some(blake3::hash(text.as_bytes())),
        (None, Role::Test) => Some(blake3::hash(b"")),
        (None, Role::Production | Role::Migration) => None,
    }
}

/// A file as it stands, in short: its path, and what the system changes where its content changes.
type Stamp = [u8; OUT_LEN];

/// The texts of files that were read, in short.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Known(FxHashMap<Stamp, [u8; OUT_LEN]>);

impl Known {
    /// Those that were written down as `bytes`.
    pub fn parse(bytes: &[u8]) -> Known {
        let halves = bytes.chunks_exact(2 * OUT_LEN).map(|both| both.split_at(OUT_LEN));
        Known(halves.filter_map(|(a, b)| Some((a.try_into().ok()?, b.try_into().ok()?))).collect())
    }

    /// As it is written down.
    pub fn bytes(&self) -> Vec<u8> {
        let mut pairs: Vec<_> = self.0.iter().collect();
        pairs.sort_unstable();
        pairs.into_iter().flat_map(|(stamp, text)| stamp.iter().chain(text)).copied().collect()
    }

    /// The texts of files, which are pinned where they are not known, and all that is known of these files
    /// then, where that is more than before. `now` is when they are asked for.
    pub fn texts_of(&self, sources: &mut Sources, now: SystemTime) -> (Texts, Option<Known>) {
        let build = build().unwrap_or_default();
        let files = sources.files.par_iter_mut().map(|file| {
            let is_read = file.role != Role::Test && file.overlay.is_none();
            // Asked before it is read: what is written in between is then seen the next time.
            let stamp = is_read.then(|| stamp(file, now, &build)).flatten();
            if let Some(text) = stamp.and_then(|stamp| self.0.get(&stamp)) {
                return (stamp, Some(Hash::from_bytes(*text)), false);
            }
            scan::pin_file(file);
            (stamp, of_pinned(file), true)
        });
        let files: Vec<(Option<Stamp>, Option<Hash>, bool)> = files.collect();
        let pair =
            |(stamp, text, _): &(_, Option<Hash>, _)| Some(((*stamp)?, *text.as_ref()?.as_bytes()));
        let learnt = files.iter().any(|file| file.2 && pair(file).is_some());
        let all = learnt.then(|| Known(files.iter().filter_map(pair).collect()));
        (Texts(files.into_iter().map(|(_, text, _)| text).collect()), all)
    }
}

/// A file as it stands, where the system says enough of it and it was left alone for a while.
#[cfg(unix)]
fn stamp(file: &SourceFile, now: SystemTime, build: &str) -> Option<Stamp> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;

    let metadata = fs::metadata(&file.path).ok()?;
    // The time of the last change cannot be set by whoever writes the file, unlike that of the last write.
    let changed =
        Duration::new(metadata.ctime().try_into().ok()?, metadata.ctime_nsec().try_into().ok()?);
    if SystemTime::UNIX_EPOCH.checked_add(changed)?.checked_add(REST)? > now {
        return None;
    }
    let mut hasher = Hasher::new();
    for part in [build.as_bytes(), file.path.as_os_str().as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.update(&changed.as_nanos().to_le_bytes());
    for number in [metadata.size(), metadata.ino(), metadata.dev()] {
        hasher.update(&number.to_le_bytes());
    }
    for number in [metadata.mtime(), metadata.mtime_nsec()] {
        hasher.update(&number.to_le_bytes());
    }
    Some(*hasher.finalize().as_bytes())
}

/// Elsewhere the system does not say when a file was changed last.
#[cfg(not(unix))]
fn stamp(_: &SourceFile, _: SystemTime, _: &str) -> Option<Stamp> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::thread::sleep;

    use super::*;
    use crate::source::Language;

    fn sources(path: &Path) -> Sources {
        let file = SourceFile {
            path: path.to_owned(),
            name: "a.py".into(),
            project_path: "a.py".into(),
            language: Language::Python,
            role: Role::Production,
            overlay: None,
        };
        Sources { files: vec![file], ..Sources::default() }
    }

    fn text_of(known: &Known, path: &Path, now: SystemTime) -> (bool, Option<Hash>, Option<Known>) {
        let mut sources = sources(path);
        let (texts, more) = known.texts_of(&mut sources, now);
        (sources.files[0].overlay.is_some(), texts.0[0], more)
    }

    #[test]
    fn what_nobody_touched_is_not_read_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.py");
        fs::write(&path, "a = 1").expect("a file");
        let (now, one, two) = (SystemTime::now(), blake3::hash(b"a = 1"), blake3::hash(b"a = 2"));
        let later = now + 2 * REST;
        assert_eq!(text_of(&Known::default(), &path, now), (true, Some(one), None));
        let (is_read, text, known) = text_of(&Known::default(), &path, later);
        assert_eq!((is_read, text), (true, Some(one)));
        let known = Known::parse(&known.expect("it was left alone").bytes());
        assert_eq!(text_of(&known, &path, later), (false, Some(one), None));
        // As large as before, and said to be as old.
        let written = fs::metadata(&path).and_then(|it| it.modified()).expect("a time");
        sleep(Duration::from_millis(50));
        fs::write(&path, "a = 2").expect("a file");
        let file = fs::File::options().write(true).open(&path).expect("a file");
        file.set_modified(written).expect("it can be set");
        let (is_read, text, known) = text_of(&known, &path, later);
        assert_eq!((is_read, text), (true, Some(two)));
        assert!(known.is_some());
    }
}
