//! What callers changed through the API, in order.

use std::time::SystemTime;

/// One change that a request made; reads and refused requests make none.
///
/// Values of variables are left out, so that a list of effects may be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When, by the twin's clock.
    pub at: SystemTime,
    /// The service, or the env group, that changed.
    pub target: String,
    /// What changed.
    pub change: Change,
}

/// The kinds of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A service was created.
    ServiceCreated,
    /// A service was patched.
    ServiceUpdated,
    /// A service was deleted.
    ServiceDeleted,
    /// A service was suspended.
    Suspended,
    /// A service was resumed.
    Resumed,
    /// A service was restarted.
    Restarted,
    /// A deploy was asked for.
    DeployTriggered {
        /// The deploy; `None` when the answer was an empty 202.
        deploy: Option<String>,
    },
    /// A rollback was asked for.
    RolledBack {
        /// The new deploy.
        deploy: String,
    },
    /// A deploy was cancelled.
    DeployCanceled {
        /// The deploy.
        deploy: String,
    },
    /// A service's variable was set.
    VariableSet {
        /// Its name.
        key: String,
    },
    /// A service's variable was deleted.
    VariableDeleted {
        /// Its name.
        key: String,
    },
    /// All variables of a service were replaced.
    VariablesReplaced {
        /// The names that are left, in the order given.
        keys: Vec<String>,
    },
    /// A variable of an env group was set.
    GroupVariableSet {
        /// Its name.
        key: String,
    },
    /// A service was linked to an env group.
    GroupLinked {
        /// The service.
        service: String,
    },
    /// A service was unlinked from an env group.
    GroupUnlinked {
        /// The service.
        service: String,
    },
}
