//! From a document to a request, and from a take to a file.

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
