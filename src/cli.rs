//! The command line, as types; its docs are what `--help` prints.

use std::path::PathBuf;

use clap::builder::{FalseyValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use crate::config::{CONFIDENCES, Selector, confidence};
use crate::rules::Confidence;
use crate::source::Language;

/// Finds every way a cached database row can change while its cached copy stays.
#[derive(Debug, Parser)]
#[command(name = "cache-lint", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 nothing to report, 1 findings, 2 could not run.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Whether to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: When,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a project and report the holes in its cache invalidation.
    Check(Box<Check>),
    /// Show which writes of the rows in each cache entry are covered, and which are holes.
    #[command(after_help = "Exit status: 0 shown, 1 below --fail-under, 2 could not run.")]
    Coverage(Box<Coverage>),
    /// Explain a rule, or what is cached of a model and which of its writes are covered.
    #[command(after_help = "Exit status: 0 explained, 2 could not run.")]
    Explain(Box<Explain>),
    /// Remove what earlier runs kept of a project.
    Clean {
        /// A file or folder of the project [default: the working directory].
        #[arg(value_name = "PATH")]
        path: Option<PathBuf>,
    },
    /// Answer an editor over the Language Server Protocol, on the standard input and output.
    #[command(after_help = "Exit status: 0 shut down, 1 left without, 2 could not run.")]
    Server,
    /// Describe one rule or list all of them.
    Rule {
        /// The code or the name of the rule.
        #[arg(value_name = "CODE", required_unless_present = "all", conflicts_with = "all")]
        rule: Option<String>,
        /// List all rules.
        #[arg(long)]
        all: bool,
        /// How to write it.
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        output_format: RuleFormat,
    },
}

/// The program to analyse, and how.
#[derive(Debug, Default, Args)]
pub struct Target {
    /// Files and folders to report on [default: the working directory].
    ///
    /// The whole program that they belong to is analysed: what lies outside of them is read too.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Take the configuration from this file instead of looking for one.
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,

    /// Look at no configuration file.
    #[arg(long, conflicts_with = "config", help_heading = "Configuration")]
    pub isolated: bool,

    /// How many threads to work with [default: one for each core].
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZero<u16>>,

    /// Report only what is at least this sure [default: medium].
    #[arg(long, value_name = "LEVEL", value_parser = confidence_parser())]
    pub min_confidence: Option<Confidence>,

    /// Look at this language only; give it again for another one [default: all].
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    pub language: Vec<Language>,

    /// No progress, no warnings, and of a report no summary.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("mends").args(["fix", "diff"]).multiple(true)))]
pub struct Check {
    /// How to write the report.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output_format: Format,

    /// Write the report to this file instead of the standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,

    /// The rules to run: codes, prefixes of codes, names or ALL, separated by commas.
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = "Rules")]
    pub select: Option<Vec<Selector>>,

    /// Rules to run as well as those selected otherwise.
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = "Rules")]
    pub extend_select: Vec<Selector>,

    /// Rules to leave out.
    #[arg(long, value_name = "CODES", value_delimiter = ',', help_heading = "Rules")]
    pub ignore: Vec<Selector>,

    /// Read the text of this file from the standard input, and report only on it; `-` among the
    /// PATHs stands for it.
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// Mend what can be mended without a risk, and report the rest.
    #[arg(long, conflicts_with = "stdin_filename", help_heading = "Fixes")]
    pub fix: bool,

    /// With `--fix` or `--diff`, mend also what needs a look: new code where rows are written.
    #[arg(long, requires = "mends", help_heading = "Fixes")]
    pub unsafe_fixes: bool,

    /// Show what `--fix` would change as a unified diff, and change nothing.
    #[arg(
        long,
        conflicts_with_all = ["stdin_filename", "output_format", "statistics", "exit_zero"],
        help_heading = "Fixes"
    )]
    pub diff: bool,

    /// Neither use nor keep answers of earlier runs over the same files.
    #[arg(
        long,
        env = "CACHE_LINT_NO_CACHE",
        hide_env_values = true,
        value_parser = FalseyValueParser::new()
    )]
    pub no_cache: bool,

    /// Exit with 0 even where there are findings.
    #[arg(long)]
    pub exit_zero: bool,

    /// Report the number of findings of each rule instead of the findings.
    #[arg(long)]
    pub statistics: bool,

    /// What to check.
    #[command(flatten)]
    pub target: Target,
}

/// What is asked about fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fixes {
    /// Nothing.
    None,
    /// Whether there may be one.
    Sketched,
    /// What they change.
    Offered,
    /// That they are made, or shown as they would be.
    Made,
}

impl Check {
    /// What is asked about fixes.
    pub fn fixes(&self) -> Fixes {
        match (self.fix || self.diff, self.statistics, self.output_format) {
            (true, ..) => Fixes::Made,
            (_, true, _) | (.., Format::Concise) => Fixes::None,
            (.., Format::Json) => Fixes::Offered,
            (.., Format::Full) => Fixes::Sketched,
        }
    }
}

/// Options of `coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// How to write the table.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output_format: CoverageFormat,

    /// Write the table to this file instead of the standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,

    /// Exit with 1 where less than this part of the cells is covered, in percent.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub fail_under: Option<u8>,

    /// Show the rows without holes, too; JSON always has them.
    #[arg(long)]
    pub all: bool,

    /// What to look at.
    #[command(flatten)]
    pub target: Target,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code or the name of a rule, such as CL101 or missing-invalidation, or a model, such as
    /// shop.Product or shop.models.Product.
    #[arg(value_name = "CODE | MODEL")]
    pub subject: String,

    /// Where to look for the model.
    #[command(flatten)]
    pub target: Target,
}

impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Language] {
        &Language::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Language::Python => "python",
            Language::Rust => "rust",
        }))
    }
}

/// How to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Each finding with the source that proves it.
    #[default]
    Full,
    /// One line a finding: `path:line:col: CL101 message`.
    Concise,
    /// One JSON document with everything that is known of each finding.
    Json,
}

/// How to write the coverage matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum CoverageFormat {
    /// A table for people.
    #[default]
    Text,
    /// One JSON document with the evidence for each cell.
    Json,
    /// A table for a pull request or a web page.
    Markdown,
}

/// How to write rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum RuleFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE say otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn confidence_parser() -> impl TypedValueParser<Value = Confidence> {
    PossibleValuesParser::new(CONFIDENCES.map(|(name, _)| name))
        // The names are those of the same table.
        .map(|name| confidence(&name).unwrap_or(Confidence::High))
}
