//! How a run went, for the person and for whoever started it.

use std::path::Path;

use crate::cli::BadInput;

/// What became of the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub finished: usize,
    /// Whole already.
    pub skipped: usize,
    /// Somebody else's.
    pub left_alone: usize,
    /// Other processes are at them.
    pub elsewhere: usize,
    pub failed: usize,
    /// Of the failed, those whose files or settings were at fault.
    pub failed_input: usize,
    /// Not begun, or not ended, when the device was gone.
    pub untried: usize,
}

impl Summary {
    /// Whether every picture is there now.
    pub fn is_complete(&self) -> bool {
        self.elsewhere == 0 && self.failed == 0 && self.untried == 0
    }

    /// Says how it went on stderr; an error if some pictures failed.
    pub fn conclude(&self, out: &Path) -> anyhow::Result<()> {
        let mut words = vec![format!("{} made", self.finished)];
        for (count, what) in [
            (self.skipped, "were whole"),
            (self.left_alone, "were left alone"),
            (self.elsewhere, "left to other processes"),
            (self.failed, "failed"),
            (self.untried, "left out, as the device is gone"),
        ] {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        }
        eprintln!("{}: {}", out.display(), words.join(", "));
        match (self.failed, self.failed - self.failed_input) {
            (0, _) => Ok(()),
            (failed, _) if self.untried > 0 => Err(anyhow::anyhow!(
                "{} are not made, as the device is gone: run this again when it is back",
                failed + self.untried
            )),
            (failed, 0) => Err(BadInput(format!(
                "{failed} could not be made; mend what is named above and run this again"
            ))
            .into()),
            (failed, _) => Err(anyhow::anyhow!(
                "{failed} could not be made; run this again to try only those"
            )),
        }
    }
}
