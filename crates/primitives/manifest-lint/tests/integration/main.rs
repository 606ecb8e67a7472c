//! The real executable, run as a step runs it.
