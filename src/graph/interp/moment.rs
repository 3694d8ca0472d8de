//! Where a run stands in the writes that it follows, and which of that a call depends on.
//!
//! A call that asks nothing of the moment does the same at any; one that does is followed again only
//! where an answer would be another one.

use crate::frameworks::Event;
use crate::graph::ids::ClassId;

/// How many writes deep hooks that write again are followed.
const MAX_WRITES: usize = 3;

/// Where the row whose write is followed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Subject {
    /// No row is followed.
    #[default]
    None,
    /// Not in the database yet.
    New,
    /// In the database since just now, and never loaded.
    Created,
    /// In the database, and about to be saved: what is there may differ.
    Changing,
    /// In the database.
    Saved,
    /// In the database, and about to be deleted in a transaction that goes on: what waits for its end
    /// finds the row deleted.
    Leaving,
    /// Deleted, and no longer pointed to or linked, while receivers still find its primary key.
    Taken,
    /// The same in a transaction that goes on.
    TakenInside,
    /// Deleted: Django has set its primary key to `None`.
    Deleted,
}

impl Subject {
    /// Where a row stands when the receivers run behind its delete.
    pub(super) fn taken(self) -> Subject {
        match self {
            Subject::Saved => Subject::Taken,
            Subject::Leaving => Subject::TakenInside,
            other => other,
        }
    }

    /// Where it stands when the transaction ends.
    pub(super) fn at_commit(self) -> Subject {
        match self {
            Subject::Leaving | Subject::TakenInside => Subject::Deleted,
            other => other,
        }
    }
}

/// The moment, and what the running call has asked of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    subject: Subject,
    /// The writes whose hooks are running, so that a hook that saves again ends.
    dispatching: Vec<(ClassId, Event)>,
    /// How many of them were running when the call was made.
    outer: usize,
    asked: Asked,
}

/// What a call asked of the moment at which it was made, with the answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Where the subject row stood when the call was made.
    subject: Subject,
    /// Whether that mattered, or was changed.
    is_about_subject: bool,
    /// Whether the hooks of a write were running.
    dispatching: Vec<((ClassId, Event), bool)>,
    /// The most writes within the call, one in the other, around one whose hooks were run.
    fitting: Option<usize>,
    /// The fewest around one that was too deep.
    too_deep: Option<usize>,
}

impl Moment {
    /// Where the subject row stands.
    pub(super) fn subject(&mut self) -> Subject {
        self.asked.is_about_subject = true;
        self.subject
    }

    pub(super) fn set_subject(&mut self, subject: Subject) {
        self.asked.is_about_subject = true;
        self.subject = subject;
    }

    /// Starts to run the hooks of a write; `false` where they run already, or too many do.
    pub(super) fn start(&mut self, write: (ClassId, Event)) -> bool {
        let at = self.dispatching.iter().position(|known| *known == write);
        if at.is_none_or(|at| at < self.outer) {
            self.asked.note(write, at.is_some());
        }
        if at.is_some() {
            return false;
        }
        let (before, depth) = (self.dispatching.len(), self.dispatching.len() - self.outer);
        self.asked.note_depth(depth, before < MAX_WRITES);
        if before < MAX_WRITES {
            self.dispatching.push(write);
        }
        before < MAX_WRITES
    }

    /// Ends what was started last.
    pub(super) fn end(&mut self) {
        self.dispatching.pop();
    }

    /// Begins a call; what is handed back is what [`Moment::leave`] needs.
    pub(super) fn enter(&mut self) -> (usize, Asked) {
        let outer = std::mem::replace(&mut self.outer, self.dispatching.len());
        let asked = Asked { subject: self.subject, ..Asked::default() };
        (outer, std::mem::replace(&mut self.asked, asked))
    }

    /// Ends a call: what it asked, and where the subject row stands where that is for it to say.
    pub(super) fn leave(&mut self, (outer, before): (usize, Asked)) -> (Asked, Option<Subject>) {
        let asked = std::mem::replace(&mut self.asked, before);
        self.outer = outer;
        self.ask_again(&asked);
        let subject = asked.is_about_subject.then_some(self.subject);
        (asked, subject)
    }

    /// Whether a call that asked this would get the same answers now.
    pub(super) fn answers(&self, asked: &Asked) -> bool {
        let running = self.dispatching.len();
        (!asked.is_about_subject || asked.subject == self.subject)
            && asked.fitting.is_none_or(|depth| running + depth < MAX_WRITES)
            && asked.too_deep.is_none_or(|depth| running + depth >= MAX_WRITES)
            && asked
                .dispatching
                .iter()
                .all(|(write, runs)| self.dispatching.contains(write) == *runs)
    }

    /// Asks for the running call what a call in it asked.
    pub(super) fn ask_again(&mut self, asked: &Asked) {
        self.asked.is_about_subject |= asked.is_about_subject;
        for (write, runs) in &asked.dispatching {
            let is_own = *runs && self.dispatching[self.outer..].contains(write);
            if !is_own {
                self.asked.note(*write, *runs);
            }
        }
        let within = self.dispatching.len() - self.outer;
        for (depth, fits) in [(asked.fitting, true), (asked.too_deep, false)] {
            if let Some(depth) = depth {
                self.asked.note_depth(depth + within, fits);
            }
        }
    }
}

impl Asked {
    fn note(&mut self, write: (ClassId, Event), runs: bool) {
        if !self.dispatching.contains(&(write, runs)) {
            self.dispatching.push((write, runs));
        }
    }

    fn note_depth(&mut self, depth: usize, fits: bool) {
        if fits {
            self.fitting = self.fitting.max(Some(depth));
        } else {
            self.too_deep = Some(self.too_deep.map_or(depth, |known| known.min(depth)));
        }
    }
}
