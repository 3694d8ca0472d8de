//! Format strings: literal parts and holes, as `format!` reads them.

use super::lowering::Lowering;
use crate::facts::body::*;
use crate::source::Span;

/// A part of a format string.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Text, with `{{` and `}}` as what they stand for.
    Text(String),
    /// A hole for the argument at a place.
    Place(usize),
    /// A hole for an argument, or a variable, with a name.
    Name(&'a str),
}

impl Lowering<'_> {
    /// `concat!(one, two)`: one text where all parts are known.
    pub fn concatenated(&mut self, span: Span, parts: &[ExprId]) -> ExprId {
        let mut whole = String::new();
        for part in parts {
            let facts = &self.build.facts;
            match facts.expr(*part).kind {
                ExprKind::Str(text) => whole.push_str(facts.name(text)),
                ExprKind::Int(number) => whole.push_str(&number.to_string()),
                ExprKind::Bool(known) => whole.push_str(&known.to_string()),
                _ => {
                    let parts = self.build.list(parts);
                    return self.build.expr(span, ExprKind::Format(parts));
                }
            }
        }
        self.string(span, &whole)
    }

    /// `format!(template, args)`; the template stands at `at`.
    pub fn format(&mut self, span: Span, at: Span, template: &str, args: &[Arg]) -> ExprId {
        let mut ids = Vec::new();
        for part in parts(template) {
            ids.push(match part {
                Part::Text(text) => self.string(at, &text),
                Part::Place(place) => match args.get(place) {
                    Some(arg) => arg.value,
                    None => self.unknown(at),
                },
                Part::Name(word) => {
                    let name = self.build.intern(word);
                    match args.iter().find(|arg| arg.kind == ArgKind::Keyword(name)) {
                        Some(arg) => arg.value,
                        None => {
                            self.build.mention(name);
                            self.build.expr(at, ExprKind::Name(name))
                        }
                    }
                }
            });
        }
        let list = self.build.list(&ids);
        self.build.expr(span, ExprKind::Format(list))
    }
}

/// Takes a format string apart; what is no hole stays text.
fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = behind;
            continue;
        }
        let Some(end) = rest.find('}').filter(|_| brace == "{") else {
            text.push_str(brace);
            continue;
        };
        let (name, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
        rest = &rest[end + 1..];
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        // `{:.*}` takes its precision from the arguments first.
        next += usize::from(spec.contains(".*"));
        parts.push(match name.trim() {
            "" => {
                next += 1;
                Part::Place(next - 1)
            }
            name => name.parse().map_or(Part::Name(name), Part::Place),
        });
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let shown: Vec<String> = parts(template)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => format!("{text:?}"),
                Part::Place(place) => place.to_string(),
                Part::Name(name) => name.to_owned(),
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn holes_name_their_arguments() {
        check("user:{}:{}", r#""user:" 0 ":" 1"#);
        check("{1}-{0}-{}", r#"1 "-" 0 "-" 0"#);
        check("{id}:{name:?}:{:>8}", r#"id ":" name ":" 0"#);
        check("{:.*}{}", "1 2");
    }

    #[test]
    fn doubled_braces_are_text() {
        check("{{{id}}}", r#""{" id "}""#);
        check("{{}}", r#""{}""#);
        check("a } b {", r#""a } b {""#);
    }
}
