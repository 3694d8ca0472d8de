//! Fills in the texts of a framework file.

/// A template with each `{name}` replaced by its value; where that is all there is on a line, the value
/// may have several, which are then indented alike.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled: Vec<String> = Vec::new();
    for line in template.trim_matches('\n').split('\n') {
        let indent = &line[..line.len() - line.trim_start().len()];
        let alone = values.iter().find(|(name, _)| line.trim() == format!("{{{name}}}"));
        match alone {
            Some((_, value)) => filled.extend(value.split('\n').map(|part| match part {
                "" => String::new(),
                part => format!("{indent}{part}"),
            })),
            None => filled.push(inline(line, values)),
        }
    }
    filled.join("\n")
}

/// What is filled in is not looked at again.
fn inline(line: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let value = values.iter().find(|(name, _)| {
            rest[1..].strip_prefix(name).is_some_and(|behind| behind.starts_with('}'))
        });
        match value {
            Some((name, value)) => {
                text.push_str(value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_lines_are_indented_alike() {
        let template = "\ndef {name}():\n    {body}\n";
        let filled = fill(template, &[("name", "f"), ("body", "a\n    {b}\n\nc")]);
        assert_eq!(filled, "def f():\n    a\n        {b}\n\n    c");
    }
}
