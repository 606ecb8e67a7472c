//! Stateful stand-ins for the vendors, written from their published contracts.

pub mod cloudflare;
pub mod github;
pub mod render;
pub mod supabase;
