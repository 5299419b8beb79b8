//! One line of the doctor's.

use serde_json::{Value, json};

/// What was looked at, and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Check {
    name: &'static str,
    outcome: Outcome,
    said: String,
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    /// Could not be looked at.
    Skipped,
    Warning,
    /// The configuration has to change.
    Wrong,
    /// Something does not answer, or not as it should.
    Unreachable,
}

impl Check {
    pub(super) fn ok(name: &'static str, said: impl Into<String>) -> Self {
        Self::new(name, Outcome::Ok, said)
    }

    pub(super) fn skipped(name: &'static str, said: impl Into<String>) -> Self {
        Self::new(name, Outcome::Skipped, said)
    }

    pub(super) fn warning(name: &'static str, said: impl Into<String>) -> Self {
        Self::new(name, Outcome::Warning, said)
    }

    pub(super) fn wrong(name: &'static str, said: impl Into<String>) -> Self {
        Self::new(name, Outcome::Wrong, said)
    }

    pub(super) fn unreachable(name: &'static str, said: impl Into<String>) -> Self {
        Self::new(name, Outcome::Unreachable, said)
    }

    fn new(name: &'static str, outcome: Outcome, said: impl Into<String>) -> Self {
        Self {
            name,
            outcome,
            said: said.into(),
            fix: None,
        }
    }

    /// What a person can do about it.
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(super) fn is_fine(&self) -> bool {
        matches!(self.outcome, Outcome::Ok | Outcome::Warning)
    }

    /// As everywhere: 2 wrong configuration, 4 unreachable; 1 is a warning.
    pub(super) fn exit_code(&self) -> u8 {
        match self.outcome {
            Outcome::Ok | Outcome::Skipped => 0,
            Outcome::Warning => 1,
            Outcome::Wrong => 2,
            Outcome::Unreachable => 4,
        }
    }

    fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Ok => "ok",
            Outcome::Skipped => "skipped",
            Outcome::Warning => "warning",
            Outcome::Wrong | Outcome::Unreachable => "failure",
        }
    }

    pub(super) fn text(&self) -> String {
        let said = self.said.trim_end().replace('\n', "\n        ");
        let mut text = format!("{:<8}{}: {said}\n", self.word(), self.name);
        if let Some(fix) = &self.fix {
            text += &format!("        → {fix}\n");
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "check": self.name,
            "status": self.word(),
            "message": self.said,
            "fix": self.fix,
        })
    }
}
