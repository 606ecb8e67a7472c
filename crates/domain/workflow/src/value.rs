//! The values that expressions compute.
