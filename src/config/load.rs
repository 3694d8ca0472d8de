//! Reads a declared configuration into what the stages need.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::declaration::Declaration;
use super::pointed::PointedError;
use super::reader::{Reader, Text};
use super::selection::Layer;
use super::selector::{Selector, nearest};
use super::{CONFIDENCES, confidence};
use crate::rules::Confidence;
use crate::scan;

/// The keys of a configuration.
const KEYS: [&str; 12] = [
    "cache-managers",
    "exclude",
    "extend-select",
    "fix",
    "frameworks",
    "ignore",
    "invalidators",
    "min-confidence",
    "per-file-ignores",
    "receivers-module",
    "select",
    "source-roots",
];

/// What a configuration says, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which rules run.
    pub rules: Layer,
    /// Rules that some files are spared.
    pub per_file_ignores: Vec<PerFileIgnore>,
    /// What the scan leaves out.
    pub exclude: Gitignore,
    /// Folders that module names start at, below the folder of the configuration, with `/`.
    pub source_roots: Vec<String>,
    /// The least confidence that is reported.
    pub min_confidence: Option<Confidence>,
    /// Managers that cache the rows of their models.
    pub cache_managers: Vec<String>,
    /// Functions that count as invalidation.
    pub invalidators: Vec<String>,
    /// Framework files of the project's own, with their text.
    pub frameworks: Vec<(PathBuf, String)>,
    /// The rules whose findings may be mended; all where it does not say.
    pub fix: Option<Vec<Selector>>,
    /// The module of an app that new receivers go into where it has none yet.
    pub receivers_module: String,
}

/// Rules that some files are spared.
#[derive(Debug, Clone)]
pub struct PerFileIgnore {
    /// Which files.
    pub files: Gitignore,
    /// Which rules.
    pub rules: Vec<Selector>,
}

impl PerFileIgnore {
    /// Whether it spares a file.
    pub fn covers(&self, path: &Path) -> bool {
        path.starts_with(self.files.path())
            && self.files.matched_path_or_any_parents(path, false).is_ignore()
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            rules: Layer::default(),
            per_file_ignores: Vec::new(),
            exclude: Gitignore::empty(),
            source_roots: Vec::new(),
            min_confidence: None,
            cache_managers: vec!["CacheManager".to_owned()],
            invalidators: Vec::new(),
            frameworks: Vec::new(),
            fix: None,
            receivers_module: "signals".to_owned(),
        }
    }
}

/// Reads a configuration; `base` is the folder that its patterns start at.
///
/// # Errors
/// The first thing in it that is not right.
pub fn load(declaration: &Declaration, base: &Path) -> Result<Config, PointedError> {
    let document = super::declaration::parse(&declaration.file, &declaration.text)?;
    let reader = Reader { file: &declaration.file, text: &declaration.text };
    let mut config = Config::default();
    for (key, value) in reader.table(&document, declaration.table)? {
        match key.get_ref().as_ref() {
            "select" => config.rules.select = Some(selectors(&reader, reader.texts(value)?)?),
            "extend-select" => {
                config.rules.extend_select = selectors(&reader, reader.texts(value)?)?;
            }
            "ignore" => config.rules.ignore = selectors(&reader, reader.texts(value)?)?,
            "per-file-ignores" => {
                for (glob, codes) in reader.entries(value)? {
                    config.per_file_ignores.push(PerFileIgnore {
                        rules: selectors(&reader, reader.texts(codes)?)?,
                        files: patterns(&reader, base, &[glob])?,
                    });
                }
            }
            "exclude" => config.exclude = patterns(&reader, base, &reader.texts(value)?)?,
            "source-roots" => {
                config.source_roots = reader
                    .texts(value)?
                    .into_iter()
                    .map(|root| source_root(&reader, root))
                    .collect::<Result<_, _>>()?;
            }
            "min-confidence" => {
                config.min_confidence = Some(min_confidence(&reader, reader.one_text(value)?)?);
            }
            "cache-managers" => config.cache_managers = plain(reader.texts(value)?),
            "invalidators" => config.invalidators = plain(reader.texts(value)?),
            "frameworks" => {
                for file in reader.texts(value)? {
                    config.frameworks.push(framework(&reader, file)?);
                }
            }
            "fix" => config.fix = Some(selectors(&reader, reader.texts(value)?)?),
            "receivers-module" => {
                config.receivers_module = module_name(&reader, reader.one_text(value)?)?;
            }
            unknown => {
                let help = match nearest(unknown, KEYS) {
                    Some(key) => format!("did you mean `{key}`?"),
                    None => format!("the keys are {}", KEYS.join(", ")),
                };
                let error =
                    reader.error(key.span(), format!("`{unknown}` is not a key of cache-lint"));
                return Err(error.label("unknown key").help(help));
            }
        }
    }
    Ok(config)
}

