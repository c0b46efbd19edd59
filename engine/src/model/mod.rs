//! The networks: one a file, struct fields named as in the published checkpoints. Nothing here knows files, threads or checkpoints.

pub mod config;
