//! The editor: what it can do, and the way to it.

use crossbeam_channel::Sender;
use gen_lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeLensOptions, CodeLensRefreshRequest,
    DiagnosticOptions, DiagnosticRefreshRequest, DidChangeWatchedFilesNotification,
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, InitializeResult, MessageType,
    Notification, PositionEncodingKind, ProgressNotification, ProgressParams, ProgressToken,
    Registration, RegistrationParams, RegistrationRequest, Request, ResourceOperationKind,
    SaveOptions, ServerCapabilities, ServerInfo, ShowMessageNotification, ShowMessageParams,
    TextDocumentSyncKind, TextDocumentSyncOptions, WorkDoneProgressBegin,
    WorkDoneProgressCreateParams, WorkDoneProgressCreateRequest, WorkDoneProgressEnd,
    WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};
use lsp_server::{Message, RequestId, Response, ResponseError};
use ruff_source_file::PositionEncoding;
use serde_json::{Value, json};

/// The kind of the action that mends all that is safe to mend in a file.
pub const FIX_ALL: &str = "source.fixAll.cache-lint";

/// What changes on the disk makes a difference.
const WATCHED: &str = "**/{*.py,*.rs,*.sql,*.toml,.gitignore,.ignore}";

/// The editor.
pub struct Client {
    sender: Sender<Message>,
    asked: i32,
    /// How it counts columns.
    pub encoding: PositionEncoding,
    /// Whether it asks for diagnostics, instead of being told of them.
    pub asks_for_diagnostics: bool,
    /// Whether it tells of changes on the disk.
    pub watches_files: bool,
    /// Whether it takes edits of documents of some version.
    pub takes_versions: bool,
    /// Whether it makes files where an edit says so.
    pub makes_files: bool,
    refreshes_diagnostics: bool,
    refreshes_lenses: bool,
    shows_progress: bool,
}

impl Client {
    /// An editor at the other end of a channel.
    pub fn new(sender: Sender<Message>, can: &ClientCapabilities) -> Client {
        let workspace = can.workspace.as_ref();
        let edits = workspace.and_then(|can| can.workspace_edit.as_ref());
        let watching = workspace.and_then(|can| can.did_change_watched_files.as_ref());
        let refreshing = workspace.and_then(|can| can.diagnostics.as_ref());
        let lenses = workspace.and_then(|can| can.code_lens.as_ref());
        let known = can.general.as_ref().and_then(|can| can.position_encodings.as_ref());
        let counts_bytes = known.is_some_and(|known| known.contains(&PositionEncodingKind::UTF8));
        let makes = |known: &Vec<_>| known.contains(&ResourceOperationKind::Create);
        Client {
            sender,
            asked: 0,
            encoding: if counts_bytes { PositionEncoding::Utf8 } else { PositionEncoding::Utf16 },
            asks_for_diagnostics: can
                .text_document
                .as_ref()
                .is_some_and(|can| can.diagnostic.is_some()),
            watches_files: watching.is_some_and(|can| can.dynamic_registration == Some(true)),
            takes_versions: edits.is_some_and(|can| can.document_changes == Some(true)),
            makes_files: edits
                .is_some_and(|can| can.resource_operations.as_ref().is_some_and(makes)),
            refreshes_diagnostics: refreshing.is_some_and(|can| can.refresh_support == Some(true)),
            refreshes_lenses: lenses.is_some_and(|can| can.refresh_support == Some(true)),
            shows_progress: can
                .window
                .as_ref()
                .is_some_and(|can| can.work_done_progress == Some(true)),
        }
    }

