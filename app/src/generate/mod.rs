//! From a document to a request, and from a take to a file.

pub mod jobs;
pub mod request;
pub mod settings;
