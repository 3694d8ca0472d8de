//! Findings as an editor shows them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Range,
};
use ruff_source_file::PositionEncoding;

use super::lines::Lines;
use super::view::View;
use crate::config::PointedError;
use crate::rules::{CL901, Finding, Severity};
use crate::source::Span;

const SOURCE: &str = "cache-lint";

/// What is found in each file that something is found in.
pub fn of_program(view: &View<'_>) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut all: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for finding in view.state.findings() {
        let file = view.state.analysis.sources.file(finding.location.file);
        all.entry(file.path.clone()).or_default().push(of_finding(view, finding));
    }
    all
}

/// A finding, with the steps of its proof.
pub fn of_finding(view: &View<'_>, finding: &Finding) -> Diagnostic {
    let step = |location, message: &str| DiagnosticRelatedInformation {
        location: view.place(location),
        message: message.to_owned(),
    };
    let steps = finding.evidence.iter().map(|known| step(known.location, &known.message)).collect();
    Diagnostic {
        severity: Some(match finding.rule.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Info => DiagnosticSeverity::Information,
        }),
        code: Some(finding.rule.code.to_owned().into()),
        tags: (finding.rule.code == CL901).then(|| vec![DiagnosticTag::Unnecessary]),
        related_information: Some(steps),
        ..plain(view.range(finding.location), &finding.message, finding.help.as_deref())
    }
}

/// What is wrong with a configuration or framework file, and its path.
pub fn of_error(error: &PointedError, encoding: PositionEncoding) -> (PathBuf, Diagnostic) {
    let span = error.span.clone().unwrap_or(0..0);
    let span = Span { start: span.start as u32, end: span.end as u32 };
    let range = Lines::of((*error.text).into(), encoding).range(span);
    let severity = Some(DiagnosticSeverity::Error);
    let shown = Diagnostic { severity, ..plain(range, &error.message, error.help.as_deref()) };
    (PathBuf::from(&*error.file), shown)
}

fn plain(range: Range, message: &str, help: Option<&str>) -> Diagnostic {
    let message = match help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message.to_owned(),
    };
    Diagnostic {
        range,
        message: message.into(),
        source: Some(SOURCE.to_owned()),
        severity: None,
        code: None,
        code_description: None,
        tags: None,
        related_information: None,
        data: None,
    }
}

/// What tells one list of diagnostics from another.
pub fn fingerprint(diagnostics: &[Diagnostic]) -> String {
    // What was made here to be written as JSON can be.
    let written = serde_json::to_vec(diagnostics).unwrap_or_default();
    blake3::hash(&written).to_hex()[..16].to_owned()
}
