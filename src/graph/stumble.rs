//! Links around files that it panics over: a bug of ours in one file is not to hide what the others hold.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::ModelGraph;
use crate::facts::FileFacts;
use crate::source::FileId;

/// How many files are left out at the most; the program is linked anew without each.
const MOST: usize = 8;

/// Where linking was when it panicked.
#[derive(Debug, Default)]
pub struct Stumbles {
    file: Mutex<Option<FileId>>,
}

impl Stumbles {
    /// Tells which file an interpreter is at, that is dropped because of a panic.
    pub fn note(&self, file: Option<FileId>) {
        if std::thread::panicking() {
            let mut known = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            *known = known.or(file);
        }
    }
}

/// What could not be linked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The files that linking panicked over.
    pub files: Vec<FileId>,
    /// Whether nothing could be linked.
    pub all: bool,
}

/// Links `facts`, without those of files that `link` panics over.
pub fn link_around(
    mut facts: Vec<Arc<FileFacts>>,
    link: impl Fn(&[Arc<FileFacts>], &Stumbles) -> ModelGraph,
) -> (ModelGraph, LeftOut) {
    let mut left_out = LeftOut::default();
    loop {
        let stumbles = Stumbles::default();
        // Of a link that panicked nothing is left but the place.
        if let Ok(graph) = catch_unwind(AssertUnwindSafe(|| link(&facts, &stumbles))) {
            return (graph, left_out);
        }
        let file = stumbles.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        match file {
            Some(file) if left_out.files.len() < MOST && !left_out.files.contains(&file) => {
                facts[file.0 as usize] = Arc::default();
                left_out.files.push(file);
            }
            _ => {
                left_out.all = true;
                return (ModelGraph::default(), left_out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts::{self, Block, ExprKind};
    use crate::frameworks::Frameworks;
    use crate::graph::Options;
    use crate::source::{Language, Role, SourceFile, Sources};

    fn sources(files: &[(&str, &str)]) -> Sources {
        let file = |(name, text): &(&str, &str)| SourceFile {
            path: (*name).into(),
            name: (*name).to_owned(),
            project_path: (*name).to_owned(),
            language: Language::of(name.as_ref()).expect("a source"),
            role: Role::Production,
            overlay: Some((*text).into()),
        };
        Sources { files: files.iter().map(file).collect(), ..Sources::default() }
    }

    /// Links files after damage to the facts of one of them, which no source leads to.
    fn linked(files: &[(&str, &str)], damage: impl Fn(&mut FileFacts), at: usize) -> ModelGraph {
        let sources = sources(files);
        let earlier = facts::Earlier::default();
        let mut facts = facts::collect(&sources, earlier, &BTreeSet::new(), &|| ());
        damage(Arc::make_mut(&mut facts[at]));
        let frameworks = Frameworks::load(&[]).expect("our own files");
        let cache_managers = vec!["CacheManager".to_owned()];
        let options = Options { cache_managers, ..Options::default() };
        ModelGraph::link(&sources, &facts, &frameworks, &options)
    }

    const MODELS: (&str, &str) = (
        "blog/models.py",
        "from acme import CacheManager\nfrom django.db import models\n\n\nclass Post(models.Model):\n    objects = CacheManager()\n",
    );

    /// Texts with holes are put together from what is not there.
    fn without_parts(facts: &mut FileFacts) {
        for expr in &mut facts.exprs {
            if let ExprKind::Format(parts) = &mut expr.kind {
                *parts = facts::ExprList { start: 7_000, end: 7_001 };
            }
        }
    }

    #[test]
    fn a_file_that_an_interpreter_panics_over_is_left_out() {
        let views = "from django.core.cache import cache\nfrom blog.models import Post\n\n\ndef show(pk):\n    cache.set(f'post:{pk}', Post.objects.get(pk=pk))\n\n\ndef forget(pk):\n    cache.delete(f'post:{pk}')\n";
        let files = [MODELS, ("blog/views.py", views)];
        let whole = linked(&files, |_| {}, 1);
        assert_eq!((whole.stumbled.as_slice(), whole.cached.len()), (&[][..], 2));
        let graph = linked(&files, without_parts, 1);
        assert_eq!(graph.stumbled, [FileId(1)]);
        assert_eq!((graph.unlinked.len(), graph.cached.len()), (0, 1));
    }

    #[test]
    fn of_a_language_that_cannot_be_linked_the_other_is() {
        let files = [MODELS, ("src/main.rs", "fn main() {}\n")];
        let damage = |facts: &mut FileFacts| facts.body = Block { start: 7_000, end: 7_001 };
        let graph = linked(&files, damage, 1);
        assert_eq!((graph.unlinked.as_slice(), graph.cached.len()), (&[Language::Rust][..], 1));
        let graph = linked(&files, damage, 0);
        assert_eq!((graph.unlinked.as_slice(), graph.cached.len()), (&[Language::Python][..], 0));
    }
}
