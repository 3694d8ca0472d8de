//! Suppression comments: `# cache-lint: ignore[CL101] -- reason`.

use crate::source::Span;

/// One suppression comment of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The comment.
    pub span: Span,
    /// What it covers.
    pub scope: DirectiveScope,
    /// The codes in the brackets, as written, with their places.
    pub codes: Vec<(String, Span)>,
    /// The text behind `--`.
    pub reason: Option<String>,
    /// Why the comment cannot be obeyed, where it cannot (no codes, no brackets).
    pub problem: Option<String>,
}

/// What a suppression comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveScope {
    /// Findings whose main location starts in this range of the text.
    Range(Span),
    /// The whole file.
    File,
}

/// The text of a comment that addresses cache-lint, taken apart.
#[derive(Debug)]
pub struct ParsedComment {
    /// Whether it is a `file-ignore`.
    pub whole_file: bool,
    codes: Vec<(String, Span)>,
    reason: Option<String>,
    problem: Option<String>,
}

impl ParsedComment {
    /// The directive that stands at `span` and covers `scope`.
    pub fn into_directive(self, span: Span, scope: DirectiveScope) -> Directive {
        Directive { span, scope, codes: self.codes, reason: self.reason, problem: self.problem }
    }
}

/// Reads the text of a comment behind its `#` or `//`; `offset` is where that text starts.
///
/// Returns `None` for a comment that does not begin with `cache-lint:`.
pub fn parse_comment(body: &str, offset: u32) -> Option<ParsedComment> {
    let rest = body.trim_start().strip_prefix("cache-lint:")?.trim_start();
    let malformed = |whole_file, problem: &str| ParsedComment {
        whole_file,
        codes: Vec::new(),
        reason: None,
        problem: Some(problem.to_owned()),
    };
    let (whole_file, rest) = if let Some(rest) = rest.strip_prefix("file-ignore") {
        (true, rest)
    } else if let Some(rest) = rest.strip_prefix("ignore") {
        (false, rest)
    } else {
        return Some(malformed(false, "neither `ignore[...]` nor `file-ignore[...]`"));
    };
    let Some(list) = rest.trim_start().strip_prefix('[') else {
        return Some(malformed(
            whole_file,
            "no codes in brackets: a bare ignore would hide everything",
        ));
    };
    let Some((list, tail)) = list.split_once(']') else {
        return Some(malformed(whole_file, "the bracket is not closed"));
    };
    let list_start = offset + (list.as_ptr() as usize - body.as_ptr() as usize) as u32;
    let codes: Vec<(String, Span)> = list
        .split(',')
        .filter(|code| !code.trim().is_empty())
        .map(|code| {
            let code = code.trim();
            let start = list_start + (code.as_ptr() as usize - list.as_ptr() as usize) as u32;
            (code.to_owned(), Span { start, end: start + code.len() as u32 })
        })
        .collect();
    if codes.is_empty() {
        return Some(malformed(whole_file, "no codes in the brackets"));
    }
    let reason = tail
        .trim_start()
        .strip_prefix("--")
        .map(|reason| reason.trim().to_owned())
        .filter(|reason| !reason.is_empty());
    Some(ParsedComment { whole_file, codes, reason, problem: None })
}
