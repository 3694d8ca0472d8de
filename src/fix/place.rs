//! Where new receivers go: beside others, or into a new module that is then imported at start-up.

use ruff_python_ast::Stmt;

use super::Planner;
use super::draft::Draft;
use super::drops::Drops;
use super::imports::Imports;
use super::naming;
use super::page::{Change, Page, apply};
use super::ready::import_at_start;
use super::wrap::wrap;
use crate::frameworks::Code;
use crate::source::{FileId, Location};

/// How many places are tried.
pub const PLACES: usize = 2;

/// Where a receiver goes.
pub enum Place {
    File(FileId),
    /// A new module of the app that a file belongs to.
    New(FileId),
}

impl Planner<'_> {
    /// Puts new code at the end of a place, which `write` is asked for with the name that it gets and
    /// whether it is to be connected by a decorator; returns what reports call the file.
    pub(super) fn put(
        &self,
        draft: &mut Draft<'_>,
        place: &Place,
        name: &str,
        write: &mut dyn FnMut(&mut Drops<'_, '_>, &str, bool) -> Option<String>,
    ) -> Option<String> {
        let code = self.code?;
        let layout = &self.graph.layout;
        match place {
            Place::File(file) => {
                let text = draft.text(*file)?;
                let page = match draft.untouched_text(*file) {
                    Some(_) => self.pages.of(*file, &text)?,
                    None => Page::parse(&text)?,
                };
                let mut imports = Imports::of(&page, layout, *file, self.line_length);
                let by_lambda = text.contains("on_commit(lambda") && !text.contains("partial(");
                let name = unused(&page, name);
                let (local, taken) = (Vec::new(), Vec::new());
                let mut drops = Drops { code, imports: &mut imports, local, by_lambda, taken };
                let new = write(&mut drops, &name, self.is_decorated(*file))?;
                let new = page.style.render(&wrap(&new, self.line_length, "    "));
                let mut changes = imports.changes()?;
                let newline = page.style.newline;
                let end = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
                let gap = if page.body().is_empty() { "" } else { newline };
                let content = format!("{end}{gap}{gap}{new}{newline}");
                changes.push(Change::insert(text.len(), content));
                draft.change(*file, changes)?;
                if !self.has_receivers(*file) {
                    self.wire(draft, code, *file)?;
                }
                Some(self.sources.file(*file).name.clone())
            }
            Place::New(near) => {
                let app = layout.module(*near);
                let file = format!("{}/{}.py", app.app_folder, self.receivers_module);
                let path = file.trim_start_matches('/').to_owned();
                let text = draft.new_text(&path).unwrap_or_default().to_owned();
                let page = Page::parse(&text)?;
                let module = self.receivers_module;
                let mut imports =
                    Imports::of_new(&page, layout, &app.app, module, self.line_length);
                let name = unused(&page, name);
                let (local, taken) = (Vec::new(), Vec::new());
                let mut drops =
                    Drops { code, imports: &mut imports, local, by_lambda: false, taken };
                let new = wrap(&write(&mut drops, &name, true)?, self.line_length, "    ");
                let mut changes = imports.changes()?;
                changes.push(Change::insert(text.len(), format!("\n\n{new}\n")));
                draft.create(&path, apply(&text, changes)?);
                import_at_start(draft, layout, code, &app.app_folder, &app.app, module)?;
                Some(self.name_of(&path))
            }
        }
    }

    /// The places to choose from, the best first: beside another receiver of the entry, where the model has
    /// others, where the app has others, and the module that the configuration names.
    pub(super) fn places(&self, model: Location, beside: Option<Location>) -> Vec<Place> {
        let layout = &self.graph.layout;
        let folder = &layout.module(model.file).app_folder;
        let receivers = &layout.receivers;
        let is_beside = |place: &Location| receivers.at(*place).any(|receiver| receiver.is_live);
        let beside = beside.filter(is_beside).map(|place| place.file);
        let of_model = receivers.of(model).filter(|receiver| receiver.is_live);
        let of_model = of_model.map(|receiver| receiver.connected_at.file);
        let in_app = receivers.files_in_app(folder).iter().copied();
        let is_apart = |file: &FileId| {
            layout.module(*file).name.rsplit('.').next().is_some_and(|stem| stem != "apps")
        };
        let mut files: Vec<FileId> = Vec::new();
        for file in beside.into_iter().chain(of_model).chain(in_app).filter(is_apart) {
            if files.len() == PLACES - 1 {
                break;
            }
            if !files.contains(&file) {
                files.push(file);
            }
        }
        let mut places: Vec<Place> = files.into_iter().map(Place::File).collect();
        let name = format!("{}.{}", layout.module(model.file).app, self.receivers_module);
        places.push(match layout.file_of(name.trim_start_matches('.')) {
            Some(file) => Place::File(file),
            None => Place::New(model.file),
        });
        places
    }

    /// Whether receivers in a file are connected by decorators; in a file without any they are to be.
    fn is_decorated(&self, file: FileId) -> bool {
        let of_file = || self.graph.layout.receivers.connected_in(file);
        of_file().next().is_none() || of_file().any(|receiver| receiver.is_decorated)
    }

    fn has_receivers(&self, file: FileId) -> bool {
        self.graph.layout.receivers.connected_in(file).any(|receiver| receiver.is_live)
    }

    /// Imports the module of a file when the program starts.
    pub(super) fn wire(&self, draft: &mut Draft<'_>, code: &Code, file: FileId) -> Option<()> {
        let layout = &self.graph.layout;
        let module = layout.module(file);
        let below = match module.app.as_str() {
            "" => module.name.as_str(),
            app => module.name.strip_prefix(app)?.strip_prefix('.')?,
        };
        if below.contains('.') {
            return None;
        }
        import_at_start(draft, layout, code, &module.app_folder, &module.app, below)
    }
}

/// The name, or one like it that the file does not have yet.
pub fn unused(page: &Page<'_>, name: &str) -> String {
    let taken = |name: &str| {
        page.body().iter().any(|stmt| match stmt {
            Stmt::FunctionDef(function) => function.name.as_str() == name,
            _ => false,
        })
    };
    naming::unused(name, taken)
}
