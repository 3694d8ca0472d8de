//! All that is done with a program before something is written, in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use cache_lint::facts::{self, Earlier};
use cache_lint::frameworks::Frameworks;
use cache_lint::graph::{Matrix, ModelGraph, Options};
use cache_lint::rules::{self, Confidence};
use cache_lint::source::{Language, Location, Package, Role, Schema, SourceFile, Sources};
use rayon::ThreadPool;

/// What the framework files of cache-lint say.
#[allow(dead_code)] // One target has its own.
pub static FRAMEWORKS: LazyLock<Frameworks> =
    LazyLock::new(|| Frameworks::load(&[]).expect("they are right"));

/// One thread, with the stack that threads of cache-lint have.
static POOL: LazyLock<ThreadPool> = LazyLock::new(|| {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(256 * 1024 * 1024);
    pool.build().expect("a thread")
});

/// Reads, links and asks; what is said must stand somewhere in the text.
pub fn look(files: &BTreeMap<&str, &str>, frameworks: &Frameworks) {
    POOL.install(|| {
        let sources = sources(files);
        let writers = frameworks.migration_writers();
        let facts = facts::collect(&sources, Earlier::default(), &writers, &|| ());
        for (file, facts) in sources.files.iter().zip(&facts) {
            let text = file.overlay.as_deref().expect("it is in memory");
            let errors = facts.errors.iter().map(|error| error.span);
            for span in errors.chain(facts.exprs.iter().map(|expr| expr.span)) {
                let at = Location { file: cache_lint::source::FileId(0), span };
                assert!(is_in(text, at), "{}: {span:?}", file.name);
            }
        }
        let options = Options {
            cache_managers: vec!["CacheManager".to_owned()],
            for_fixes: true,
            ..Options::default()
        };
        let graph = ModelGraph::link(&sources, &facts, frameworks, &options);
        let found = rules::check(&graph).findings;
        for finding in found.iter().chain(&rules::unreadable_sources(&sources, &facts)) {
            let evidence = finding.evidence.iter().map(|step| step.location);
            for at in evidence.chain([finding.location]) {
                let text = sources.file(at.file).overlay.as_deref().expect("it is in memory");
                assert!(is_in(text, at), "{finding:?}");
            }
        }
        Matrix::of(&graph, Confidence::Low).summary(&graph);
    });
}

fn is_in(text: &str, at: Location) -> bool {
    text.get(at.span.start as usize..at.span.end as usize).is_some()
}

/// The files as the scan of a package would have them.
fn sources(files: &BTreeMap<&str, &str>) -> Sources {
    let is_migration = |name: &str| name.split('/').any(|part| part.starts_with("migration"));
    let file = |(name, text): (&&str, &&str)| {
        Some(SourceFile {
            path: Path::new("/program").join(name),
            name: (*name).to_owned(),
            project_path: (*name).to_owned(),
            language: Language::of(Path::new(name))?,
            role: if is_migration(name) { Role::Migration } else { Role::Production },
            overlay: Some((*text).into()),
        })
    };
    let schema = |(name, text): (&&str, &&str)| {
        name.ends_with(".sql")
            .then(|| Schema { project_path: (*name).to_owned(), text: (*text).to_owned() })
    };
    let mut sources = Sources {
        root: "/program".into(),
        files: files.iter().filter_map(file).collect(),
        packages: vec![Package {
            folder: String::new(),
            name: "program".to_owned(),
            lib_name: None,
            lib_path: None,
            bin_paths: Vec::new(),
        }],
        schemas: files.iter().filter_map(schema).collect(),
    };
    sources.files.sort_by(|one, other| one.sort_key().cmp(&other.sort_key()));
    sources
}
