//! Breaks lines of new code that are too long, as the common formatters do.

/// Operators that lines are broken before, those first that bind the loosest.
const OPERATORS: [&[&str]; 4] = [&[" or "], &[" and "], &[" | "], &[" + ", " - "]];

/// Breaks each line of `code` that has more than `limit` characters at its last brackets, and inside of those before
/// its operators; `unit` is one step of indentation.
pub fn wrap(code: &str, limit: usize, unit: &str) -> String {
    let mut wrapped = String::new();
    for line in code.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        wrap_line(line, limit, unit, &mut wrapped);
        wrapped.push_str(end);
    }
    wrapped
}

fn wrap_line(line: &str, limit: usize, unit: &str, out: &mut String) {
    if line.chars().count() <= limit {
        out.push_str(line);
        return;
    }
    let Some((head, inside, tail)) = brackets(line, limit) else {
        out.push_str(line);
        return;
    };
    let indent = indent_of(line);
    let inner = format!("{indent}{unit}{inside}");
    out.push_str(head);
    out.push('\n');
    let parts = split_at_commas(inside);
    if inner.chars().count() <= limit {
        out.push_str(&inner);
        out.push('\n');
    } else if let ([one], Some(at)) = (parts.as_slice(), comprehension(inside)) {
        for part in [&one[..at], one[at..].trim_start()] {
            wrap_line(&format!("{indent}{unit}{part}"), limit, unit, out);
            out.push('\n');
        }
    } else if parts.len() == 1 {
        wrap_operands(&inner, limit, unit, out);
        out.push('\n');
    } else {
        for part in parts {
            wrap_operands(&format!("{indent}{unit}{part},"), limit, unit, out);
            out.push('\n');
        }
    }
    out.push_str(indent);
    out.push_str(tail);
}

/// Breaks a line inside of brackets, where it is too long, before its operators, else at its brackets.
fn wrap_operands(line: &str, limit: usize, unit: &str, out: &mut String) {
    let breaks = match line.chars().count() <= limit {
        true => Vec::new(),
        false => before_operators(line),
    };
    let mut start = 0;
    for end in breaks {
        wrap_line(&operand(line, start, end), limit, unit, out);
        out.push('\n');
        start = end;
    }
    wrap_line(&operand(line, start, line.len()), limit, unit, out);
}

/// A part of a line as a line of its own.
fn operand(line: &str, start: usize, end: usize) -> String {
    format!("{}{}", indent_of(line), line[start..end].trim_start())
}

/// Where the operators of a line stand that bind the loosest, with the space before each.
fn before_operators(line: &str) -> Vec<usize> {
    // What follows a colon belongs to the function, and not to what is added to it.
    if line.trim_start().starts_with("lambda ") {
        return Vec::new();
    }
    let of = |group: &&[&str]| -> Vec<usize> {
        let is_one = |at: &usize| group.iter().any(|operator| line[*at..].starts_with(operator));
        outside_brackets(line).map(|(at, _)| at).filter(is_one).collect()
    };
    OPERATORS.iter().map(of).find(|found| !found.is_empty()).unwrap_or_default()
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// A line up to its last opening bracket at the outermost level before which it is short enough, what is
/// inside, and the rest from the closing bracket on; `None` where nothing is inside of any.
fn brackets(line: &str, limit: usize) -> Option<(&str, &str, &str)> {
    let mut open: Vec<usize> = Vec::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (at, character) in code_characters(line) {
        match character {
            '(' | '[' | '{' => open.push(at),
            ')' | ']' | '}' => {
                let start = open.pop()?;
                if open.is_empty() && at > start + 1 {
                    pairs.push((start + 1, at));
                }
            }
            _ => {}
        }
    }
    let fits = |(start, _): &&(usize, usize)| line[..*start].chars().count() <= limit;
    let (start, end) = pairs.iter().rev().find(fits).or(pairs.last())?;
    Some((&line[..*start], line[*start..*end].trim(), &line[*end..]))
}

/// Where the `for` of a comprehension starts.
fn comprehension(inside: &str) -> Option<usize> {
    outside_brackets(inside).map(|(at, _)| at).find(|at| inside[*at..].starts_with(" for "))
}

/// The parts of a list of arguments, without the commas between them.
pub fn split_at_commas(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in outside_brackets(list).filter(|(_, character)| *character == ',') {
        parts.push(list[start..at].trim());
        start = at + 1;
    }
    parts.push(list[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The characters of code that stand in no string and inside of no brackets.
fn outside_brackets(code: &str) -> impl Iterator<Item = (usize, char)> {
    let mut depth = 0usize;
    code_characters(code).filter(move |(_, character)| match character {
        '(' | '[' | '{' => {
            depth += 1;
            false
        }
        ')' | ']' | '}' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    })
}

/// The characters of code that stand in no string.
fn code_characters(code: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote: Option<char> = None;
    let mut escaped = false;
    code.char_indices().filter(move |(_, character)| match quote {
        Some(_) if escaped => {
            escaped = false;
            false
        }
        Some(_) if *character == '\\' => {
            escaped = true;
            false
        }
        Some(open) => {
            if *character == open {
                quote = None;
            }
            false
        }
        None if matches!(character, '"' | '\'') => {
            quote = Some(*character);
            false
        }
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_breaks_at_its_last_brackets() {
        assert_eq!(
            wrap(
                "    for pk in Product.objects.filter(brand=instance).values(\"pk\", 1):\n",
                60,
                "    "
            ),
            "    for pk in Product.objects.filter(brand=instance).values(\n        \"pk\", 1\n    ):\n"
        );
    }

    #[test]
    fn what_does_not_fit_stands_one_a_line() {
        assert_eq!(
            wrap("@receiver([first, second], sender=Name)", 24, "    "),
            "@receiver(\n    [first, second],\n    sender=Name,\n)"
        );
    }

    #[test]
    fn a_line_breaks_before_what_makes_it_too_long() {
        assert_eq!(
            wrap("changed = Product.objects.filter(brand=instance).values(\"pk\")", 40, "    "),
            "changed = Product.objects.filter(\n    brand=instance\n).values(\"pk\")"
        );
        assert_eq!(
            wrap("x = [row.pk for row in rows]", 20, "    "),
            "x = [\n    row.pk\n    for row in rows\n]"
        );
    }

    #[test]
    fn a_line_inside_of_brackets_breaks_before_its_operators() {
        assert_eq!(
            wrap("partial(purge, base_url + reverse(\"document + detail\", args=(pk,)))", 50, "  "),
            "partial(\n  purge,\n  base_url\n  + reverse(\"document + detail\", args=(pk,)),\n)"
        );
        assert_eq!(
            wrap("f(first.number or second.number - third)", 24, "  "),
            "f(\n  first.number\n  or second.number - third\n)"
        );
    }

    #[test]
    fn brackets_in_strings_are_text() {
        assert_eq!(split_at_commas("f\"{a},(\", b"), ["f\"{a},(\"", "b"]);
    }
}
