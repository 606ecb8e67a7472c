//! The primitive against a real PostgreSQL, and its executable as a step runs it.

mod executable;
mod records;
mod refusals;
mod way_back;
mod world;