fn plain(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value.to_owned()).collect()
}

fn selectors(reader: &Reader<'_>, codes: Vec<Text<'_>>) -> Result<Vec<Selector>, PointedError> {
    let parse = |code: Text<'_>| {
        code.value.parse().map_err(|error: super::UnknownCode| {
            reader
                .error(code.span, format!("no rule is called `{}`", error.written))
                .label("unknown rule")
                .help(match error.suggestion {
                    Some(suggestion) => format!("did you mean `{suggestion}`?"),
                    None => "`cache-lint rule --all` lists the rules".to_owned(),
                })
        })
    };
    codes.into_iter().map(parse).collect()
}

/// Patterns as `.gitignore` has them, from `base` on.
fn patterns(
    reader: &Reader<'_>,
    base: &Path,
    globs: &[Text<'_>],
) -> Result<Gitignore, PointedError> {
    let bad = |span, error: &ignore::Error| {
        reader.error(span, "not a pattern").label(error.to_string()).help(
            "patterns are written as in `.gitignore`, from the folder of the configuration on",
        )
    };
    let mut builder = GitignoreBuilder::new(base);
    builder.allow_unclosed_class(false);
    for glob in globs {
        builder.add_line(None, glob.value).map_err(|error| bad(glob.span.clone(), &error))?;
    }
    let span = globs.first().map_or(0..0, |glob| glob.span.clone());
    builder.build().map_err(|error| bad(span, &error))
}

/// A folder below that of the configuration, without `.` parts; empty for that folder itself.
fn source_root(reader: &Reader<'_>, root: Text<'_>) -> Result<String, PointedError> {
    let parts: Vec<&str> =
        root.value.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if root.value.starts_with('/') || parts.contains(&"..") || root.value.contains('\\') {
        return Err(reader
            .error(root.span, "a source root must lie below the folder of the configuration")
            .label("leads out of it")
            .help("write it like `backend/src`, with `/` on every system"));
    }
    Ok(parts.join("/"))
}

fn module_name(reader: &Reader<'_>, name: Text<'_>) -> Result<String, PointedError> {
    let is_letter = |c: char| c.is_alphabetic() || c == '_';
    let is_name = name.value.starts_with(is_letter)
        && name.value.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    match is_name {
        true => Ok(name.value.to_owned()),
        false => Err(reader
            .error(name.span, "not the name of a module")
            .help("it is one word, as in `receivers-module = \"signals\"`")),
    }
}

fn min_confidence(reader: &Reader<'_>, level: Text<'_>) -> Result<Confidence, PointedError> {
    confidence(level.value).ok_or_else(|| {
        let names = CONFIDENCES.map(|(name, _)| format!("\"{name}\"")).join(", ");
        reader.error(level.span, "not a level of confidence").help(format!("one of {names}"))
    })
}

fn framework(reader: &Reader<'_>, file: Text<'_>) -> Result<(PathBuf, String), PointedError> {
    let path = reader.file.parent().unwrap_or(reader.file).join(file.value);
    match scan::read_declared(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(reader
            .error(file.span, "this framework file cannot be read")
            .label(error.to_string())
            .help("the path starts at the folder of this file")),
    }
}
