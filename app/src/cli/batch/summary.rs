//! How a run went, for the person and for whoever started it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::BadInput;

/// What became of the pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub finished: usize,
    /// Whole already.
    pub skipped: usize,
    /// Somebody else's.
    pub left_alone: usize,
    /// Other processes are at them.
    pub elsewhere: usize,
    /// Machine and number of those.
    pub holders: BTreeSet<String>,
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
        let elsewhere = format!("left to other processes{}", named(&self.holders));
        for (count, what) in [
            (self.skipped, "were whole"),
            (self.left_alone, "were left alone"),
            (self.elsewhere, elsewhere.as_str()),
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

/// The first of some processes by their names, in brackets.
fn named(holders: &BTreeSet<String>) -> String {
    const FEW: usize = 3;
    // One that has only just begun has not written its name yet.
    let known: Vec<&str> = holders.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let first = known[..known.len().min(FEW)].join(", ");
    match known.len() {
        0 => String::new(),
        count if count > FEW => format!(" ({first} and {} more)", count - FEW),
        _ => format!(" ({first})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_of_the_other_processes_are_named() {
        let said = |names: &[&str]| named(&names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(said(&[]), "");
        assert_eq!(said(&[""]), "");
        assert_eq!(said(&["node07 4711", "", "node08 9"]), " (node07 4711, node08 9)");
        assert_eq!(said(&["a 1", "b 2", "c 3", "d 4", "e 5"]), " (a 1, b 2, c 3 and 2 more)");
    }
}
