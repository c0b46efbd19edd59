//! The folder of models: what is in it, and how files come into it. It knows no window.
//!
//! | file | what it does |
//! |---|---|
//! | [`folder`] | the folder: list, add, remove, verify, find by name |
//! | [`about`] | what is kept beside a model file: licence, source, hash |
//! | [`address`] | what can be fetched: short names, Hugging Face, any web address |
//! | [`hub`] | what Hugging Face says of a file: licence, size, hash |
//! | [`order`] | what is fetched, and under which licence |
//! | `tag` | which process a file belongs to while it comes |
//! | [`download`] | a file from the web, resumed where it broke off, checked, whole or not at all |

use std::ops::ControlFlow;

pub mod about;
pub mod address;
pub mod download;
pub mod folder;
pub mod hub;
pub mod order;
mod tag;

pub use about::About;
pub use folder::{Entry, Folder, FolderError};
pub use order::{Order, OrderError};

/// Asked now and then while something is done whether it is still wanted.
pub type Observer<'a> = dyn FnMut() -> ControlFlow<()> + 'a;
