//! The swap board: sketches down the side, references across the top, a take for each pair.
//!
//! | file | what is in it |
//! |---|---|
//! | [`sheet`] | the board as one picture |

pub mod sheet;
