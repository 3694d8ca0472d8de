//! An editor at the other end of `cache-lint server`.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Message>,
    asked: i32,
    /// What was told and nobody has looked at, in order.
    told: Vec<Notification>,
    /// What the server has asked for.
    pub requests: Vec<Request>,
}

impl Editor {
    /// Starts the server and says hello to it.
    pub fn open(folder: &Path, capabilities: Value) -> Editor {
        let mut editor = Editor::start();
        let folders = json!([{ "uri": uri(folder), "name": "it" }]);
        let params = json!({
            "processId": null, "rootUri": uri(folder), "capabilities": capabilities,
            "workspaceFolders": folders,
        });
        editor.ask("initialize", params).expect("it agrees");
        editor.tell("initialized", json!({}));
        editor
    }

    /// Starts the server.
    pub fn start() -> Editor {
        let mut server = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
            .arg("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let output = server.stdout.take().expect("it has an output");
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(Some(message)) = Message::read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = server.stdin.take();
        Editor { server, input, messages, asked: 0, told: Vec::new(), requests: Vec::new() }
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        let id = self.send_request(method, params);
        self.answer(id)
    }

    /// Asks without waiting.
    pub fn send_request(&mut self, method: &str, params: Value) -> i32 {
        self.asked += 1;
        self.send(Request::new(self.asked.into(), method.to_owned(), params).into());
        self.asked
    }

    /// Waits for an answer, or the code of an error.
    pub fn answer(&mut self, id: i32) -> Result<Value, i32> {
        loop {
            match self.next() {
                Message::Response(response) if response.id == id.into() => {
                    return response.response_result.map_err(|error| error.code);
                }
                Message::Response(response) => panic!("nobody asked for {response:?}"),
                other => self.take(other),
            }
        }
    }

    /// The diagnostics that are told of a file next.
    pub fn published(&mut self, file: &Path) -> Vec<Value> {
        let uri = uri(file);
        loop {
            let about = |told: &Notification| {
                told.method == "textDocument/publishDiagnostics" && told.params["uri"] == uri
            };
            if let Some(at) = self.told.iter().position(about) {
                let told = self.told.remove(at);
                return told.params["diagnostics"].as_array().expect("a list").clone();
            }
            let next = self.next();
            self.take(next);
        }
    }

    /// The text of the next message that is shown.
    pub fn shown(&mut self) -> String {
        loop {
            let is_shown = |told: &Notification| told.method == "window/showMessage";
            if let Some(at) = self.told.iter().position(is_shown) {
                let told = self.told.remove(at);
                return told.params["message"].as_str().expect("a text").to_owned();
            }
            let next = self.next();
            self.take(next);
        }
    }

    pub fn open_file(&mut self, file: &Path, text: &str) {
        let document = json!({
            "uri": uri(file), "languageId": "python", "version": 1, "text": text,
        });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Puts another text into a document as a whole.
    pub fn rewrite(&mut self, file: &Path, version: i32, text: &str) {
        let document = json!({ "uri": uri(file), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// What can be done about the lines of a file.
    pub fn actions(&mut self, file: &Path, lines: [u32; 2], only: Value) -> Vec<Value> {
        let at = |line| json!({ "line": line, "character": 0 });
        let range = json!({ "start": at(lines[0]), "end": at(lines[1]) });
        let context = json!({ "diagnostics": [], "only": only });
        let document = json!({ "uri": uri(file) });
        let params = json!({ "textDocument": document, "range": range, "context": context });
        let answer = self.ask("textDocument/codeAction", params).expect("an answer");
        answer.as_array().expect("a list").clone()
    }

    /// Shuts the server down.
    pub fn close(mut self) -> ExitStatus {
        self.ask("shutdown", Value::Null).expect("it agrees");
        self.tell("exit", Value::Null);
        self.server.wait().expect("it ends")
    }

    /// Goes away without a word.
    pub fn vanish(mut self) -> ExitStatus {
        self.input = None;
        self.server.wait().expect("it ends")
    }

    /// Waits for the server to end.
    pub fn wait(mut self) -> ExitStatus {
        self.server.wait().expect("it ends")
    }

    fn send(&mut self, message: Message) {
        let input = self.input.as_mut().expect("it is there");
        message.write(input).expect("it listens");
    }

    fn next(&mut self) -> Message {
        self.messages.recv_timeout(PATIENCE).expect("the server says something")
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Notification(told) => self.told.push(told),
            Message::Request(request) => {
                self.send(Response::new_ok(request.id.clone(), Value::Null).into());
                self.requests.push(request);
            }
            Message::Response(response) => panic!("nobody asked for {response:?}"),
        }
    }
}

/// The URI of a file.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.canonicalize().as_deref().unwrap_or(path).display())
}