    /// What it can be told of in answer to its `initialize`.
    pub fn hello(&self) -> Value {
        let capabilities = ServerCapabilities {
            position_encoding: Some(match self.encoding {
                PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
                _ => PositionEncodingKind::UTF16,
            }),
            text_document_sync: Some(
                TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(TextDocumentSyncKind::Incremental),
                    save: Some(SaveOptions::default().into()),
                    ..TextDocumentSyncOptions::default()
                }
                .into(),
            ),
            hover_provider: Some(true.into()),
            code_lens_provider: Some(CodeLensOptions::default()),
            code_action_provider: Some(
                CodeActionOptions {
                    code_action_kinds: Some(vec![
                        CodeActionKind::QuickFix,
                        CodeActionKind::from(FIX_ALL.to_owned()),
                    ]),
                    ..CodeActionOptions::default()
                }
                .into(),
            ),
            diagnostic_provider: self.asks_for_diagnostics.then(|| {
                DiagnosticOptions {
                    identifier: Some("cache-lint".to_owned()),
                    inter_file_dependencies: true,
                    workspace_diagnostics: true,
                    ..DiagnosticOptions::default()
                }
                .into()
            }),
            workspace: Some(WorkspaceOptions {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(true.into()),
                }),
                ..WorkspaceOptions::default()
            }),
            ..ServerCapabilities::default()
        };
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        let server_info = Some(ServerInfo { name: "cache-lint".to_owned(), version });
        json!(InitializeResult { capabilities, server_info })
    }

    /// Asks to be told of changes on the disk.
    pub fn watch_files(&mut self) {
        if !self.watches_files {
            return;
        }
        let glob_pattern = WATCHED.to_owned().into();
        let watchers = vec![FileSystemWatcher { glob_pattern, kind: None }];
        let options = DidChangeWatchedFilesRegistrationOptions { watchers };
        let registration = Registration {
            id: "files".to_owned(),
            method: DidChangeWatchedFilesNotification::METHOD.to_string(),
            register_options: Some(json!(options)),
        };
        self.ask::<RegistrationRequest>(RegistrationParams { registrations: vec![registration] });
    }

    /// Has it ask for all diagnostics anew.
    pub fn refresh_diagnostics(&mut self) {
        if self.refreshes_diagnostics {
            self.ask::<DiagnosticRefreshRequest>(());
        }
    }

    /// Has it ask anew for what stands above classes.
    pub fn refresh_lenses(&mut self) {
        if self.refreshes_lenses {
            self.ask::<CodeLensRefreshRequest>(());
        }
    }

    /// Shows an error.
    pub fn show_error(&self, message: String) {
        self.tell::<ShowMessageNotification>(ShowMessageParams {
            kind: MessageType::Error,
            message,
        });
    }

    /// Shows that something takes its time; what comes back ends it.
    pub fn begin(&mut self, message: &str) -> Option<ProgressToken> {
        if !self.shows_progress {
            return None;
        }
        let token = ProgressToken::String(format!("cache-lint {}", self.asked));
        let params = WorkDoneProgressCreateParams { token: token.clone() };
        self.ask::<WorkDoneProgressCreateRequest>(params);
        let begin = WorkDoneProgressBegin {
            title: "cache-lint".to_owned(),
            message: Some(message.to_owned()),
            cancellable: Some(false),
            percentage: None,
        };
        self.progress(token.clone(), json!(begin));
        Some(token)
    }

    /// Shows that it is done.
    pub fn end(&self, token: Option<ProgressToken>) {
        if let Some(token) = token {
            self.progress(token, json!(WorkDoneProgressEnd { message: None }));
        }
    }

    fn progress(&self, token: ProgressToken, value: Value) {
        self.tell::<ProgressNotification>(ProgressParams { token, value });
    }

    /// Answers a request.
    pub fn answer(&self, id: RequestId, response_result: Result<Value, ResponseError>) {
        self.send(Response { id, response_result }.into());
    }

    /// Tells it something.
    pub fn tell<N: Notification>(&self, params: N::Params) {
        self.send(lsp_server::Notification::new(N::METHOD.to_string(), params).into());
    }

    fn ask<R: Request>(&mut self, params: R::Params) {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        self.send(lsp_server::Request::new(id, R::METHOD.to_string(), params).into());
    }

    fn send(&self, message: Message) {
        // An editor that has gone away hears nothing.
        let _ = self.sender.send(message);
    }
}
