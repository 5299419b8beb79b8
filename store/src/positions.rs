//! Where sources stand: application transactions of the table `events`.

use deltalake_core::kernel::{Action, Transaction};

/// A step of one source, such as a topic partition, that the lake takes in the
/// same commit as what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The source's name; the ID of the application transaction.
    pub source: String,
    /// Where the source stood when reading began; `None` at the very beginning.
    pub from: Option<i64>,
    /// Where it stands now: the next offset to read.
    pub to: i64,
}

impl Advance {
    pub(crate) fn action(&self) -> Action {
        Action::Txn(Transaction {
            app_id: self.source.clone(),
            version: self.to,
            last_updated: None,
        })
    }
}
