//! The takes of a project.

pub mod metadata;
