//! Obeys suppression comments, and finds those that suppress nothing (CL901).
//!
//! Knows findings and directives; what is selected or reported is decided by the caller.

use crate::config::nearest;
use crate::facts::{Directive, DirectiveScope};
use crate::rules::{self, Finding, Remedy, Rule};
use crate::source::{FileId, Location, Span};

/// The findings that remain, and what the comments did.
#[derive(Debug)]
pub struct Suppressed {
    /// The findings that no comment hides, with those about the comments themselves.
    pub findings: Vec<Finding>,
    /// How many were hidden.
    pub hidden: usize,
}

/// Hides the findings that a comment covers, and adds CL901 for what covers none.
///
/// `directives` is indexed by file; `ran` says whether a rule ran for a file, for a comment about
/// another cannot be judged. What is not `wanted` of CL901 is dropped.
pub fn suppress(
    findings: Vec<Finding>,
    directives: &[&[Directive]],
    ran: &dyn Fn(FileId, &Rule) -> bool,
    wanted: &dyn Fn(&Finding) -> bool,
) -> Suppressed {
    let mut comments: Vec<Comment<'_>> = directives
        .iter()
        .enumerate()
        .flat_map(|(file, list)| list.iter().map(move |directive| (FileId(file as u32), directive)))
        .map(|(file, directive)| Comment::new(file, directive))
        .collect();
    let before = findings.len();
    let mut kept: Vec<Finding> =
        findings.into_iter().filter(|finding| !hide(&mut comments, finding)).collect();
    let mut hidden = before - kept.len();
    let unused: Vec<Finding> =
        comments.iter().filter_map(|comment| comment.complaint(ran)).collect();
    for finding in unused.into_iter().filter(|finding| wanted(finding)) {
        if hide(&mut comments, &finding) {
            hidden += 1;
        } else {
            kept.push(finding);
        }
    }
    Suppressed { findings: kept, hidden }
}

/// Whether a comment hides the finding; marks every code that does.
fn hide(comments: &mut [Comment<'_>], finding: &Finding) -> bool {
    let start = comments.partition_point(|comment| comment.file < finding.location.file);
    let mut hidden = false;
    for comment in &mut comments[start..] {
        if comment.file != finding.location.file {
            break;
        }
        hidden |= comment.hides(finding);
    }
    hidden
}

/// A suppression comment and which of its codes were of use.
struct Comment<'d> {
    file: FileId,
    directive: &'d Directive,
    rules: Vec<Option<&'static Rule>>,
    used: Vec<bool>,
}

impl<'d> Comment<'d> {
    fn new(file: FileId, directive: &'d Directive) -> Self {
        let rules = directive.codes.iter().map(|(written, _)| named(written)).collect();
        Comment { file, directive, rules, used: vec![false; directive.codes.len()] }
    }

    fn hides(&mut self, finding: &Finding) -> bool {
        let start = finding.location.span.start;
        let covered = match self.directive.scope {
            DirectiveScope::File => true,
            // A comment also covers what is said about itself.
            DirectiveScope::Range(span) => {
                span.contains(start) || self.directive.span.contains(start)
            }
        };
        if !covered || self.directive.problem.is_some() {
            return false;
        }
        let mut hides = false;
        for (rule, used) in self.rules.iter().zip(&mut self.used) {
            if rule.is_some_and(|rule| rule.code == finding.rule.code) {
                *used = true;
                hides = true;
            }
        }
        hides
    }

    /// What there is to say about the comment, if anything; codes of one comment in one finding.
    fn complaint(&self, ran: &dyn Fn(FileId, &Rule) -> bool) -> Option<Finding> {
        if let Some(problem) = &self.directive.problem {
            return Some(rules::unused_suppression(
                Location { file: self.file, span: self.directive.span },
                format!("this comment suppresses nothing: {problem}"),
                "write it as `cache-lint: ignore[CL101] -- reason`".to_owned(),
                problem.clone(),
                None,
            ));
        }
        let mut idle = Vec::new();
        let mut unknown = Vec::new();
        for (((written, span), rule), used) in
            self.directive.codes.iter().zip(&self.rules).zip(&self.used)
        {
            match rule {
                None => unknown.push((written.as_str(), *span)),
                Some(rule) if rule.code == rules::CL901 => {}
                Some(rule) if !used && ran(self.file, rule) => idle.push((written.as_str(), *span)),
                Some(_) => {}
            }
        }
        let (_, first) = idle.iter().chain(&unknown).min_by_key(|(_, span)| span.start)?;
        let whole = idle.len() + unknown.len() == self.directive.codes.len();
        let span = if whole { self.directive.span } else { *first };
        let mut parts = Vec::new();
        if !idle.is_empty() {
            parts.push(format!("{} hides no finding here", quoted(&idle)));
        }
        if !unknown.is_empty() {
            parts.push(format!("no rule is called {}", quoted(&unknown)));
        }
        let place = |span| Location { file: self.file, span };
        // What was meant by an unknown code is not known.
        let remedy = unknown.is_empty().then(|| Remedy::RemoveComment {
            comment: place(self.directive.span),
            codes: match whole {
                true => Vec::new(),
                false => idle.iter().map(|(_, span)| place(*span)).collect(),
            },
        });
        let subject: Vec<&str> = idle.iter().chain(&unknown).map(|(code, _)| *code).collect();
        Some(rules::unused_suppression(
            Location { file: self.file, span },
            format!("unused suppression: {}", parts.join(", and ")),
            advice(self.directive, &unknown, whole),
            subject.join(", "),
            remedy,
        ))
    }
}

/// What to do; a code that the comment has already is not what was meant by an unknown one.
fn advice(directive: &Directive, unknown: &[(&str, Span)], whole: bool) -> String {
    let known = rules::all()
        .iter()
        .flat_map(|rule| [rule.code, rule.name])
        .filter(|known| directive.codes.iter().all(|(written, _)| written != known));
    match unknown.iter().find_map(|(code, _)| nearest(code, known.clone())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if whole => "remove the comment".to_owned(),
        None => "remove the code from the brackets".to_owned(),
    }
}

/// The rule of that code or name.
fn named(written: &str) -> Option<&'static Rule> {
    rules::all().iter().copied().find(|rule| rule.code == written || rule.name == written)
}

fn quoted(codes: &[(&str, Span)]) -> String {
    let codes: Vec<String> = codes.iter().map(|(code, _)| format!("`{code}`")).collect();
    codes.join(", ")
}
