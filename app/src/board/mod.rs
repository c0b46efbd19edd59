//! The swap board: sketches down the side, references across the top, a take for each pair.
//!
//! | file | what is in it |
//! |---|---|
//! | [`card`] | a sketch or a reference with all that the board wants to know of it |
//! | [`layout`] | what stands on the board; undo goes over layouts |
//! | [`editing`] | changes to it |
//! | [`grid`] | the board at work: takes by what made them, cells and their states, what runs next |
//! | [`regions`] | areas enclosed by lines, followed from frame to frame, and how far their colours drift |
//! | [`colors`], [`following`] | parts that were named, where they are in each frame, and that they keep their colours there |
//! | [`timing`] | rows as frames |
//! | [`difference`] | how far two takes are apart, as a picture |
//! | [`shelf`], [`near`] | the takes' pictures: in files, and in memory while they are looked at |
//! | [`index`] | the board in a folder: what its pictures are called, and what lies beside them for other programs |
//! | [`sheet`] | the board as one picture |

pub mod card;
pub mod colors;
pub mod difference;
pub mod editing;
pub mod following;
pub mod grid;
pub mod index;
pub mod layout;
pub mod near;
pub mod regions;
pub mod sheet;
pub mod shelf;
pub mod timing;

pub use card::{ReferenceCard, SketchCard};
pub use grid::{Board, CellTake, Scope, State};
pub use layout::{ColumnId, Layout, Noise, Place, RowId};
