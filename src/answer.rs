//! What a run has to say about a program, apart from how it is written down.

use serde::{Deserialize, Serialize};

use crate::fix::Fix;
use crate::graph::Summary;
use crate::rules::Finding;

/// What a run has to say about a program.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// What to report, in order.
    pub findings: Vec<Finding>,
    /// What can be done about each of them; nothing where that is not asked.
    pub fixes: Vec<Option<Fix>>,
    /// How many findings a comment hides.
    pub hidden: usize,
    /// What was analysed, and how much of it is covered.
    pub summary: Summary,
}
