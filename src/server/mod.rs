//! The command `server`: answers an editor over the Language Server Protocol.
//!
//! One thread hears what the editor says, so that it knows of a shutdown and of what is cancelled at any time. All
//! else goes to a session, which looks at the programs and answers in the order in which it is asked.

mod actions;
mod board;
mod client;
mod diagnostics;
mod documents;
mod hover;
mod lens;
mod lines;
mod program;
mod session;
mod uri;
mod view;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::unbounded;
use gen_lsp_types::{
    CancelNotification, CancelParams, ExitNotification, Id, InitializeParams, Notification as _,
    Request as _, ShutdownRequest,
};
use lsp_server::{Connection, ErrorCode, Message, RequestId, Response};
use rayon::ThreadPool;

use crate::Status;
use crate::failure::Failure;
use client::Client;
use session::Session;

/// Answers an editor until it leaves; looks at programs with the threads of `pool`.
///
/// # Errors
/// Where the other side does not speak the protocol.
pub fn server(pool: ThreadPool) -> Result<Status, Failure> {
    // The threads behind it end with the program.
    let (connection, _) = Connection::stdio();
    serve(&connection, pool)
}

/// Requests that the editor does not wait for any more.
type Cancelled = Arc<Mutex<HashSet<RequestId>>>;

fn serve(connection: &Connection, pool: ThreadPool) -> Result<Status, Failure> {
    let no_protocol = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("the editor does not speak the Language Server Protocol: {error}"))
    };
    let (id, params) = connection.initialize_start().map_err(|error| no_protocol(&error))?;
    let params: InitializeParams =
        serde_json::from_value(params).map_err(|error| no_protocol(&error))?;
    let client = Client::new(connection.sender.clone(), &params.capabilities);
    let hello = client.hello();
    connection.initialize_finish(id, hello).map_err(|error| no_protocol(&error))?;
    let cancelled = Cancelled::default();
    let session = Session::new(client, &params, pool, Arc::clone(&cancelled));
    let (sender, messages) = unbounded();
    let worker = thread::Builder::new().name("session".to_owned());
    worker
        .spawn(move || session.run(&messages))
        .map_err(|error| Failure::usage(format!("cannot start threads: {error}")))?;
    for message in &connection.receiver {
        match message {
            Message::Request(request) if request.method == ShutdownRequest::METHOD.as_str() => {
                return Ok(leave(connection, request.id));
            }
            Message::Notification(said) if said.method == ExitNotification::METHOD.as_str() => {
                break;
            }
            Message::Notification(said) if said.method == CancelNotification::METHOD.as_str() => {
                if let Ok(CancelParams { id }) = serde_json::from_value(said.params) {
                    let id = match id {
                        Id::Int(id) => id.into(),
                        Id::String(id) => id.into(),
                    };
                    cancelled.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                }
            }
            message => sender.send(message).map_err(|_| Failure::Panicked)?,
        }
    }
    Ok(Status::Findings)
}

/// Agrees to a shutdown, and waits for the end.
fn leave(connection: &Connection, id: RequestId) -> Status {
    // Where the editor has gone already, nobody waits for an answer.
    let _ = connection.sender.send(Response::new_ok(id, ()).into());
    for message in &connection.receiver {
        match message {
            Message::Notification(said) if said.method == ExitNotification::METHOD.as_str() => {
                return Status::Clean;
            }
            Message::Request(request) => {
                let code = ErrorCode::InvalidRequest as i32;
                let refused = Response::new_err(request.id, code, "it is shutting down".to_owned());
                let _ = connection.sender.send(refused.into());
            }
            _ => {}
        }
    }
    Status::Clean
}
