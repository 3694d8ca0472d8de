//! What a rule found, with the evidence for it.
//!
//! A finding knows neither a terminal nor a wire format, and holds no reference into the graph.

use serde::{Deserialize, Serialize};

use super::{Remedy, Rule, Stub};
use crate::source::Location;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Off unless selected.
    Info,
    /// Probably stale data.
    Warning,
    /// Stale data.
    Error,
}

/// How sure the engine is of every step behind a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A step was guessed.
    Low,
    /// One step holds by convention only.
    Medium,
    /// Every step was resolved.
    High,
}

/// One way a row can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WritePath {
    /// A new row is saved.
    Create,
    /// A row is saved again.
    Update,
    /// An instance is deleted.
    Delete,
    /// A queryset is deleted.
    QuerysetDelete,
    /// A row is deleted with the one it points to.
    Cascade,
    /// A foreign key is emptied, or left dangling, when its target is deleted.
    SetNullCascade,
    /// A row is moved to another parent.
    Move,
    /// A many-to-many relation is edited.
    M2mChange,
    /// A row of a through model is written.
    ThroughWrite,
    /// Columns of many rows are changed by one statement.
    QuerysetUpdate,
    /// Rows are inserted by one statement.
    BulkCreate,
    /// Columns of given rows are changed by one statement.
    BulkUpdate,
    /// Rows are deleted by one statement.
    BulkDelete,
    /// The far side of a foreign key is edited.
    RelatedManager,
    /// An SQL text.
    RawSql,
    /// A migration writes rows.
    DataMigration,
}

/// One step of the proof behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Where the step can be read.
    pub location: Location,
    /// What stands there, as a phrase without a full stop.
    pub message: String,
}

/// One hole in the invalidation of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that reports it.
    #[serde(with = "super::by_code")]
    pub rule: &'static Rule,
    /// How sure the engine is.
    pub confidence: Confidence,
    /// What is wrong, as one sentence without a full stop; identifiers in backticks.
    pub message: String,
    /// The words for the main location itself.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The main location.
    pub location: Location,
    /// The model whose write leaves the entry stale, by dotted module path and class name.
    pub model: Option<String>,
    /// The relation at fault, as `Model.field`.
    pub relation: Option<String>,
    /// The key template or the manager of the entry.
    pub entry: Option<String>,
    /// The write paths left open, sorted.
    pub write_paths: Vec<WritePath>,
    /// The steps that prove it, in order.
    pub evidence: Vec<Evidence>,
    /// What the finding is about by qualified name (a model, a function): with the rule, the model
    /// and the entry it makes the fingerprint, so it must not change when lines move.
    pub subject: String,
    /// What would help, all of it together; nothing where no code can be written for it, and of a finding
    /// that was written down.
    #[serde(skip)]
    pub remedies: Vec<Remedy>,
    /// What can be written where nothing is known that would help.
    #[serde(skip)]
    pub stub: Option<Stub>,
}

impl Finding {
    /// A finding about `subject` at its main location, sure of every step and without evidence yet.
    pub fn new(rule: &'static Rule, location: Location, subject: &str, message: String) -> Finding {
        Finding {
            rule,
            confidence: Confidence::High,
            message,
            label: String::new(),
            help: None,
            location,
            model: None,
            relation: None,
            entry: None,
            write_paths: Vec::new(),
            evidence: Vec::new(),
            subject: subject.to_owned(),
            remedies: Vec::new(),
            stub: None,
        }
    }

    /// What the entries are called that are left stale.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.entry.iter().flat_map(|entry| entry.split(", "))
    }

    /// With the words for the main location itself.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = label.into();
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// With one more thing that would help.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<Option<Remedy>>) -> Finding {
        self.remedies.extend(remedy.into());
        self
    }

    /// With what can be written where nothing is known that would help.
    #[must_use]
    pub fn stub(mut self, stub: Option<Stub>) -> Finding {
        self.stub = stub;
        self
    }

    /// With several more things that would help.
    #[must_use]
    pub fn remedies(mut self, remedies: Vec<Remedy>) -> Finding {
        self.remedies.extend(remedies);
        self
    }

    /// With one more step of the proof.
    #[must_use]
    pub fn step(mut self, location: Location, message: impl Into<String>) -> Finding {
        self.evidence.push(Evidence { location, message: message.into() });
        self
    }
}
