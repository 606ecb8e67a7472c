//! PostgreSQL: connections, addresses that are diagnosed before anything is
//! sent, errors that say what to do, and the deployment ledger.
