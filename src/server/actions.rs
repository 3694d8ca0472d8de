//! What can be done about findings: fixes, and comments that hide them.

use std::path::Path;

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CreateFile, DocumentChange,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit, Uri, WorkspaceEdit,
};

use super::client::{Client, FIX_ALL};
use super::diagnostics;
use super::documents::{self, Documents};
use super::lines::Lines;
use super::program::{Folder, Program};
use super::view::View;
use crate::fix::{self, Applicability, FileChange, Fix};
use crate::rules::{CL901, Finding};

/// The actions for a part of a document.
pub fn actions(
    params: &CodeActionParams,
    client: &Client,
    documents: &Documents,
    folder: &Folder,
    program: &mut Program,
) -> Vec<CodeAction> {
    let Some(path) = documents::real_path(&params.text_document.uri) else { return Vec::new() };
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if wants(only, &CodeActionKind::QuickFix) {
        for at in touched(&path, params.range, client, documents, folder, program) {
            let fix = program.offer(at).cloned();
            let Some(state) = program.state() else { continue };
            let finding = &state.findings()[at];
            let view = View::new(folder, state, documents, client.encoding);
            let found =
                [fix.and_then(|fix| mending(&view, client, &fix)), hiding(&view, client, finding)];
            let diagnostics = vec![diagnostics::of_finding(&view, finding)];
            actions.extend(found.into_iter().flatten().map(|action| CodeAction {
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(diagnostics.clone()),
                ..action
            }));
        }
    }
    // Whoever does not ask for it does not wait for it.
    if only.is_some() && wants(only, &CodeActionKind::from(FIX_ALL.to_owned())) {
        let changes = program.mend(&path);
        let view =
            program.state().map(|state| View::new(folder, state, documents, client.encoding));
        let edit = view.and_then(|view| edit(&view, client, &changes));
        actions.extend(edit.map(|edit| CodeAction {
            kind: Some(CodeActionKind::from(FIX_ALL.to_owned())),
            edit: Some(edit),
            ..titled("Fix all that cache-lint can fix without a risk")
        }));
    }
    actions
}

/// Whether an editor that asks for `only` some kinds of actions wants one of a kind.
fn wants(only: Option<&[CodeActionKind]>, kind: &CodeActionKind) -> bool {
    let kind = String::from(kind.clone());
    only.is_none_or(|only| {
        only.iter().any(|wanted| {
            let wanted = String::from(wanted.clone());
            let below = kind.strip_prefix(&wanted);
            wanted.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    })
}

/// The places of the findings on the lines of a range.
fn touched(
    path: &Path,
    range: Range,
    client: &Client,
    documents: &Documents,
    folder: &Folder,
    program: &Program,
) -> Vec<usize> {
    let Some(state) = program.state() else { return Vec::new() };
    let view = View::new(folder, state, documents, client.encoding);
    let on_lines = |finding: &Finding| {
        let shown = view.range(finding.location);
        shown.start.line <= range.end.line && range.start.line <= shown.end.line
    };
    let findings = program.findings_in(path).into_iter();
    findings.filter(|(_, finding)| on_lines(finding)).map(|(at, _)| at).collect()
}

/// The action that makes a fix.
fn mending(view: &View<'_>, client: &Client, fix: &Fix) -> Option<CodeAction> {
    let is_safe = fix.applicability == Applicability::Safe;
    let mut title = capitalised(&fix.message);
    if !is_safe {
        title.push_str(" (unsafe: look at what it writes)");
    }
    Some(CodeAction {
        is_preferred: Some(is_safe),
        edit: Some(edit(view, client, &fix.files)?),
        ..titled(title)
    })
}

/// The action that hides a finding behind a comment.
fn hiding(view: &View<'_>, client: &Client, finding: &Finding) -> Option<CodeAction> {
    if finding.rule.code == CL901 {
        return None;
    }
    let (analysis, location) = (&view.state.analysis, finding.location);
    let file = analysis.sources.file(location.file);
    let (text, facts) = (file.overlay.as_deref()?, analysis.facts_of(location.file));
    let change = fix::ignore(file.language, text, facts, location.span.start, finding.rule.code)?;
    let range = view.with_lines(location.file, |lines| lines.range(change.span));
    let edit = TextEdit { range, new_text: change.content };
    let changes = vec![changed(view, client, &file.path, vec![edit])];
    Some(CodeAction {
        is_preferred: Some(false),
        edit: Some(whole(client, changes)),
        ..titled(format!("Ignore {} here, with a reason", finding.rule.code))
    })
}

/// What changes some files; `None` where the editor cannot make one that is new.
fn edit(view: &View<'_>, client: &Client, files: &[FileChange]) -> Option<WorkspaceEdit> {
    if files.is_empty() || !client.makes_files && files.iter().any(|file| file.old.is_none()) {
        return None;
    }
    let mut changes = Vec::new();
    for file in files {
        if file.old.is_none() {
            let uri = view.uri(&file.path);
            let made = CreateFile { uri, options: None, annotation_id: None };
            changes.push(made.into());
        }
        let lines = Lines::of(file.old.clone().unwrap_or_default(), view.encoding);
        let edits = file
            .edits()
            .into_iter()
            .map(|edit| TextEdit { range: lines.range(edit.span), new_text: edit.content });
        changes.push(changed(view, client, &file.path, edits.collect()));
    }
    Some(whole(client, changes))
}

/// Edits of a file.
fn changed(view: &View<'_>, client: &Client, path: &Path, edits: Vec<TextEdit>) -> DocumentChange {
    let document = view.documents.get(path).filter(|_| client.takes_versions);
    let edit = TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version: document.map(|document| document.version),
            text_document_identifier: TextDocumentIdentifier { uri: view.uri(path) },
        },
        edits: edits.into_iter().map(Into::into).collect(),
    };
    edit.into()
}

/// Changes as the editor takes them.
fn whole(client: &Client, changes: Vec<DocumentChange>) -> WorkspaceEdit {
    if client.takes_versions {
        return WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let plain = changes.into_iter().filter_map(|change| match change {
        DocumentChange::TextDocumentEdit(edit) => {
            let uri: Uri = edit.text_document.text_document_identifier.uri;
            let edits = edit.edits.into_iter().filter_map(|edit| match edit {
                gen_lsp_types::Edit::TextEdit(edit) => Some(edit),
                _ => None,
            });
            Some((uri, edits.collect()))
        }
        _ => None,
    });
    WorkspaceEdit { changes: Some(plain.collect()), ..WorkspaceEdit::default() }
}

fn titled(title: impl Into<String>) -> CodeAction {
    CodeAction {
        title: title.into(),
        kind: None,
        diagnostics: None,
        is_preferred: None,
        disabled: None,
        edit: None,
        command: None,
        data: None,
        tags: None,
    }
}

/// A phrase as a title.
fn capitalised(phrase: &str) -> String {
    let mut chars = phrase.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_wanted_with_those_below_them() {
        let wants = |only: &str, kind: &str| {
            let only = [CodeActionKind::from(only.to_owned())];
            wants(Some(&only), &CodeActionKind::from(kind.to_owned()))
        };
        assert!(wants("source", FIX_ALL));
        assert!(wants("source.fixAll", FIX_ALL));
        assert!(wants(FIX_ALL, FIX_ALL));
        assert!(wants("", "quickfix"));
        assert!(!wants("source.fix", FIX_ALL));
        assert!(!wants("source.fixAll.ruff", FIX_ALL));
        assert!(!wants("quickfix.more", "quickfix"));
    }
}
