//! What is said where the pointer rests: why a finding is one, and what is cached of a model.

use std::path::Path;

use gen_lsp_types::{Hover, MarkupContent, MarkupKind, Position};

use super::program::Program;
use super::view::View;
use crate::report::portrait::Portrait;
use crate::report::rule::write_docs;
use crate::source::Location;

/// What is known of a place in a file.
pub fn hover(view: &View<'_>, program: &Program, path: &Path, position: Position) -> Option<Hover> {
    let is_at = |location: Location| {
        let range = view.range(location);
        range.start <= position && position <= range.end
    };
    let findings = program.findings_in(path).into_iter().map(|(_, finding)| finding);
    let mut rules = Vec::new();
    let mut texts = Vec::new();
    let mut range = None;
    for finding in findings.filter(|finding| is_at(finding.location)) {
        range.get_or_insert(finding.location);
        if !rules.contains(&finding.rule.code) {
            rules.push(finding.rule.code);
            texts.push(written(|out| write_docs(finding.rule, out)));
        }
    }
    let analysis = &view.state.analysis;
    let model = analysis.graph.models.iter().find(|model| {
        let location = model.place.location;
        analysis.sources.file(location.file).path == path && is_at(location)
    });
    if let (Some(model), Some(matrix)) = (model, program.matrix()) {
        let portrait = Portrait::of(model, matrix, &analysis.graph);
        range.get_or_insert(model.place.location);
        let text = written(|out| portrait.write(&analysis.sources, out));
        texts.push(format!("```text\n{text}```\n"));
    }
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: texts.join("\n---\n\n") };
    Some(Hover { contents: contents.into(), range: Some(view.range(range?)) })
}

/// What is written.
fn written(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    // Memory takes everything.
    let _ = write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}
