//! schema-merge against twins.
