//! What is found in each file, and what of it the editor has been told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    PublishDiagnosticsNotification, PublishDiagnosticsParams, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::client::Client;
use super::diagnostics;
use super::documents::{Documents, real_path};

/// What is found in each file, and what of it the editor has been told.
#[derive(Debug, Default)]
pub struct Board {
    found: BTreeMap<PathBuf, Found>,
    /// The files that the editor has been told of, with the fingerprints of what that was.
    told: BTreeMap<PathBuf, Told>,
}

/// What is found in a file.
#[derive(Debug)]
struct Found {
    uri: Uri,
    diagnostics: Vec<Diagnostic>,
    fingerprint: String,
}

/// What the editor has been told of a file.
#[derive(Debug)]
struct Told {
    uri: Uri,
    fingerprint: String,
}

impl Board {
    /// Takes what is found now for what was found.
    pub fn put_up(&mut self, found: BTreeMap<PathBuf, (Uri, Vec<Diagnostic>)>) {
        let found = found.into_iter().map(|(path, (uri, diagnostics))| {
            let fingerprint = diagnostics::fingerprint(&diagnostics);
            (path, Found { uri, diagnostics, fingerprint })
        });
        self.found = found.collect();
    }

    /// Whether something else is found in a file than the editor has been told.
    pub fn has_news(&self) -> bool {
        self.told.iter().any(|(path, told)| self.fingerprint(path) != told.fingerprint)
    }

    /// Tells the editor of all files in which something else is found than it has been told.
    pub fn publish(&mut self, client: &Client, documents: &Documents) {
        let show = |path: &Path, uri: Uri, diagnostics: Vec<Diagnostic>| {
            let version = documents.get(path).map(|document| document.version);
            let params = PublishDiagnosticsParams { uri, version, diagnostics };
            client.tell::<PublishDiagnosticsNotification>(params);
        };
        self.told.retain(|path, told| {
            let is_found = self.found.contains_key(path);
            if !is_found {
                show(path, told.uri.clone(), Vec::new());
            }
            is_found
        });
        for (path, Found { uri, diagnostics, fingerprint }) in &self.found {
            let is_told = |told: &Told| told.fingerprint == *fingerprint;
            if !self.told.get(path).is_some_and(is_told) {
                show(path, uri.clone(), diagnostics.clone());
                let told = Told { uri: uri.clone(), fingerprint: fingerprint.clone() };
                self.told.insert(path.clone(), told);
            }
        }
    }

    /// What is found in a document.
    pub fn of_document(&mut self, params: &DocumentDiagnosticParams) -> DocumentDiagnosticReport {
        let uri = &params.text_document.uri;
        let path = real_path(uri).unwrap_or_default();
        let result_id = self.tell(&path, uri);
        if params.previous_result_id.as_ref() == Some(&result_id) {
            return RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport {
                    result_id,
                },
            }
            .into();
        }
        let found = self.found.get(&path);
        RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: Some(result_id),
                items: found.map(|found| found.diagnostics.clone()).unwrap_or_default(),
            },
        }
        .into()
    }

    /// What is found in all files, and in which of those that the editor knows there is nothing any more.
    pub fn of_all(
        &mut self,
        params: &WorkspaceDiagnosticParams,
        documents: &Documents,
    ) -> WorkspaceDiagnosticReport {
        let known = params.previous_result_ids.iter().map(|known| {
            let path = real_path(&known.uri).unwrap_or_default();
            (path, (known.uri.clone(), known.value.clone()))
        });
        let mut known: BTreeMap<PathBuf, (Uri, String)> = known.collect();
        // Of a file in which nothing was found there is nothing to say again.
        known.retain(|path, (_, id)| !id.is_empty() || self.found.contains_key(path));
        for (path, found) in &self.found {
            known.entry(path.clone()).or_insert_with(|| (found.uri.clone(), String::new()));
        }
        let reports = known.into_iter().map(|(path, (uri, id))| {
            let version = documents.get(&path).map(|document| document.version);
            let result_id = self.tell(&path, &uri);
            if result_id == id {
                return unchanged(uri, version, result_id);
            }
            let found = self.found.get(&path);
            let items = found.map(|found| found.diagnostics.clone()).unwrap_or_default();
            full(uri, version, result_id, items)
        });
        WorkspaceDiagnosticReport { items: reports.collect() }
    }

    /// The fingerprint of what is found in a file, which the editor is told now.
    fn tell(&mut self, path: &Path, uri: &Uri) -> String {
        let fingerprint = self.fingerprint(path).to_owned();
        let told = Told { uri: uri.clone(), fingerprint: fingerprint.clone() };
        self.told.insert(path.to_owned(), told);
        fingerprint
    }

    fn fingerprint(&self, path: &Path) -> &str {
        self.found.get(path).map_or("", |found| &found.fingerprint)
    }
}

fn full(
    uri: Uri,
    version: Option<i32>,
    result_id: String,
    items: Vec<Diagnostic>,
) -> WorkspaceDocumentDiagnosticReport {
    let report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
    WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report: report }
        .into()
}

fn unchanged(
    uri: Uri,
    version: Option<i32>,
    result_id: String,
) -> WorkspaceDocumentDiagnosticReport {
    let report = UnchangedDocumentDiagnosticReport { result_id };
    WorkspaceUnchangedDocumentDiagnosticReport {
        uri,
        version,
        unchanged_document_diagnostic_report: report,
    }
    .into()
}
