//! Decisions into files: into the picture itself, and beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use picture::replace_file;

use super::{Entry, Stamp, inside, iso_8601, read_sidecar, sidecar, sidecars};
use crate::gallery::marks::Marks;
use crate::gallery::{chunks, xmp};

/// Writes all marks: see [`change_marks`].
pub fn write_marks(path: &Path, marks: &Marks) -> io::Result<Entry> {
    change_marks(path, |all| all.clone_from(marks))
}

/// Changes the marks that the picture has now: in it, and in its sidecar where there is one already or the picture cannot take them. Reads the picture again
/// after. Where a sidecar cannot be read nothing is written: what others keep in it would be lost.
pub fn change_marks(path: &Path, change: impl FnOnce(&mut Marks)) -> io::Result<Entry> {
    let stamp = Stamp::of(path)?;
    let found = chunks::read(path)?;
    let beside = sidecar(path).map(Sidecar::read).transpose()?;
    let mut packet = match &beside {
        Some(sidecar) => sidecar.packet.clone(),
        None => inside(&found).unwrap_or_default(),
    };
    change(&mut packet.marks);
    packet.created.get_or_insert_with(|| iso_8601(stamp.time()));
    let taken = takes(path, &found)? && write_inside(path, &found, &packet).is_ok();
    if beside.is_some() || !taken {
        let [own, _] = sidecars(path);
        let (place, old) = beside.map_or((own, None), |sidecar| (sidecar.place, Some(sidecar.xml)));
        let xml = xmp::write(&packet, old.as_deref()).map_err(io::Error::other)?;
        replace_file(&place, |file| io::Write::write_all(file, xml.as_bytes()))?;
    }
    Ok(Entry::read(path.to_owned(), Stamp::of(path)?))
}

/// Whether marks may be written into a picture. A packet that is damaged or longer than metadata would be lost.
fn takes(path: &Path, found: &chunks::Surroundings) -> io::Result<bool> {
    let readonly = fs::metadata(path)?.permissions().readonly();
    Ok(!readonly && !found.unread.iter().any(|keyword| keyword == xmp::KEYWORD))
}

fn write_inside(path: &Path, found: &chunks::Surroundings, packet: &xmp::Packet) -> io::Result<()> {
    let xml = xmp::write(packet, found.text(xmp::KEYWORD)).map_err(io::Error::other)?;
    chunks::replace_text(path, xmp::KEYWORD, &xml)
}

/// A sidecar that is there.
struct Sidecar {
    place: PathBuf,
    xml: String,
    packet: xmp::Packet,
}

impl Sidecar {
    fn read(place: PathBuf) -> io::Result<Self> {
        let read = read_sidecar(&place).and_then(|xml| match xmp::read(&xml) {
            Ok(packet) => Ok((xml, packet)),
            Err(damage) => Err(io::Error::new(io::ErrorKind::InvalidData, damage)),
        });
        match read {
            Ok((xml, packet)) => Ok(Self { place, xml, packet }),
            Err(error) => {
                let words = format!("its sidecar {} cannot be read ({error})", place.display());
                Err(io::Error::new(error.kind(), words))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::marks::{Flag, Label};
    use image::RgbImage;

    fn marks() -> Marks {
        Marks {
            stars: 4,
            flag: Flag::Pick,
            label: Some(Label::Red),
            note: "eyes".to_owned(),
        }
    }

    fn read(path: &Path) -> Entry {
        Entry::read(path.to_owned(), Stamp::of(path).unwrap())
    }

    /// A whole picture in a folder of its own.
    fn picture() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        RgbImage::new(3, 2).save(&path).unwrap();
        (folder, path)
    }

    #[test]
    fn marks_live_in_the_picture() {
        let (folder, path) = picture();
        let before = read(&path);
        let after = write_marks(&path, &marks()).unwrap();
        assert_eq!((after.marks(), after.facts.as_ref().unwrap().size), (Some(&marks()), [3, 2]));
        assert_eq!(read(&path), after);
        assert_eq!(after.day(), before.day(), "rating does not change when it was made");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_picture_that_is_read_only_gets_a_sidecar() {
        let (folder, path) = picture();
        let bytes = fs::read(&path).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(write_marks(&path, &marks()).unwrap().marks(), Some(&marks()));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(folder.path().join("a.xmp").exists());
        assert_ne!(read(&path).stamp.sidecar, 0);
    }

    #[test]
    fn a_packet_that_is_longer_than_metadata_stays_and_the_marks_go_beside_it() {
        let (folder, path) = picture();
        let long = format!("<a>{}</a>", "x".repeat(chunks::MAX_TEXT as usize));
        chunks::replace_text(&path, xmp::KEYWORD, &long).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(write_marks(&path, &marks()).unwrap().marks(), Some(&marks()));
        assert!(fs::read(&path).unwrap() == bytes, "the picture is as it was");
        assert!(folder.path().join("a.xmp").exists());
    }

    #[test]
    fn a_sidecar_that_cannot_be_read_is_left_alone_and_named() {
        let (folder, path) = picture();
        let (bytes, beside) = (fs::read(&path).unwrap(), folder.path().join("a.png.xmp"));
        let long = vec![b' '; chunks::MAX_TEXT as usize + 1];
        // In another encoding, cut off, and no metadata.
        for theirs in [
            &b"\xFF\xFE<\0x\0/\0>\0"[..],
            b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>",
            &long[..],
        ] {
            fs::write(&beside, theirs).unwrap();
            let error = write_marks(&path, &marks()).unwrap_err().to_string();
            assert!(error.contains("its sidecar") && error.contains("a.png.xmp"), "{error}");
            assert!(fs::read(&beside).unwrap() == theirs);
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_broken_picture_takes_no_marks() {
        let (_folder, path) = picture();
        fs::write(&path, "no picture at all").unwrap();
        assert!(write_marks(&path, &marks()).is_err());
    }
}
