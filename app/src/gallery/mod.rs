//! The takes of a project: what their files tell, what reviewers decide about them, and what is made of both.

pub mod bitmap;
pub mod blind;
pub mod catalogue;
pub mod chunks;
pub mod decoding;
pub mod entry;
pub mod export;
pub mod facets;
pub mod filter;
pub mod grouping;
#[cfg(test)]
mod hostile;
pub mod light_table;
pub mod listing;
pub mod look;
pub mod mark_writer;
pub mod marks;
pub mod metadata;
pub mod order;
pub mod query;
pub mod ranking;
pub mod recipe_fields;
pub mod search;
pub mod selection;
pub mod underlay;
pub mod xmp;
