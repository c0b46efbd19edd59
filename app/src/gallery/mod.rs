//! The takes of a project: what their files tell, what reviewers decide about them, and what is made of both.
//!
//! | files | what is in them |
//! |---|---|
//! | [`chunks`], [`metadata`], [`underlay`], [`xmp`] | what lies in a picture's file beside its pixels: recipe, colour under the lines, ratings |
//! | [`entry`], [`recipe_fields`], [`marks`] | one picture: what its file tells, and what a reviewer decides about it |
//! | [`listing`], [`catalogue`], [`facets`] | the pictures of a folder, kept up with its files, and counted |
//! | [`search`], [`filter`], [`order`], [`grouping`], [`query`] | which of them show, and in which order |
//! | [`selection`], [`light_table`], [`mark_writer`] | what is chosen; decisions with the way back; how they come into the files |
//! | [`look`], [`decoding`], [`bitmap`] | what of a picture shows, decoded and made ready for the GPU |
//! | [`blind`], [`ranking`] | blind reviews, and what their votes come to |
//! | [`export`] | contact sheets, tables, copies |

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
#[cfg(test)]
mod test_hostile;
pub mod underlay;
pub mod xmp;
