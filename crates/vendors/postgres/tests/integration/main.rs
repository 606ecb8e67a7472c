//! The ledger against a real PostgreSQL.
