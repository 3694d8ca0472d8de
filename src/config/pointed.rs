//! An error in a file that the user wrote for cache-lint, pointing at the place.

use std::ops::Range;
use std::path::Path;

/// What is wrong in a configuration or framework file, where, and what would be right.
///
/// The strings hold what the file says and may contain anything; whoever shows them cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointedError {
    /// The file, as reports name it.
    pub file: Box<str>,
    /// The whole text of the file; empty where it could not be read.
    pub text: Box<str>,
    /// The bytes of [`PointedError::text`] at fault; `None` where the file as a whole is.
    pub span: Option<Range<usize>>,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// The words for the place itself; may be empty.
    pub label: Box<str>,
    /// What to do about it.
    pub help: Option<String>,
}

impl PointedError {
    /// An error at a place of a file.
    pub fn at(file: &Path, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        PointedError {
            file: file.display().to_string().into(),
            text: text.into(),
            span: Some(span),
            message: message.into(),
            label: Box::default(),
            help: None,
        }
    }

    /// An error of a file as a whole.
    pub fn whole(file: &Path, message: impl Into<String>) -> Self {
        PointedError { span: None, ..PointedError::at(file, "", 0..0, message) }
    }

    /// With words for the place itself.
    #[must_use]
    pub fn label(mut self, label: impl Into<Box<str>>) -> Self {
        self.label = label.into();
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
