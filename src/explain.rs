//! The command `explain`: the docs of a rule, or what is known of a model.

use crate::Status;
use crate::analysis::Analysis;
use crate::cli::{Explain, RuleFormat, When};
use crate::config::{self, Layer};
use crate::describe::describe;
use crate::failure::Failure;
use crate::graph::{Matrix, Model, ModelGraph};
use crate::output::Output;
use crate::project::Project;
use crate::report::portrait::Portrait;
use crate::rules;

/// Explains a rule, or a model of a project.
///
/// # Errors
/// Where there is no such rule or model, or the project cannot be analysed.
pub fn explain(options: &Explain, color: When) -> Result<Status, Failure> {
    if !is_for_a_model(&options.subject) {
        return describe(Some(&options.subject), RuleFormat::Text, color);
    }
    let project = Project::locate(&options.target, Layer::default(), None)?;
    let analysis = Analysis::run(&project, options.target.quiet, color)?;
    let Analysis { sources, graph, incomplete, .. } = analysis;
    let model = find(&graph, &options.subject)?;
    let matrix = Matrix::of(&graph, project.min_confidence);
    let portrait = Portrait::of(model, &matrix, &graph);
    Output::stdout(color).write(|out| portrait.write(&sources, out))?;
    incomplete.told(&sources)?;
    Ok(Status::Clean)
}

/// Whether a name is spelled like a model's, not like the code or the name of a rule.
fn is_for_a_model(name: &str) -> bool {
    let is_code = rules::all().iter().any(|rule| rule.code.eq_ignore_ascii_case(name))
        || name.strip_prefix("CL").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    !is_code && (name.contains('.') || name.starts_with(char::is_uppercase))
}

/// The model of that label, dotted path or class name.
fn find<'g>(graph: &'g ModelGraph, written: &str) -> Result<&'g Model, Failure> {
    let ways: [&dyn Fn(&Model) -> bool; 3] = [
        &|model| model.place.name == written,
        &|model| model.label.eq_ignore_ascii_case(written),
        &|model| {
            let rest = model.place.name.strip_suffix(written);
            rest.is_some_and(|rest| rest.ends_with('.'))
        },
    ];
    for way in ways {
        let named: Vec<&Model> = graph.models.iter().filter(|model| way(model)).collect();
        match named.as_slice() {
            [] => {}
            [only] => return Ok(only),
            several => {
                let names: Vec<String> =
                    several.iter().map(|model| format!("`{}`", model.place.name)).collect();
                return Err(Failure::Said {
                    message: format!("several models are called `{written}`"),
                    help: Some(format!("say which: {}", names.join(", "))),
                });
            }
        }
    }
    let labels = graph.models.iter().map(|model| model.label.as_str());
    let names = graph.models.iter().map(|model| model.place.name.as_str());
    let classes = names.clone().filter_map(|name| name.rsplit('.').next());
    Err(Failure::Said {
        message: format!("no model is called `{written}`"),
        help: Some(match config::nearest(written, labels.chain(names).chain(classes)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`cache-lint coverage --all` lists the models that are cached".to_owned(),
        }),
    })
}
