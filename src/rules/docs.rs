//! Reads a rule's docs out of the source of its own file, so that they are written once.

use super::Rule;

impl Rule {
    /// The `//!` docs of the rule's file, as Markdown with fixed headings.
    pub fn explanation(&self) -> String {
        let lines = self.docs.lines().map_while(|line| line.strip_prefix("//!"));
        let mut text = String::new();
        for line in lines {
            text.push_str(line.strip_prefix(' ').unwrap_or(line));
            text.push('\n');
        }
        text
    }

    /// The first paragraph of the docs, on one line.
    pub fn summary(&self) -> String {
        let text = self.explanation();
        let paragraph = text.lines().take_while(|line| !line.trim().is_empty());
        paragraph.collect::<Vec<_>>().join(" ")
    }
}
