//! From a document, or from pictures on disk, to a request; and from a take to its recipe, its lines and its flats. It writes no file.
//!
//! | file | what is in it |
//! |---|---|
//! | [`request`], [`settings`] | a document as a request, and the settings that it keeps for the next one |
//! | [`pictures`], [`proposal`], `line_art` | pictures on disk with what belongs to them; masks that they propose; a drawing as lines and what is between them |
//! | [`words`] | whether prompts can be read |
//! | [`engine`], [`jobs`], [`live`] | what the window needs of the engine; the jobs under way; when a generation begins by itself |
//! | [`recipe`], [`recall`] | what determines a result; its images, found again |
//! | [`compose`] | the lines over the colour |
//! | [`flats`] | a take as flat colours on layers |

pub mod compose;
pub mod engine;
pub mod flats;
pub mod jobs;
mod line_art;
pub mod live;
pub mod pictures;
pub mod proposal;
pub mod recall;
pub mod recipe;
pub mod request;
pub mod settings;
pub mod words;
