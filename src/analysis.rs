//! From a program's source to its graph: what every command about a project does first.

use std::sync::Arc;

use crate::cli::When;
use crate::facts::{self, Directive, Earlier, FileFacts};
use crate::failure::Failure;
use crate::frameworks::Frameworks;
use crate::graph::{self, ModelGraph};
use crate::incomplete::Incomplete;
use crate::project::Project;
use crate::report::progress::Progress;
use crate::rules::{self, Finding};
use crate::source::{FileId, Sources};

/// A program, read and linked.
pub struct Analysis {
    /// Its files.
    pub sources: Sources,
    /// What they say together.
    pub graph: ModelGraph,
    /// What each of them says.
    facts: Vec<Arc<FileFacts>>,
    /// What could not be read of it.
    pub unreadable: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Incomplete,
}

impl Analysis {
    /// Scans, collects the facts, and links them; progress and warnings go to the standard error, if
    /// not `quiet`.
    ///
    /// # Errors
    /// Where a framework file cannot be used, or there is no source file.
    pub fn run(project: &Project, quiet: bool, color: When) -> Result<Analysis, Failure> {
        let frameworks = Frameworks::load(&project.config.frameworks)?;
        let sources = project.scan(quiet, color)?;
        Ok(Analysis::of(project, sources, &frameworks, None, false, quiet))
    }

    /// Collects the facts of files, but for those that an `earlier` analysis has, and links them;
    /// `for_fixes` where it is asked how what is missing can be written.
    pub fn of(
        project: &Project,
        sources: Sources,
        frameworks: &Frameworks,
        earlier: Option<&Analysis>,
        for_fixes: bool,
        quiet: bool,
    ) -> Analysis {
        let progress = Progress::new(sources.files.len(), !quiet);
        let earlier = earlier.map_or(Earlier::default(), |earlier| Earlier {
            files: &earlier.sources.files,
            facts: &earlier.facts,
        });
        let writers = frameworks.migration_writers();
        let facts = facts::collect(&sources, earlier, &writers, &|| progress.step());
        progress.finish();
        let mut unreadable = rules::unreadable_sources(&sources, &facts);
        let panicked = sources.ids().zip(&facts).filter(|(_, facts)| facts.panicked);
        let mut files: Vec<FileId> = panicked.map(|(file, _)| file).collect();
        let options = graph::Options { for_fixes, ..project.graph_options() };
        let graph = ModelGraph::link(&sources, &facts, frameworks, &options);
        for file in &graph.stumbled {
            let facts = FileFacts::stumbled_over();
            unreadable.extend(rules::unreadable_source(&sources, *file, &facts));
        }
        files.extend(&graph.stumbled);
        files.sort_unstable();
        let languages = graph.unlinked.clone();
        let incomplete = Incomplete { files, languages, rules: Vec::new() };
        Analysis { sources, facts, graph, unreadable, incomplete }
    }

    /// What a file says.
    pub fn facts_of(&self, file: FileId) -> &FileFacts {
        &self.facts[file.0 as usize]
    }

    /// The comments for cache-lint, by file.
    pub fn directives(&self) -> Vec<&[Directive]> {
        self.facts.iter().map(|facts| facts.directives.as_slice()).collect()
    }
}
