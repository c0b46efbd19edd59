//! The keys of commands, kept from one run of the program to the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answer::Answer;
use super::{Session, kept};
use crate::command::Keymap;

/// The keys that count.
#[derive(Default)]
pub(super) struct Keys {
    /// Where they are kept; none: nowhere.
    file: Option<PathBuf>,
    keymap: Arc<Keymap>,
}

impl Session {
    /// Keeps the keys in `file` from now on, and takes over what is there.
    pub fn remember_keys(&mut self, file: PathBuf) {
        self.keys.file = Some(file.clone());
        self.kept.run(move || {
            let (keymap, trouble) = read(&file);
            Some(Answer::new(move |session| session.receive_keys(keymap, trouble)))
        });
    }

    /// `trouble`: what is wrong with their file.
    fn receive_keys(&mut self, keymap: Keymap, trouble: Option<String>) {
        self.keys.keymap = Arc::new(keymap);
        trouble.into_iter().for_each(|words| self.warn(words));
    }

    pub fn keymap(&self) -> &Arc<Keymap> {
        &self.keys.keymap
    }

    /// These keys count from now on.
    pub fn set_keymap(&mut self, keymap: Keymap) {
        let text = keymap.to_ron();
        self.keys.keymap = Arc::new(keymap);
        let Some(file) = self.keys.file.clone() else { return };
        self.kept.run(move || {
            let error = kept::write(&file, &text).err()?;
            let file = file.display();
            Some(Answer::Failed(format!(
                "The keys cannot be kept in {file}: {error}. They hold until the program ends."
            )))
        });
    }
}

/// The keys of a file; what is wrong with it is told.
fn read(file: &Path) -> (Keymap, Option<String>) {
    let text = match kept::read(file) {
        Ok(Some(text)) => text,
        Ok(None) => return (Keymap::default(), None),
        Err(error) => return unreadable(file, &error.to_string()),
    };
    match Keymap::from_ron(&text) {
        Ok((keymap, strange)) => {
            let words = |strange: &[String]| {
                let file = file.display();
                format!("{file} contains unknown keys or commands: {}.", strange.join(", "))
            };
            (keymap, (!strange.is_empty()).then(|| words(&strange)))
        }
        Err(error) => unreadable(file, &error.to_string()),
    }
}

fn unreadable(file: &Path, reason: &str) -> (Keymap, Option<String>) {
    let file = file.display();
    let words =
        format!("The keys in {file} cannot be read: {reason}. The defaults hold; a key that you change writes the file anew.");
    (Keymap::default(), Some(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Chord, Command};

    #[test]
    fn what_was_kept_is_read_and_what_is_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state").join("keys.ron");
        let read = || read(&file);
        assert_eq!(read(), (Keymap::default(), None));
        let mut keymap = Keymap::default();
        keymap.assign(Command::SelectBrush, Chord::parse("N"));
        kept::write(&file, &keymap.to_ron()).unwrap();
        assert_eq!(read(), (keymap, None));
        kept::write(&file, "{\"Fly\": \"F\"}").unwrap();
        assert!(read().1.unwrap().contains("Fly: F"));
        kept::write(&file, "{").unwrap();
        let (keymap, trouble) = read();
        assert_eq!(keymap, Keymap::default());
        assert!(trouble.unwrap().contains("keys.ron cannot be read"));
    }
}
