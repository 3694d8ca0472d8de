//! What `--fix --unsafe-fixes` does to the pinned projects of `tests/corpus/`, some of them with a hole made in it.
//!
//! Copies are fixed. They must compile, ruff must find nothing new in them, what was formatted must stay so, a
//! second run must change nothing, and Django must start with some of them. Runs where `CACHE_LINT_CORPUS=1` asks.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Projects whose fixed copies Django starts with: those, and the apps.
const STARTED: &[(&str, &[&str])] = &[
    ("django-waffle", &["waffle"]),
    (
        "wagtail",
        &[
            "wagtail",
            "wagtail.sites",
            "wagtail.users",
            "wagtail.images",
            "wagtail.documents",
            "wagtail.snippets",
            "wagtail.search",
            "wagtail.admin",
            "taggit",
            "modelcluster",
        ],
    ),
];

#[test]
fn fixed_projects_are_as_sound_as_before() {
    if std::env::var("CACHE_LINT_CORPUS").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: CACHE_LINT_CORPUS=1 fixes the corpus");
        return;
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let fetched = Command::new(corpus.join("fetch.sh")).status().expect("the script starts");
    assert!(fetched.success(), "fetch.sh failed");
    let mut complaints = String::new();
    let mut changed = 0;
    for project in fs::read_dir(corpus.join("projects")).expect("projects") {
        let project = project.expect("a readable folder").path();
        let name = project.file_name().expect("a name").to_string_lossy().into_owned();
        if name.ends_with(".part") {
            continue;
        }
        let fixed = Fixed::of(&name, &project);
        complaints.push_str(&fixed.complaints());
        changed += fixed.changed.len();
        if let Some((_, apps)) = STARTED.iter().find(|(known, _)| *known == name) {
            assert!(!fixed.changed.is_empty(), "nothing is fixed in {name}");
            complaints.push_str(&fixed.start(apps));
        }
    }
    assert!(changed >= STARTED.len(), "{changed} files are changed");
    assert!(complaints.is_empty(), "{complaints}");
}

/// A copy of a project with its fixes made.
struct Fixed {
    name: String,
    folder: TempDir,
    /// The files that were changed, below the folder, with their texts before; new ones have none.
    changed: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Fixed {
    fn of(name: &str, project: &Path) -> Fixed {
        let folder = TempDir::new().expect("a folder");
        for file in python_files(project) {
            let target = folder.path().join(file.strip_prefix(project).expect("it is below"));
            fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
            fs::copy(&file, &target).expect("a copy");
        }
        make_holes(name, folder.path());
        let before = texts(folder.path());
        check(folder.path(), "--fix");
        let changed = texts(folder.path())
            .into_iter()
            .filter(|(path, text)| before.get(path) != Some(text))
            .map(|(path, _)| (path.clone(), before.get(&path).cloned()))
            .collect();
        Fixed { name: name.to_owned(), folder, changed }
    }

    /// What is wrong with the changed files.
    fn complaints(&self) -> String {
        let mut complaints = String::new();
        let again = check(self.folder.path(), "--diff");
        if !again.is_empty() {
            complaints.push_str(&format!("{}: a second run changes more:\n{again}", self.name));
        }
        let (old, new) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        for (path, text) in &self.changed {
            let put = |folder: &TempDir, text: &[u8]| {
                let target = folder.path().join(path);
                fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
                fs::write(target, text).expect("a file");
            };
            let now = fs::read(self.folder.path().join(path)).expect("a file");
            put(&new, &now);
            put(&old, text.as_deref().unwrap_or_default());
        }
        if self.changed.is_empty() {
            return complaints;
        }
        let compiled = python(new.path(), &["-m", "compileall", "-q", "."]);
        let mut tell = |what: &str, said: String| {
            complaints.push_str(&format!("{}: {what}:\n{said}\n", self.name));
        };
        if !compiled.status.success() {
            tell("it does not compile", said(&compiled));
        }
        let lint = ["-m", "ruff", "check", "--isolated", "--select", "E9,F", "--quiet"];
        let lint = [&lint[..], &["--output-format", "concise", "."]].concat();
        let found = |folder: &Path| lines_by_count(&said(&python(folder, &lint)));
        let (known, found) = (found(old.path()), found(new.path()));
        for (line, count) in found {
            if count > known.get(&line).copied().unwrap_or(0) {
                tell("ruff finds", line);
            }
        }
        for (path, text) in &self.changed {
            let path = path.to_string_lossy();
            let format = ["-m", "ruff", "format", "--isolated", "--diff", "--quiet", &path];
            let differs = |folder: &Path| !python(folder, &format).status.success();
            if (text.is_none() || !differs(old.path())) && differs(new.path()) {
                tell("it is not formatted any more", said(&python(new.path(), &format)));
            }
        }
        complaints
    }

    /// Starts Django with the fixed copy; what went wrong.
    fn start(&self, apps: &[&str]) -> String {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/fixed/start.py");
        let script = script.to_string_lossy().into_owned();
        let arguments = [&[script.as_str(), folder.as_str()], apps].concat();
        let output = python(self.folder.path(), &arguments);
        match output.status.success() {
            true => String::new(),
            false => format!("{}: Django does not start:\n{}\n", self.name, said(&output)),
        }
    }
}

/// Makes the edits of `fixed/holes.txt` in a copy of a project.
fn make_holes(name: &str, folder: &Path) {
    let holes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/fixed/holes.txt");
    let holes = fs::read_to_string(holes).expect("holes.txt");
    let mut file: Option<PathBuf> = None;
    let mut edits: Vec<(PathBuf, String, String)> = Vec::new();
    for line in holes.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix('-'), line.strip_prefix('+')) {
            (None, None) => {
                file = line.strip_prefix(&format!("{name}/")).map(PathBuf::from);
                edits.extend(file.clone().map(|file| (file, String::new(), String::new())));
            }
            (old, new) if file.is_some() => {
                let (_, taken, given) = edits.last_mut().expect("an edit");
                taken.extend(old.map(|old| format!("{old}\n")));
                given.extend(new.map(|new| format!("{new}\n")));
            }
            _ => {}
        }
    }
    for (file, old, new) in edits {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).expect("the file of a hole");
        assert!(text.contains(&old), "{} has no\n{old}", path.display());
        fs::write(path, text.replacen(&old, &new, 1)).expect("a writable file");
    }
}

fn check(folder: &Path, what: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .args(["check", "--no-cache", "--isolated", "--quiet", "--select", "ALL"])
        .args(["--min-confidence", "low", "--unsafe-fixes", what])
        .current_dir(folder)
        .output()
        .expect("it starts");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", said(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn python(folder: &Path, arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/fixed/python.sh");
    Command::new(script)
        .args(arguments)
        .env("FOLDER", folder)
        .output()
        .expect("tests/corpus/fixed/python.sh starts")
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it)).concat()
}

/// How often each line is there, without its row and column.
fn lines_by_count(text: &str) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for line in text.lines() {
        let is_place = |part: &&str| !part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = line.split(':').filter(is_place).collect();
        *counted.entry(parts.join(":")).or_insert(0) += 1;
    }
    counted
}

fn python_files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.map(|entry| entry.expect("a readable folder").into_path());
    files.filter(|path| path.extension().is_some_and(|it| it == "py")).collect()
}

fn texts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let below = |path: &Path| path.strip_prefix(folder).expect("it is below").to_owned();
    let files = python_files(folder).into_iter();
    files.map(|path| (below(&path), fs::read(&path).expect("a file"))).collect()
}
