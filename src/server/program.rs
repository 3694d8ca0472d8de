//! The program in a folder of the editor's.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gen_lsp_types::Uri;

use super::documents::Documents;
use super::uri;
use crate::cli::{Target, When};
use crate::config::Layer;
use crate::failure::Failure;
use crate::fix::{FileChange, Fix};
use crate::frameworks::Frameworks;
use crate::graph::Matrix;
use crate::mend::{Mender, State};
use crate::project::Project;
use crate::rules::Finding;
use crate::scan;
use crate::source::{Language, Sources, Span};

/// A folder that stands open in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// As the editor spells it.
    given: PathBuf,
    /// Without symlinks.
    real: PathBuf,
}

impl Folder {
    /// The folder that a URI names, where it is there.
    pub fn of(uri: &Uri) -> Option<Folder> {
        let given = uri::to_path(uri)?;
        let real = given.canonicalize().ok()?;
        Some(Folder { given, real })
    }

    /// Whether a path without symlinks lies below it.
    pub fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.real)
    }

    /// How the editor is told of a path.
    pub fn uri_of(&self, path: &Path) -> Uri {
        match path.strip_prefix(&self.real) {
            Ok(below) => uri::of_path(&self.given.join(below)),
            Err(_) => uri::of_path(path),
        }
    }
}

/// The program in a folder, as it was when it was read and looked at.
pub struct Program {
    project: Project,
    frameworks: Frameworks,
    /// Its files with their texts on the disk.
    disk: Sources,
    state: Option<State>,
    /// The fixes of some findings, as far as somebody asked.
    offers: Vec<Option<Option<Fix>>>,
    matrix: OnceLock<Matrix>,
}

impl Program {
    /// Reads the configuration and the files of a folder, of which most may be as they were `earlier`.
    ///
    /// # Errors
    /// Where the configuration cannot be used.
    pub fn read(folder: &Folder, earlier: Option<Program>) -> Result<Program, Failure> {
        let target = Target { paths: vec![folder.real.clone()], ..Target::default() };
        let project = Project::locate(&target, Layer::default(), None)?;
        let frameworks = Frameworks::load(&project.config.frameworks)?;
        // A folder without source may get some.
        let mut disk = project
            .scan(true, When::Never)
            .unwrap_or_else(|_| Sources { root: project.root().to_owned(), ..Sources::default() });
        scan::pin(&mut disk);
        if let Some(earlier) = &earlier {
            keep_texts(&mut disk, &earlier.disk);
        }
        let state = earlier.and_then(|earlier| earlier.state);
        Ok(Program {
            project,
            frameworks,
            disk,
            state,
            offers: Vec::new(),
            matrix: OnceLock::new(),
        })
    }

    /// Looks at it with the texts that stand in the editor.
    pub fn look(&mut self, documents: &Documents) {
        let mut sources = self.disk.clone();
        for (path, document) in documents.iter().filter(|(path, _)| self.has(path)) {
            let folder = self.project.working_directory();
            scan::replace(&mut sources, path, Arc::clone(&document.text), folder);
        }
        let earlier = self.state.take();
        let state =
            State::of(&self.project, &self.frameworks, sources, earlier.as_ref(), true, true);
        self.offers = vec![None; state.findings().len()];
        self.matrix = OnceLock::new();
        self.state = Some(state);
    }

    /// What the last look saw.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// Whether a file is one of the program's, or may become one when it is saved.
    fn has(&self, path: &Path) -> bool {
        let known = || self.disk.files.iter().any(|file| file.path == path);
        path.starts_with(&self.disk.root)
            && Language::of(path).is_some()
            && (!path.exists() || known())
    }

    /// A fix for a finding of the last look, where one helps.
    pub fn offer(&mut self, at: usize) -> Option<&Fix> {
        let state = self.state.as_ref()?;
        let offer = self.offers.get_mut(at)?;
        if offer.is_none() {
            let finding = &state.findings()[at];
            let file = &state.analysis.sources.file(finding.location.file).path;
            let mender = Mender::new(&self.project, &self.frameworks);
            let mut offers = mender.within(file, finding.location.span).offers(state);
            *offer = Some(offers.swap_remove(at));
        }
        offer.as_ref()?.as_ref()
    }

    /// What changes where all is mended in a file that can be without a risk.
    pub fn mend(&self, path: &Path) -> Vec<FileChange> {
        let Some(seen) = &self.state else { return Vec::new() };
        let sources = seen.analysis.sources.clone();
        let state = State::of(&self.project, &self.frameworks, sources, Some(seen), true, true);
        let everywhere = Span { start: 0, end: u32::MAX };
        let mender = Mender::new(&self.project, &self.frameworks).within(path, everywhere);
        mender.mend(state, false).changes.into_iter().flatten().collect()
    }

    /// The matrix of what the last look saw, as far as it is to be told of.
    pub fn matrix(&self) -> Option<&Matrix> {
        let graph = &self.state.as_ref()?.analysis.graph;
        Some(self.matrix.get_or_init(|| Matrix::of(graph, self.project.min_confidence)))
    }

    /// The findings of the last look in a file, with their places among all.
    pub fn findings_in(&self, path: &Path) -> Vec<(usize, &Finding)> {
        let Some(state) = &self.state else { return Vec::new() };
        let sources = &state.analysis.sources;
        let findings = state.findings().iter().enumerate();
        findings.filter(|(_, finding)| sources.file(finding.location.file).path == path).collect()
    }
}

/// Takes over the texts that are the same, so that what is known of them is not found out again.
fn keep_texts(sources: &mut Sources, earlier: &Sources) {
    for file in &mut sources.files {
        let known = earlier.files.binary_search_by(|known| known.sort_key().cmp(&file.sort_key()));
        let known = known.ok().and_then(|at| earlier.files[at].overlay.as_ref());
        if let (Some(text), Some(known)) = (&file.overlay, known)
            && text == known
        {
            file.overlay = Some(Arc::clone(known));
        }
    }
}
