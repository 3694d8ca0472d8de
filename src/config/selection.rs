//! Which rules run: the layers of `select`, `extend-select` and `ignore`, resolved.

use std::collections::BTreeSet;

use super::selector::Selector;
use crate::rules::{self, Rule, Severity};

/// What one place (a configuration file, the command line) says about the rules to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// Replaces what earlier layers selected and ignored.
    pub select: Option<Vec<Selector>>,
    /// Adds to it.
    pub extend_select: Vec<Selector>,
    /// Takes away from it.
    pub ignore: Vec<Selector>,
}

/// The rules that run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    codes: BTreeSet<&'static str>,
}

impl Selection {
    /// Resolves the layers, the strongest last.
    ///
    /// Within a layer the selector that names a rule most closely decides, and `ignore` between
    /// equals: `select = ["CL1"]` with `ignore = ["CL102"]` leaves out CL102, as does
    /// `select = ["ALL"]` with `ignore = ["CL1"]` all of CL1, whatever their order.
    pub fn resolve(layers: &[Layer]) -> Selection {
        let defaults = rules::all().iter().filter(|rule| rule.severity > Severity::Info);
        let mut codes: BTreeSet<&'static str> = defaults.map(|rule| rule.code).collect();
        for layer in layers {
            for rule in rules::all() {
                let chosen = layer.select.iter().flatten().chain(&layer.extend_select);
                let chosen = closest(chosen, rule);
                let ignored = closest(&layer.ignore, rule);
                if layer.select.is_some() {
                    codes.remove(rule.code);
                }
                match (chosen, ignored) {
                    (Some(chosen), ignored) if ignored.is_none_or(|ignored| chosen > ignored) => {
                        codes.insert(rule.code);
                    }
                    (_, Some(_)) => {
                        codes.remove(rule.code);
                    }
                    _ => {}
                }
            }
        }
        Selection { codes }
    }

    /// Whether a rule runs.
    pub fn has(&self, rule: &Rule) -> bool {
        self.codes.contains(rule.code)
    }
}

/// How closely the closest of the selectors names a rule.
fn closest<'s>(selectors: impl IntoIterator<Item = &'s Selector>, rule: &Rule) -> Option<usize> {
    let matching = selectors.into_iter().filter(|selector| selector.matches(rule));
    matching.map(Selector::specificity).max()
}
