//! A small project with a finding, for the tests of the formats.

use std::path::PathBuf;

use super::Report;
use crate::graph::Summary;
use crate::rules::{self, Confidence, Evidence, Finding, WritePath};
use crate::source::{FileId, Language, Location, Role, SourceFile, Sources, Span};

const MODELS: &str = "\
from django.db import models

class Flag(models.Model):  # \u{1b}[31m
    objects: CacheManager = CacheManager()
";

const SIGNALS: &str = "\
@receiver(post_save, sender=Flag)
def drop_flag(instance, **kwargs):
    cache.delete(instance.pk)
";

/// Two files that exist only as overlays.
pub fn sources() -> Sources {
    let file = |name: &str, text: &str| SourceFile {
        path: PathBuf::from(name),
        name: name.to_owned(),
        project_path: name.to_owned(),
        language: Language::Python,
        role: Role::Production,
        overlay: Some(text.into()),
    };
    let files = vec![file("shop/models.py", MODELS), file("shop/signals.py", SIGNALS)];
    Sources { files, ..Sources::default() }
}

/// A finding with evidence in both files.
pub fn finding(sources: &Sources) -> Finding {
    let at = |file: u32, words: &str| {
        let text = sources.files[file as usize].overlay.as_deref().unwrap_or_default();
        let start = text.find(words).expect("it is in the sample") as u32;
        let span = Span { start, end: start + words.len() as u32 };
        Location { file: FileId(file), span }
    };
    let step = |location, message: &str| Evidence { location, message: message.to_owned() };
    Finding {
        rule: rules::all().iter().find(|rule| rule.code == "CL900").expect("there is one"),
        confidence: Confidence::Medium,
        message: "`shop.models.Flag` is cached, its delete reaches no invalidation of \u{1b}"
            .to_owned(),
        label: "cached model".to_owned(),
        help: Some("add a receiver of `post_delete`".to_owned()),
        location: at(0, "Flag"),
        model: Some("shop.models.Flag".to_owned()),
        relation: None,
        entry: Some("CacheManager".to_owned()),
        write_paths: vec![WritePath::Delete, WritePath::QuerysetDelete],
        evidence: vec![
            step(at(0, "objects"), "cached here"),
            step(at(1, "drop_flag"), "runs on save only"),
        ],
        remedies: Vec::new(),
        stub: None,
        subject: "shop.models.Flag".to_owned(),
    }
}

/// A report of findings in these sources.
pub fn report<'a>(sources: &'a Sources, findings: &'a [Finding]) -> Report<'a> {
    let summary = Summary {
        files: 2,
        models: 1,
        cached_models: 1,
        covered_models: 0,
        cells: 4,
        covered_cells: 2,
    };
    Report {
        sources,
        findings,
        fixes: &[],
        hidden: 0,
        summary,
        elapsed: None,
        exit_zero: false,
        quiet: false,
    }
}
