//! What pictures tell by themselves: line art, and a proposal for the mask that a person would otherwise paint from nothing.

mod cut;
pub mod hints;
pub mod lines;
pub mod reference_mask;
pub mod region;
