//! The texts that stand in an editor, saved or not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{TextDocumentContentChangeEvent, Uri};
use ruff_source_file::PositionEncoding;

use super::lines::Lines;
use super::uri;

/// A text that stands in an editor.
#[derive(Debug)]
pub struct Document {
    /// How the editor names it.
    pub uri: Uri,
    /// How the editor counts its changes.
    pub version: i32,
    /// What it says.
    pub text: Arc<str>,
}

/// The texts that stand in an editor, by their paths without symlinks.
#[derive(Debug, Default)]
pub struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// Takes up a text; false where it is no file's.
    pub fn open(&mut self, uri: Uri, version: i32, text: String) -> bool {
        let Some(path) = real_path(&uri) else { return false };
        let text = Arc::from(text.strip_prefix('\u{feff}').unwrap_or(&text));
        self.open.insert(path, Document { uri, version, text });
        true
    }

    /// Changes a text; false where it is not open.
    pub fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: PositionEncoding,
    ) -> bool {
        let document = real_path(uri).and_then(|path| self.open.get_mut(&path));
        let Some(document) = document else { return false };
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    text = whole.text;
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let span = Lines::of(text.as_str().into(), encoding).span(part.range);
                    text.replace_range(span.start as usize..span.end as usize, &part.text);
                }
            }
        }
        document.text = text.into();
        document.version = version;
        true
    }

    /// Lets go of a text; false where it is not open.
    pub fn close(&mut self, uri: &Uri) -> bool {
        real_path(uri).is_some_and(|path| self.open.remove(&path).is_some())
    }

    /// The text of a file.
    pub fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// All of them, with the paths of their files.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Document)> {
        self.open.iter().map(|(path, document)| (path.as_path(), document))
    }
}

/// The path that a URI names, without symlinks as far as it is there.
pub fn real_path(uri: &Uri) -> Option<PathBuf> {
    let path = uri::to_path(uri)?;
    let real = path.canonicalize().ok().or_else(|| {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    });
    Some(real.unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial, TextDocumentContentChangeWholeDocument,
    };

    use super::*;

    fn part(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let at = |(line, character)| Position { line, character };
        let range = Range { start: at(start), end: at(end) };
        #[allow(deprecated)]
        let part =
            TextDocumentContentChangePartial { range, range_length: None, text: text.to_owned() };
        part.into()
    }

    #[test]
    fn changes_are_made_one_after_the_other() {
        let uri = Uri("file:///nowhere/m.py".to_owned());
        let mut documents = Documents::default();
        assert!(documents.open(uri.clone(), 1, "\u{feff}a = '🐍'\nb = 2\n".to_owned()));
        let changes =
            vec![part((0, 5), (0, 7), "x"), part((1, 0), (2, 0), ""), part((9, 9), (9, 9), "c\n")];
        assert!(documents.change(&uri, 2, changes, PositionEncoding::Utf16));
        let path = Path::new("/nowhere/m.py");
        let document = documents.get(path).expect("it is open");
        assert_eq!((&*document.text, document.version), ("a = 'x'\nc\n", 2));
        let whole = TextDocumentContentChangeWholeDocument { text: "d".to_owned() };
        assert!(documents.change(&uri, 3, vec![whole.into()], PositionEncoding::Utf16));
        assert_eq!(documents.get(path).map(|document| &*document.text), Some("d"));
        assert!(documents.close(&uri));
        assert!(!documents.change(&uri, 4, Vec::new(), PositionEncoding::Utf16));
    }
}
