//! What Render allows, so that callers can stay below it.

/// Rows on one page of a list, at most (Render's API reference, pagination; the
/// default is 20). A page with fewer rows than asked for is the last one.
pub const PAGE: usize = 100;

/// Lists are read up to this many pages; no service has 2,000 variables or
/// domains, and a list must not be able to keep a job busy for ever.
pub const PAGES: usize = 20;

/// Reads a minute, by everything that uses the same key (Render's API
/// reference, rate limiting).
pub const READS_PER_MINUTE: u32 = 400;

/// Deploys a minute and service; changing, suspending and resuming the service
/// and its deploy hook share them (Render's API reference, rate limiting).
pub const DEPLOYS_PER_MINUTE: u32 = 10;

/// All other writes a minute, such as variables (Render's API reference, rate
/// limiting; recorded answers allowed up to 100).
pub const OTHER_WRITES_PER_MINUTE: u32 = 30;
