//! The cases under `fixtures/<rule-name>/`, and what the binary says about one.

#![allow(dead_code)] // Each test file uses a part of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder under `fixtures/` that is a demo, not a rule.
const DEMO: &str = "demo";

/// One tiny project.
pub struct Case {
    /// The name of the rule that it belongs to.
    pub rule: String,
    /// `fires_...` or `quiet_...`.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
}

/// One finding, or one that was expected: file, line, code.
pub type Place = (String, usize, String);

impl Case {
    /// Whether the rule must speak in it.
    pub fn fires(&self) -> bool {
        self.name.starts_with("fires")
    }

    /// `rule/case`.
    pub fn title(&self) -> String {
        format!("{}/{}", self.rule, self.name)
    }

    /// What the comments `# expect: CL101[, CL107]`, in Rust `// expect: ...`, ask for.
    pub fn expected(&self) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        for path in source_files(&self.folder) {
            let name = path.strip_prefix(&self.folder).expect("it lies in the case");
            // Latin-1: each byte is a character, so that no encoding can fail.
            let bytes = fs::read(&path).expect("a readable fixture");
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            for (index, line) in text.split('\n').enumerate() {
                let codes = ["# expect: ", "// expect: "]
                    .into_iter()
                    .find_map(|mark| line.split_once(mark));
                let codes = codes.map_or("", |(_, codes)| codes);
                for code in codes.split(',').map(str::trim).filter(|code| !code.is_empty()) {
                    let file = name.to_string_lossy().replace('\\', "/");
                    places.insert((file, index + 1, code.to_owned()));
                }
            }
        }
        places
    }

    /// `cache-lint check` of the case with the rules selected, in a format.
    pub fn check(&self, select: &str, format: &str) -> String {
        self.run(&["check", "--select", select, "--output-format", format])
    }

    /// The standard output of a command in the folder of the case, cut off from any configuration
    /// around it.
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cache-lint"));
        command.current_dir(&self.folder).args(arguments);
        command.args(["--quiet", "--color", "never"]).env("CACHE_LINT_NO_CACHE", "1");
        if !self.folder.join("cache-lint.toml").exists() {
            command.arg("--isolated");
        }
        let output = command.output().expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(2), "{}: {stderr}", self.title());
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The findings of the rules selected, in the order of the report.
    pub fn found(&self, select: &str) -> Vec<Place> {
        let report: Value = serde_json::from_str(&self.check(select, "json")).expect("JSON");
        let diagnostics = report["diagnostics"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        diagnostics
            .map(|found| {
                let line = found["location"]["row"].as_u64().expect("a line") as usize;
                (text(&found["filename"]), line, text(&found["code"]))
            })
            .collect()
    }
}

/// The code of a rule by its name.
pub fn code_of(rule: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .args(["rule", rule, "--output-format", "json"])
        .output()
        .expect("it starts");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    found["code"].as_str().expect("a code").to_owned()
}

/// The names of the folders that hold cases.
pub fn rule_folders() -> Vec<String> {
    let names = subfolders(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    names.into_iter().map(|(name, _)| name).filter(|name| name != DEMO).collect()
}

/// Every case of every rule.
pub fn all() -> Vec<Case> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases = Vec::new();
    for rule in rule_folders() {
        for (name, folder) in subfolders(fixtures.join(&rule)) {
            cases.push(Case { rule: rule.clone(), name, folder });
        }
    }
    cases
}

fn subfolders(folder: PathBuf) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut found: Vec<_> = paths
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        // Whoever tries a case by hand leaves a folder for kept answers.
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    found.sort();
    found
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("a readable folder").into_path());
    let is_source = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "py" || extension == "rs")
    };
    paths.filter(is_source).collect()
}
