//! How hard the person presses, kept from one run of the program to the next.

use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::{Session, kept};
use crate::pen::PressureCurve;

impl Session {
    /// Keeps the curve of pressure in `file` from now on, and takes over what is there.
    pub fn remember_pen(&mut self, file: PathBuf) {
        self.pen_file = Some(file.clone());
        self.kept.run(move || {
            let curve = read(&file).transpose()?;
            Some(Answer::of(curve, |session, curve| session.pen.set_curve(curve)))
        });
    }

    /// This curve counts from now on.
    pub fn set_pressure_curve(&mut self, curve: PressureCurve) {
        self.pen.set_curve(curve);
        let Some(file) = self.pen_file.clone() else { return };
        let curve = self.pen.curve();
        self.kept.run(move || {
            let error = kept::store(&file, &curve).err()?;
            let file = file.display();
            Some(Answer::Failed(format!(
                "The pen's settings cannot be kept in {file}: {error}. They hold until the program ends."
            )))
        });
    }
}

/// The curve of a file, if there is one; what is wrong with it is told.
fn read(file: &Path) -> Result<Option<PressureCurve>, String> {
    kept::load(file).map_err(|reason| {
        let file = file.display();
        format!("The pen's settings in {file} cannot be read: {reason}. The defaults hold; what you change writes the file anew.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_and_what_is_wrong_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pen.ron");
        assert_eq!(read(&file), Ok(None), "there is nothing yet");
        let curve = PressureCurve {
            softness: 0.5,
            ..PressureCurve::default()
        };
        kept::store(&file, &curve).unwrap();
        assert_eq!(read(&file), Ok(Some(curve)));
        kept::write(&file, "(softness: soft)").unwrap();
        assert!(read(&file).unwrap_err().contains("pen.ron cannot be read"));
    }
}
