//! The runs that are kept, each in a folder of its own.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use engine::training::tune::Kept;
use picture::{numbered, plain_name};

use crate::session::answer::Answer;
use crate::session::{Session, sentence};

impl Session {
    /// Keeps runs in this folder from now on.
    pub fn keep_training_in(&mut self, folder: PathBuf) {
        self.training.folder = Some(folder);
    }

    /// Where runs are kept; none where the system has no place for a program's data.
    pub fn training_folder(&self) -> Option<&Path> {
        self.training.folder.as_deref()
    }

    /// The runs that are kept, as they were when this was last looked at.
    pub fn kept_runs(&self) -> &[Kept] {
        &self.training.kept
    }

    /// Looks for kept runs, away from the window.
    pub fn look_for_runs(&mut self) {
        let Some(folder) = self.training.folder.clone() else {
            self.training.trouble = Some("This system has no place for a program's data: set XDG_DATA_HOME or HOME.".to_owned());
            return;
        };
        self.files.run(move || {
            let found = Kept::find(&folder).map_err(|error| sentence(&error));
            Some(Answer::new(move |session| session.receive_runs(found)))
        });
    }

    fn receive_runs(&mut self, found: Result<Vec<Kept>, String>) {
        let desk = &mut self.training;
        match found {
            Ok(kept) => {
                desk.kept = kept;
                desk.trouble = None;
            }
            Err(error) => desk.trouble = Some(error),
        }
    }

    /// Goes on with a kept run from its last checkpoint.
    pub fn resume_training(&mut self, kept: &Kept) {
        self.begin_training(kept.out.clone(), kept.tuning.clone());
    }
}

/// A name that no kept run has: the one that was given, or with a number.
pub(super) fn free_name(wanted: &str, kept: &[Kept]) -> String {
    let wanted = match wanted.trim() {
        empty if empty.trim_matches([' ', '.']).is_empty() => "training".to_owned(),
        name => plain_name(name),
    };
    // To some systems it is the same in other letters.
    let folders = kept.iter().filter_map(|run| run.out.file_name());
    let taken: HashSet<String> = folders.map(|name| name.to_string_lossy().to_lowercase()).collect();
    numbered(&wanted, "", " ")
        .find(|name| !taken.contains(&name.to_lowercase()))
        .expect("there is no end of numbers")
}

#[cfg(test)]
mod tests {
    use engine::training::{Target, Tuning};

    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_one_that_leads_elsewhere_does_not() {
        let kept = |name: &str| Kept {
            out: Path::new("root").join(name),
            tuning: Tuning::new(PathBuf::new(), Target::Foreground),
            state: None,
            outcome: None,
        };
        let runs = [kept("mine"), kept("mine 2")];
        assert_eq!(free_name("mine", &runs), "mine 3");
        assert_eq!(
            free_name("Mine", &runs),
            "Mine 3",
            "some systems tell no capitals from small letters"
        );
        assert_eq!(free_name("yours", &runs), "yours");
        assert_eq!(free_name("../a", &runs), ".. a");
        assert_eq!(free_name(" .. ", &runs), "training");
        assert_eq!(free_name("a: b?", &runs), "a  b");
    }
}
