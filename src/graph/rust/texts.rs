//! Texts that code takes from files: by the path beside the file that names them, or below its package.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::crates::ModuleId;
use super::given::Given;
use super::paths::{folder, is_in, join};
use super::program::{Program, Target};
use super::run::Runner;
use super::value::Value;
use crate::facts::{ExprId, ExprKind, StmtKind};
use crate::source::{FileId, Sources};

/// How many constants stand for one another at the most.
const MAX_NAMES: usize = 8;

/// The SQL files of a program.
#[derive(Debug, Default)]
pub struct Texts {
    by_path: FxHashMap<String, Arc<str>>,
    /// The paths of the source files.
    files: Vec<String>,
    /// The folders of the packages.
    packages: Vec<String>,
}

impl Texts {
    /// Takes up those of a run.
    pub fn of(sources: &Sources) -> Texts {
        if sources.schemas.is_empty() {
            return Texts::default();
        }
        let by_path = sources.schemas.iter();
        let by_path = by_path.map(|it| (it.project_path.clone(), it.text.as_str().into()));
        let files = sources.files.iter().map(|file| file.project_path.clone());
        let packages = sources.packages.iter().map(|package| package.folder.clone());
        Texts { by_path: by_path.collect(), files: files.collect(), packages: packages.collect() }
    }

    /// The text of a file beside another one.
    fn beside(&self, file: FileId, path: &str) -> Option<Arc<str>> {
        let source = self.files.get(file.0 as usize)?;
        self.by_path.get(&join(folder(source), path)).cloned()
    }

    /// The text of a file by its path below the package of another one.
    fn in_package(&self, file: FileId, path: &str) -> Option<Arc<str>> {
        let source = self.files.get(file.0 as usize)?;
        let around = self.packages.iter().filter(|package| is_in(source, package));
        let package = around.max_by_key(|package| package.len())?;
        self.by_path.get(&join(package, path)).cloned()
    }
}

impl Runner<'_, '_> {
    /// Puts the texts of files in the place of the paths that a macro is given.
    pub(super) fn read_files(&self, file: FileId, by: &str, given: &mut Given) {
        for value in &mut given.values {
            let path = value.text.as_ref().and_then(|text| text.known());
            if let Some(text) = path.and_then(|path| self.program.text_of_file(file, by, path)) {
                *value = Value::text(&text);
            }
        }
    }
}

impl Program<'_> {
    /// The text of a file that a macro, by its path with `!`, is given the path of.
    pub fn text_of_file(&self, file: FileId, by: &str, path: &str) -> Option<Arc<str>> {
        if self.frameworks.includes_text(by) {
            return self.texts.beside(file, path);
        }
        self.texts.in_package(file, path).filter(|_| self.frameworks.takes_sql_file(by))
    }

    /// The path with `!` of a macro out of sight that may be given the path of a file.
    pub fn outside_macro(&self, module: ModuleId, path: &str) -> Option<String> {
        let name = path.strip_suffix('!')?;
        match self.resolve(module, name).0 {
            Target::Outside(meant) => Some(format!("{meant}!")),
            _ => None,
        }
    }

    /// The text that an expression is, where the source tells it: a literal, one that a constant stands for, or
    /// what a file says.
    pub fn told_text(&self, module: ModuleId, file: FileId, expr: ExprId) -> Option<Cow<'_, str>> {
        let (mut file, mut expr) = (file, expr);
        for _ in 0..MAX_NAMES {
            let facts = self.file(file);
            match facts.expr(expr).kind {
                ExprKind::Str(text) => return Some(Cow::Borrowed(facts.name(text))),
                ExprKind::Name(name) => {
                    let Target::Value(at, stmt) = self.resolve(module, facts.name(name)).0 else {
                        return None;
                    };
                    let StmtKind::Assign { value, .. } = self.file(at).stmt(stmt).kind else {
                        return None;
                    };
                    (file, expr) = (at, value?);
                }
                ExprKind::Call { func, args } => {
                    let ExprKind::Name(by) = facts.expr(func).kind else { return None };
                    let [path] = facts.args(args) else { return None };
                    let ExprKind::Str(path) = facts.expr(path.value).kind else { return None };
                    let text = self.text_of_file(file, facts.name(by), facts.name(path))?;
                    return Some(Cow::Owned(text.to_string()));
                }
                _ => return None,
            }
        }
        None
    }
}
