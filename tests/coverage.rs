//! The coverage matrix and the findings tell the same, in every case under `fixtures/`: each finding of
//! CL1xx to CL3xx is a hole at its place, and each hole is a finding.

mod cases;

use cases::Case;
use rayon::prelude::*;
use serde_json::Value;

/// The rule folder whose cases hide findings.
const SUPPRESSED: &str = "unused-suppression";

/// A hole of the matrix.
struct Hole {
    model: String,
    /// Not known of some hooks that never run.
    entry: Option<String>,
    column: String,
    /// Where the evidence stands, as `file:row:column`.
    places: Vec<String>,
}

/// A finding of a rule about holes.
struct Finding {
    code: String,
    model: Option<String>,
    /// The entries that it is about; of hooks that never run at most the first one.
    entries: Option<String>,
    place: String,
}

#[test]
fn each_finding_is_a_hole_and_each_hole_a_finding() {
    let cases: Vec<Case> =
        cases::all().into_iter().filter(|case| case.rule != SUPPRESSED).collect();
    let complaints: Vec<String> = cases.par_iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_summaries_of_both_commands_agree() {
    let cases = cases::all();
    let differing: Vec<String> = cases
        .par_iter()
        .filter(|case| report(case, "coverage")["summary"] != report(case, "check")["summary"])
        .map(Case::title)
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_the_code_drops_is_shown_as_covered() {
    let shown = |title: &str, model: &str, column: &str| {
        let cases = cases::all();
        let case = cases.iter().find(|case| case.title() == title).expect("a case");
        let report = report(case, "coverage");
        let rows = report["rows"].as_array().expect("rows").iter();
        let mut of_model = rows.filter(|row| row["model"] == model);
        let state = of_model.next().expect("a row")["cells"][column]["state"].clone();
        (of_model.count(), state)
    };
    let only = |state: &str| (0, Value::from(state));
    let horse = "stable.models.Horse";
    assert_eq!(shown("moved-row/quiet_old_row_is_looked_up", horse, "moved"), only("covered"));
    let song = "radio.models.Song";
    let by_key = only("not-applicable");
    assert_eq!(shown("moved-row/quiet_hole_is_not_a_parent", song, "moved"), by_key);
    let coupon = "coupons.models.Coupon";
    let dropped = "bulk-write-bypass/quiet_dropped_after_the_write";
    assert_eq!(shown(dropped, coupon, "bulk"), only("covered"));
    let meter = "meters.models.Meter";
    let uncached = "bulk-write-bypass/quiet_columns_are_not_cached";
    assert_eq!(shown(uncached, meter, "bulk"), only("not-applicable"));
}

fn complaints(case: &Case) -> Vec<String> {
    let holes = holes(&report(case, "coverage"));
    let findings = findings(&report(case, "check"));
    let title = case.title();
    let unheard = holes.iter().filter(|hole| !findings.iter().any(|finding| finding.tells(hole)));
    let unheard = unheard.map(|hole| {
        let Hole { model, entry, column, places } = hole;
        format!("{title}: no finding for {column} of {model} in {entry:?}, {places:?}")
    });
    let unseen = findings
        .iter()
        .filter(|finding| !holes.iter().any(|hole| finding.tells(hole) && finding.is_about(hole)));
    let unseen = unseen.map(|finding| {
        let Finding { code, model, entries, place } = finding;
        format!("{title}: no hole for {code} at {place} about {model:?} in {entries:?}")
    });
    unheard.chain(unseen).collect()
}

impl Finding {
    /// Whether it stands where the hole is, and names its entry.
    fn tells(&self, hole: &Hole) -> bool {
        let is_dead_hook = matches!(self.code.as_str(), "CL103" | "CL105" | "CL107" | "CL108");
        let same_entry = match (&self.entries, &hole.entry) {
            (Some(entries), Some(entry)) => is_dead_hook || entries.contains(entry.as_str()),
            _ => true,
        };
        same_entry && hole.places.contains(&self.place)
    }

    /// Whether it is about the hole's model; a silent cascade is about the model that is deleted, but
    /// a hole in the rows that it changes.
    fn is_about(&self, hole: &Hole) -> bool {
        self.code == "CL205" || self.model.as_ref() == Some(&hole.model)
    }
}

fn holes(report: &Value) -> Vec<Hole> {
    let mut holes = Vec::new();
    for row in report["rows"].as_array().expect("rows") {
        for (column, cell) in row["cells"].as_object().expect("cells") {
            if cell["state"] == "hole" {
                let evidence = cell["evidence"].as_array().expect("evidence").iter();
                holes.push(Hole {
                    model: text(&row["model"]).expect("a model"),
                    entry: text(&row["entry"]),
                    column: column.clone(),
                    places: evidence.map(place).collect(),
                });
            }
        }
    }
    holes
}

fn findings(report: &Value) -> Vec<Finding> {
    let diagnostics = report["diagnostics"].as_array().expect("diagnostics").iter();
    let about_holes = diagnostics.filter(|found| {
        let code = found["code"].as_str().expect("a code");
        ["CL1", "CL2", "CL3"].iter().any(|family| code.starts_with(family))
    });
    about_holes
        .map(|found| Finding {
            code: text(&found["code"]).expect("a code"),
            model: text(&found["model"]),
            entries: text(&found["entry"]),
            place: place(found),
        })
        .collect()
}

fn report(case: &Case, command: &str) -> Value {
    let mut arguments = vec![command, "--min-confidence", "low", "--output-format", "json"];
    if command == "check" {
        arguments.extend(["--select", "ALL"]);
    }
    serde_json::from_str(&case.run(&arguments)).expect("JSON")
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn place(value: &Value) -> String {
    let at = &value["location"];
    format!("{}:{}:{}", value["filename"].as_str().unwrap_or(""), at["row"], at["column"])
}
