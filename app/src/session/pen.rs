//! How hard the person presses, kept from one run of the program to the next.

use std::path::{Path, PathBuf};

use super::filing::Answer;
use super::{Session, kept};
use crate::pen::PressureCurve;

impl Session {
    /// Keeps the curve of pressure in `file` from now on, and takes over what is there.
    pub fn remember_pen(&mut self, file: PathBuf) {
        self.pen_file = Some(file.clone());
        self.kept.run(move || read(&file));
    }

    /// This curve counts from now on.
    pub fn set_pressure_curve(&mut self, curve: PressureCurve) {
        self.pen.set_curve(curve);
        let Some(file) = self.pen_file.clone() else { return };
        let curve = self.pen.curve();
        self.kept.run(move || {
            let text = ron::to_string(&curve).map_err(std::io::Error::other);
            let error = text.and_then(|text| kept::write(&file, &text)).err()?;
            let file = file.display();
            Some(Answer::Failed(format!(
                "The pen's settings cannot be kept in {file}: {error}. They hold until the program ends."
            )))
        });
    }
}

/// The curve of a file, if there is one; what is wrong with it is told.
fn read(file: &Path) -> Option<Answer> {
    let text = match kept::read(file) {
        Ok(text) => text?,
        Err(error) => return Some(unreadable(file, &error.to_string())),
    };
    Some(match ron::from_str(&text) {
        Ok(curve) => Answer::Pen(curve),
        Err(error) => unreadable(file, &error.to_string()),
    })
}

fn unreadable(file: &Path, reason: &str) -> Answer {
    let file = file.display();
    Answer::Failed(format!(
        "The pen's settings in {file} cannot be read: {reason}. The defaults hold; what you change writes the file anew."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_and_what_is_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pen.ron");
        assert!(read(&file).is_none(), "there is nothing yet");
        let curve = PressureCurve {
            softness: 0.5,
            ..PressureCurve::default()
        };
        kept::write(&file, &ron::to_string(&curve).unwrap()).unwrap();
        assert!(matches!(read(&file), Some(Answer::Pen(read)) if read == curve));
        kept::write(&file, "(softness: soft)").unwrap();
        assert!(matches!(read(&file), Some(Answer::Failed(words)) if words.contains("pen.ron cannot be read")));
    }
}
