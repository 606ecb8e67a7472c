//! Migrations of a PostgreSQL schema: does the code that runs now keep working
//! against the schema that a change makes (ADR-053 D5)?
