//! Copies of pictures, with their sidecars and their times.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picture::{numbered, replace_file};

use super::{ExportError, failed};
use crate::files::Meter;
use crate::gallery::entry::{Entry, sidecar};

/// Copies pictures into a folder, each whole or not at all. Nothing is overwritten: where a name is taken by another picture, or by one about which something
/// else was decided, the copy is numbered. A picture that is there already is not copied again. The copies' paths.
pub fn make(entries: &[Arc<Entry>], to: &Path, meter: &Meter) -> Result<Vec<PathBuf>, ExportError> {
    fs::create_dir_all(to).map_err(|source| failed(to, source))?;
    let mut made = Vec::new();
    for entry in entries {
        let copied = copy(&entry.path, to).map_err(|source| ExportError::Copy {
            path: entry.path.clone(),
            source,
        });
        made.push(copied?);
        meter.step()?;
    }
    Ok(made)
}

fn copy(path: &Path, to: &Path) -> io::Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let beside = sidecar(path);
    let mut places = numbered(&stem, "", "-").map(|name| to.join(name + ".png"));
    let place = loop {
        let place = places.next().expect("there is no end of numbers");
        match (place.exists(), sidecar(&place)) {
            (false, None) => break place,
            (true, theirs) if same(path, &place)? && same_or_none(beside.as_deref(), theirs.as_deref())? => return Ok(place),
            _ => {}
        }
    };
    let modified = fs::metadata(path)?.modified()?;
    replace_file(&place, |file| {
        io::copy(&mut File::open(path)?, file)?;
        // When it was made is part of what it says; what is written after this would change it again.
        file.flush()?;
        file.get_ref().set_modified(modified)
    })?;
    if let Some(beside) = beside {
        let copied = replace_file(&place.with_extension("xmp"), |file| {
            io::copy(&mut File::open(beside)?, file).map(drop)
        });
        // Without it, the copy would say nothing of what was decided.
        copied.inspect_err(|_| drop(fs::remove_file(&place)))?;
    }
    Ok(place)
}

/// Whether there are two files that hold the same bytes, or neither.
fn same_or_none(a: Option<&Path>, b: Option<&Path>) -> io::Result<bool> {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => Ok(true),
        _ => Ok(false),
    }
}

/// Whether two files hold the same bytes.
fn same(a: &Path, b: &Path) -> io::Result<bool> {
    Ok(fs::metadata(a)?.len() == fs::metadata(b)?.len() && fs::read(a)? == fs::read(b)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::export::tests::entry;

    #[test]
    fn copies_overwrite_nothing_and_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, to) = (folder.path().join("shot"), folder.path().join("picked"));
        fs::create_dir(&inside).unwrap();
        let entries = [
            entry(&folder.path().join("a.png"), 1, ""),
            entry(&inside.join("a.png"), 2, ""),
        ];
        fs::write(inside.join("a.xmp"), "<x/>").unwrap();
        let made = make(&entries, &to, &Meter::default()).unwrap();
        assert_eq!(made, [to.join("a.png"), to.join("a-2.png")]);
        for (copy, entry) in made.iter().zip(&entries) {
            assert_eq!(fs::read(copy).unwrap(), fs::read(&entry.path).unwrap());
            let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
            assert_eq!(time(copy), time(&entry.path));
        }
        assert!(to.join("a-2.xmp").exists() && !to.join("a.xmp").exists());
        assert_eq!(make(&entries, &to, &Meter::default()).unwrap(), made);
        assert_eq!(fs::read_dir(&to).unwrap().count(), 3);
    }

    #[test]
    fn a_picture_and_its_sidecar_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("picked");
        let entries = [entry(&folder.path().join("a.png"), 1, "")];
        assert_eq!(make(&entries, &to, &Meter::default()).unwrap(), [to.join("a.png")]);
        // Decided since, beside the picture.
        fs::write(folder.path().join("a.png.xmp"), "<since/>").unwrap();
        for _ in 0..2 {
            assert_eq!(make(&entries, &to, &Meter::default()).unwrap(), [to.join("a-2.png")]);
        }
        assert_eq!(fs::read_to_string(to.join("a-2.xmp")).unwrap(), "<since/>");
        // A sidecar of somebody else's, whose picture is elsewhere.
        fs::write(to.join("b.xmp"), "<theirs/>").unwrap();
        let entries = [entry(&folder.path().join("b.png"), 2, "")];
        assert_eq!(make(&entries, &to, &Meter::default()).unwrap(), [to.join("b-2.png")]);
        assert_eq!(fs::read_to_string(to.join("b.xmp")).unwrap(), "<theirs/>");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 5);
    }
}
