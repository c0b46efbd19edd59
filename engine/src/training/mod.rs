//! How the embedded model is made from nothing: procedural scenes, losses, stages and the trainer.

pub mod scenes;
