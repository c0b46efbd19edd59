//! Sentences about a run.

use engine::training::Target;
use engine::training::folder::Count;

/// How many pictures there are for what.
pub fn counted(count: Count) -> String {
    format!("{} pictures to train on, {} to measure on", count.trained, count.held_out)
}

/// What is made for pictures that lack it; nothing where they lack nothing.
pub fn made(count: Count) -> Option<String> {
    match (count.without_sketch, count.without_mask) {
        (0, 0) => None,
        (sketches, masks) => Some(format!("{sketches} sketches are extracted and {masks} masks proposed")),
    }
}

/// What is trained, as the window calls it.
pub const fn target(target: Target) -> &'static str {
    match target {
        Target::Foreground => "Figure",
        Target::Background => "Background",
        Target::Both => "Both",
        Target::Base => "Whole model",
    }
}
