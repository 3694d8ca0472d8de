//! Decides on colours.

use std::io::IsTerminal;

use anstream::ColorChoice;

use crate::cli::When;

/// Whether to colour what goes to a stream: `--color`, then `NO_COLOR`, then `FORCE_COLOR` or
/// `CLICOLOR_FORCE`, then whether it is a terminal that can.
pub fn choice(when: When, stream: &impl IsTerminal) -> ColorChoice {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let colours = match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
        When::Auto => {
            stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    if colours { ColorChoice::Always } else { ColorChoice::Never }
}
