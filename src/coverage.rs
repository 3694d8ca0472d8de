//! The command `coverage`: which writes of the rows in each cache entry are covered.

use crate::Status;
use crate::analysis::Analysis;
use crate::cli::{Coverage, CoverageFormat, When};
use crate::config::Layer;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::Project;
use crate::report::coverage::CoverageReport;

/// Shows the coverage matrix of a project.
///
/// # Errors
/// Where the project cannot be analysed, or the report not be written.
pub fn coverage(options: &Coverage, color: When) -> Result<Status, Failure> {
    let project = Project::locate(&options.target, Layer::default(), None)?;
    let analysis = Analysis::run(&project, options.target.quiet, color)?;
    let matrix = project.coverage(&analysis.graph, &analysis.sources);
    let report = CoverageReport {
        sources: &analysis.sources,
        matrix: &matrix,
        summary: matrix.summary(&analysis.graph),
        fail_under: options.fail_under,
        all: options.all,
        quiet: options.target.quiet,
    };
    let machine = options.output_format != CoverageFormat::Text;
    let output = Output::open(options.output_file.as_deref(), machine, color);
    output.write(|out| report.write(options.output_format, out))?;
    analysis.incomplete.told(&analysis.sources)?;
    Ok(if report.is_below() { Status::Findings } else { Status::Clean })
}
