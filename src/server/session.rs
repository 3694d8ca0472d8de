//! The talk with one editor: what it changes, and what it asks.
//!
//! After a change nothing is looked at until the editor has been quiet for a moment; what is asked meanwhile
//! is answered then.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use gen_lsp_types::{
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, Diagnostic,
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, Hover, HoverParams, InitializeParams, LspNotificationMethod,
    LspRequestMethod, Uri, WorkspaceFolders,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, ResponseError};
use rayon::ThreadPool;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::board::Board;
use super::client::Client;
use super::documents::{Documents, real_path};
use super::program::{Folder, Program};
use super::view::View;
use super::{Cancelled, actions, diagnostics, hover, lens};
use crate::failure::Failure;

/// How long the editor is quiet before anything is looked at.
const QUIET: Duration = Duration::from_millis(30);
/// How long a change waits at most.
const PATIENCE: Duration = Duration::from_millis(500);

/// The talk with one editor.
pub struct Session {
    client: Client,
    cancelled: Cancelled,
    pool: ThreadPool,
    documents: Documents,
    programs: Vec<(Folder, Option<Program>)>,
    /// Whether the editor works without folders.
    adopts: bool,
    /// What was found at the last look.
    board: Board,
    /// Since when something has been other than at the last look.
    stale_since: Option<Instant>,
    /// Whether that may be the files or the configuration on the disk.
    is_disk_stale: bool,
    /// What is to be answered after the next look.
    waiting: Vec<Request>,
    /// The errors that were shown.
    shown: Vec<String>,
}

type Answer = Result<Value, ResponseError>;

