//! New Rust code as rustfmt leaves it, by its default widths.

/// How wide a line may be.
const LINE: usize = 100;
/// How wide a chain of calls may be in one line.
const CHAIN: usize = 60;
/// How wide the arguments of an attribute may be in one line.
const ATTRIBUTE: usize = 70;
/// One step of indentation.
const STEP: &str = "    ";

/// A statement that was one line, or more, as its lines: a chain that is too wide has a call a line.
pub fn statement(text: &str, indent: &str) -> Option<Vec<String>> {
    if text.contains('\n') {
        return None;
    }
    let chain = text.trim_end_matches(';');
    let width = chain.chars().count();
    let links = links(chain);
    let fits = indent.len() + text.chars().count() <= LINE;
    // A chain of one link may be as wide as a line.
    if fits && (width <= CHAIN || links.len() <= 2) {
        return Some(vec![format!("{indent}{text}")]);
    }
    // What is no wider than a step stands with what follows it.
    let head = if links.first()?.len() <= STEP.len() { 2 } else { 1 };
    let (first, rest) = links.split_at_checked(head)?;
    if rest.is_empty() {
        return None;
    }
    let mut lines = vec![format!("{indent}{}", first.concat())];
    lines.extend(rest.iter().map(|link| format!("{indent}{STEP}{link}")));
    if text.ends_with(';') {
        lines.last_mut()?.push(';');
    }
    lines.iter().all(|line| line.chars().count() <= LINE).then_some(lines)
}

/// The parts of a chain: what it starts with, and each field or call behind it, with its dot.
fn links(chain: &str) -> Vec<&str> {
    let (mut depth, mut start, mut in_text) = (0_usize, 0, false);
    let mut found = Vec::new();
    let mut last = ' ';
    for (at, character) in chain.char_indices() {
        match character {
            '"' if last != '\\' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '.' if depth == 0 && at > start => {
                found.push(&chain[start..at]);
                start = at;
            }
            _ => {}
        }
        last = character;
    }
    found.push(&chain[start..]);
    found
}

/// An attribute with its arguments.
pub fn attribute(path: &str, args: &[String], indent: &str) -> Vec<String> {
    let flat = args.join(", ");
    if flat.chars().count() <= ATTRIBUTE {
        return vec![format!("{indent}#[{path}({flat})]")];
    }
    let mut lines = vec![format!("{indent}#[{path}(")];
    for (at, arg) in args.iter().enumerate() {
        let comma = if at + 1 < args.len() { "," } else { "" };
        lines.push(format!("{indent}{STEP}{arg}{comma}"));
    }
    lines.push(format!("{indent})]"));
    lines
}

/// The head of a function up to the brace: `name` with what stands before it and its generic parameters,
/// what it takes, what it returns, and the conditions behind `where`.
pub fn head(
    name: &str,
    params: &[String],
    returns: &str,
    conditions: &[String],
    indent: &str,
) -> Vec<String> {
    let flat = format!("{indent}{name}({}){returns}", params.join(", "));
    let brace = if conditions.is_empty() { " {" } else { "" };
    let mut lines = match flat.chars().count() + brace.len() <= LINE {
        true => vec![format!("{flat}{brace}")],
        false => {
            let mut lines = vec![format!("{indent}{name}(")];
            lines.extend(params.iter().map(|param| format!("{indent}{STEP}{param},")));
            lines.push(format!("{indent}){returns}{brace}"));
            lines
        }
    };
    if !conditions.is_empty() {
        lines.push(format!("{indent}where"));
        lines.extend(conditions.iter().map(|condition| format!("{indent}{STEP}{condition},")));
        lines.push(format!("{indent}{{"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_chains_have_a_call_a_line() {
        let wide = "self.caches.users.invalidate(&format!(\"user:{}\", self.id.as_ref())).await?;";
        let lines = statement(wide, "    ").expect("lines");
        assert_eq!(lines.len(), 4, "{lines:?}");
        let slim = "USERS.invalidate(&id);";
        assert_eq!(statement(slim, "").expect("lines"), [slim]);
    }
}