impl Session {
    /// Takes up what an editor has open.
    pub fn new(
        client: Client,
        params: &InitializeParams,
        pool: ThreadPool,
        cancelled: Cancelled,
    ) -> Session {
        let folders = match &params.workspace_folders_initialize_params.workspace_folders {
            Some(WorkspaceFolders::WorkspaceFolderList(folders)) => {
                folders.iter().map(|folder| folder.uri.clone()).collect()
            }
            #[allow(deprecated)]
            _ => Vec::from_iter(params.root_uri.clone()),
        };
        let adopts = folders.is_empty();
        let programs = folders.iter().filter_map(Folder::of).map(|folder| (folder, None)).collect();
        Session {
            client,
            cancelled,
            pool,
            documents: Documents::default(),
            programs,
            adopts,
            board: Board::default(),
            stale_since: None,
            is_disk_stale: true,
            waiting: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// Hears and answers until the editor has gone.
    pub fn run(mut self, messages: &Receiver<Message>) {
        self.client.watch_files();
        self.touch();
        loop {
            let message = match self.stale_since {
                Some(since) => {
                    let left = PATIENCE.saturating_sub(since.elapsed());
                    messages.recv_timeout(QUIET.min(left))
                }
                None => messages.recv().map_err(RecvTimeoutError::from),
            };
            match message {
                Ok(message) => self.hear(message),
                Err(RecvTimeoutError::Timeout) => self.catch_up(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Notification(said) => self.guarded(|session| session.take_in(said)),
            Message::Request(request) if self.stale_since.is_some() => self.waiting.push(request),
            Message::Request(request) => self.answer(request),
            // It was told, not asked.
            Message::Response(_) => {}
        }
    }

    /// Looks at everything anew, tells what is found, and answers what was asked meanwhile.
    fn catch_up(&mut self) {
        self.stale_since = None;
        self.guarded(Session::look);
        for request in std::mem::take(&mut self.waiting) {
            self.answer(request);
        }
        if self.client.asks_for_diagnostics && self.board.has_news() {
            self.client.refresh_diagnostics();
        }
        self.client.refresh_lenses();
    }

    /// Does something; a panic of ours ends that, and nothing else.
    fn guarded(&mut self, work: impl FnOnce(&mut Session)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.show_once(internal_error(&*panic));
        }
    }

    /// Takes in what the editor says.
    fn take_in(&mut self, said: Notification) {
        let changed = match LspNotificationMethod::from(said.method.as_str()) {
            LspNotificationMethod::TextDocumentDidOpen => {
                params(said).is_some_and(|DidOpenTextDocumentParams { text_document: opened }| {
                    self.adopt(&opened.uri);
                    self.documents.open(opened.uri, opened.version, opened.text)
                })
            }
            LspNotificationMethod::TextDocumentDidChange => {
                params(said).is_some_and(|changed: DidChangeTextDocumentParams| {
                    let document = changed.text_document;
                    let uri = document.text_document_identifier.uri;
                    let encoding = self.client.encoding;
                    let changes = changed.content_changes;
                    self.documents.change(&uri, document.version, changes, encoding)
                })
            }
            LspNotificationMethod::TextDocumentDidClose => {
                params(said).is_some_and(|closed: DidCloseTextDocumentParams| {
                    self.documents.close(&closed.text_document.uri)
                })
            }
            LspNotificationMethod::TextDocumentDidSave => {
                self.is_disk_stale |= !self.client.watches_files;
                !self.client.watches_files
            }
            LspNotificationMethod::WorkspaceDidChangeWatchedFiles => {
                self.is_disk_stale = true;
                true
            }
            LspNotificationMethod::WorkspaceDidChangeWorkspaceFolders => {
                params(said).is_some_and(|changed: DidChangeWorkspaceFoldersParams| {
                    for removed in &changed.event.removed {
                        let removed = Folder::of(&removed.uri);
                        self.programs.retain(|(folder, _)| Some(folder) != removed.as_ref());
                    }
                    let added = changed.event.added.iter();
                    let added = added.filter_map(|folder| Folder::of(&folder.uri));
                    self.programs.extend(added.map(|folder| (folder, None)));
                    true
                })
            }
            _ => false,
        };
        if changed {
            self.touch();
        }
    }

    /// Takes the folder of a file for one that is open, where the editor has opened none.
    fn adopt(&mut self, uri: &Uri) {
        let Some(path) = real_path(uri).filter(|_| self.adopts) else { return };
        if self.programs.iter().any(|(folder, _)| folder.holds(&path)) {
            return;
        }
        let folder = path.parent().map(super::uri::of_path);
        let folder = folder.and_then(|uri| Folder::of(&uri));
        self.programs.extend(folder.map(|folder| (folder, None)));
    }

    fn touch(&mut self) {
        self.stale_since.get_or_insert_with(Instant::now);
    }

    /// Looks at all programs, and tells an editor that does not ask what is found.
    fn look(&mut self) {
        let rereads = std::mem::take(&mut self.is_disk_stale);
        let progress = if rereads { self.client.begin("looks at the project") } else { None };
        let mut found: BTreeMap<PathBuf, (Uri, Vec<Diagnostic>)> = BTreeMap::new();
        let mut errors = Vec::new();
        for (folder, program) in &mut self.programs {
            let documents = &self.documents;
            let encoding = self.client.encoding;
            let seen = self.pool.install(|| {
                let mut now = match program.take() {
                    Some(program) if !rereads => program,
                    earlier => Program::read(folder, earlier)?,
                };
                now.look(documents);
                let now = program.insert(now);
                Ok(now.state().map(|state| {
                    let view = View::new(folder, state, documents, encoding);
                    let told = state.incomplete.told(&state.analysis.sources);
                    let by_file = diagnostics::of_program(&view).into_iter();
                    let named = by_file.map(|(path, all)| {
                        let uri = view.uri(&path);
                        (path, (uri, all))
                    });
                    (named.collect::<Vec<_>>(), told.err())
                }))
            });
            match seen {
                Ok(Some((by_file, incomplete))) => {
                    found.extend(by_file);
                    errors.extend(incomplete);
                }
                Ok(None) => {}
                Err(Failure::Pointed(error)) => {
                    let (path, diagnostic) = diagnostics::of_error(&error, encoding);
                    let uri = folder.uri_of(&path);
                    found.entry(path).or_insert((uri, Vec::new())).1.push(diagnostic);
                    errors.push(Failure::Pointed(error));
                }
                Err(failure) => errors.push(failure),
            }
        }
        self.board.put_up(found);
        self.client.end(progress);
        self.shown.retain(|shown| errors.iter().any(|error| error.to_string() == *shown));
        for error in errors {
            self.show_once(error.to_string());
        }
        if !self.client.asks_for_diagnostics {
            self.board.publish(&self.client, &self.documents);
        }
    }

    /// Shows an error, unless it is shown already.
    fn show_once(&mut self, error: String) {
        if !self.shown.contains(&error) {
            self.client.show_error(format!("cache-lint: {error}"));
            self.shown.push(error);
        }
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let answer = if self.is_cancelled(&id) {
            Err(error(ErrorCode::RequestCanceled, "it was cancelled".to_owned()))
        } else {
            let answered = catch_unwind(AssertUnwindSafe(|| self.answer_to(request)));
            answered.unwrap_or_else(|panic| {
                Err(error(ErrorCode::InternalError, internal_error(&*panic)))
            })
        };
        self.client.answer(id, answer);
    }

    fn is_cancelled(&self, id: &RequestId) -> bool {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    fn answer_to(&mut self, request: Request) -> Answer {
        match LspRequestMethod::from(request.method.as_str()) {
            LspRequestMethod::TextDocumentDiagnostic => {
                asked(request).map(|params| json!(self.board.of_document(&params)))
            }
            LspRequestMethod::WorkspaceDiagnostic => {
                asked(request).map(|params| json!(self.board.of_all(&params, &self.documents)))
            }
            LspRequestMethod::TextDocumentCodeAction => {
                asked(request).map(|params| json!(self.actions(&params)))
            }
            LspRequestMethod::TextDocumentHover => {
                asked(request).map(|params| json!(self.hover(&params)))
            }
            LspRequestMethod::TextDocumentCodeLens => {
                asked(request).map(|params| json!(self.lenses(&params)))
            }
            other => {
                let message = format!("`{other}` is not supported");
                Err(error(ErrorCode::MethodNotFound, message))
            }
        }
    }

    fn actions(&mut self, params: &CodeActionParams) -> Option<Vec<CodeActionResponse>> {
        let path = real_path(&params.text_document.uri)?;
        let (client, documents) = (&self.client, &self.documents);
        let owners = self.programs.iter_mut().filter(|(folder, _)| folder.holds(&path));
        let actions = self.pool.install(|| {
            owners
                .filter_map(|(folder, program)| Some((&*folder, program.as_mut()?)))
                .flat_map(|(folder, program)| {
                    actions::actions(params, client, documents, folder, program)
                })
                .map(CodeActionResponse::from)
                .collect()
        });
        Some(actions)
    }

    fn hover(&self, params: &HoverParams) -> Option<Hover> {
        let at = &params.text_document_position_params;
        self.see(&at.text_document.uri, |view, program, path| {
            hover::hover(view, program, path, at.position)
        })
    }

    fn lenses(&self, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
        self.see(&params.text_document.uri, |view, program, path| {
            Some(lens::lenses(view, program, path))
        })
    }

    /// Looks at a file in the first program that says something about it.
    fn see<T: Send>(
        &self,
        uri: &Uri,
        look: impl Fn(&View<'_>, &Program, &Path) -> Option<T> + Sync,
    ) -> Option<T> {
        let path = real_path(uri)?;
        let (documents, encoding) = (&self.documents, self.client.encoding);
        let mut owners = self.programs.iter().filter(|(folder, _)| folder.holds(&path));
        self.pool.install(|| {
            owners.find_map(|(folder, program)| {
                let program = program.as_ref()?;
                let view = View::new(folder, program.state()?, documents, encoding);
                look(&view, program, &path)
            })
        })
    }
}

/// What a notification says; nothing where it is malformed.
fn params<P: DeserializeOwned>(said: Notification) -> Option<P> {
    serde_json::from_value(said.params).ok()
}

/// What a request asks.
fn asked<P: DeserializeOwned>(request: Request) -> Result<P, ResponseError> {
    serde_json::from_value(request.params)
        .map_err(|problem| error(ErrorCode::InvalidParams, problem.to_string()))
}

fn error(code: ErrorCode, message: String) -> ResponseError {
    ResponseError { code: code as i32, message, data: None }
}

/// What is said of a panic.
fn internal_error(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "internal error: {}; this is a bug in cache-lint {}, please report it",
        text.as_deref().unwrap_or("no message"),
        env!("CARGO_PKG_VERSION")
    )
}
