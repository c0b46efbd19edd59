//! Files replaced as a whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use crate::name::hidden_name;

/// Writes a file beside `path`, syncs it, and renames it over `path`: a crash or a full disk leaves the old file as it was. A link is followed, so
/// that what it points to is replaced, or made where nothing is there; the old file's permissions are kept, from the first byte on. One that may not be
/// written is not replaced, though its folder would allow it.
pub fn replace_file<E: From<io::Error>>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>) -> Result<(), E> {
    let target = followed(path);
    let permissions = permissions(&target)?;
    let (temporary, file) = create_beside(&target)?;
    let written = fill(file, permissions, write).and_then(|()| {
        rename(&temporary, &target)?;
        sync_folder(&target);
        Ok(())
    });
    if written.is_err() {
        // The error that matters is the one at hand; a leftover is only untidy.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Where a path leads by its links, be it to nothing yet.
fn followed(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    // As many as Linux follows: those that lead in a circle lead nowhere.
    for _ in 0..40 {
        if let Ok(found) = fs::canonicalize(&target) {
            return found;
        }
        let Ok(next) = fs::read_link(&target) else {
            return target;
        };
        target = target.with_file_name("").join(next);
    }
    path.to_owned()
}

/// Those of the file that is to be replaced; none where there is none.
///
/// # Errors
/// When it may not be written.
fn permissions(target: &Path) -> io::Result<Option<Permissions>> {
    let Ok(facts) = fs::metadata(target) else {
        return Ok(None);
    };
    if facts.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    // Elsewhere permissions depend on who asks. Windows would refuse what another program only reads.
    if cfg!(unix) && facts.is_file() {
        File::options().write(true).open(target)?;
    }
    Ok(Some(facts.permissions()))
}

/// On Windows other programs, such as virus scanners, hold files open for a moment (access denied, a sharing or a lock violation): it is tried for a second.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 0..50 {
        match fs::rename(from, to) {
            Err(error) if cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33)) => {
                thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
    fs::rename(from, to)
}

/// Makes the new name of a file or a folder last through a power cut. Not every system can; what has the name is whole either way.
pub fn sync_folder(file: &Path) {
    if let Some(folder) = file.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
}

fn fill<E: From<io::Error>>(
    file: File,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    let mut buffer = BufWriter::new(file);
    write(&mut buffer)?;
    buffer.flush()?;
    Ok(buffer.get_ref().sync_all()?)
}

/// A new file in the folder of `target`: a rename is atomic only within one file system.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if target.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    }
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let temporary = target.with_file_name(hidden_name(target, &format!("{}-{number}.tmp", std::process::id())));
        match File::options().write(true).create_new(true).open(&temporary) {
            // A process of the same number, which died here, or works on another machine.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return Ok((temporary, other?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drawing.ora");
        replace_file::<io::Error>(&path, |file| file.write_all(b"old")).unwrap();
        let failed = replace_file(&path, |file| {
            file.write_all(b"half of the n")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["drawing.ora"]);
    }

    /// A write that stops after any number of bytes, as on a full disk, leaves the old file.
    #[test]
    fn a_disk_that_fills_up_at_any_byte_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drawing.ora");
        let new = [7; 300];
        fs::write(&path, b"old").unwrap();
        for room in 0..new.len() {
            let failed = replace_file(&path, |file| {
                file.write_all(&new[..room])?;
                Err(io::Error::from(io::ErrorKind::StorageFull))
            });
            assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
            assert_eq!(fs::read(&path).unwrap(), b"old", "{room} bytes fitted");
        }
        assert_eq!(names(folder.path()), ["drawing.ora"]);
    }

    #[test]
    fn a_name_that_is_as_long_as_the_system_allows_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        let name = "線".repeat(83) + "ab.png";
        let path = folder.path().join(&name);
        replace_file::<io::Error>(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!((name.len(), names(folder.path())), (255, vec![name]));
    }

    #[test]
    fn writers_of_one_file_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::thread::scope(|scope| {
            for letter in [b'a', b'b', b'c', b'd'] {
                let path = &path;
                let write = move || replace_file::<io::Error>(path, |file| file.write_all(&[letter; 4096])).unwrap();
                scope.spawn(move || (0..50).for_each(|_| write()));
            }
        });
        let kept = fs::read(&path).unwrap();
        assert!(kept.len() == 4096 && kept.iter().all(|letter| *letter == kept[0]));
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_file_that_may_not_be_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("final.ora");
        fs::write(&path, b"old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let refused = replace_file::<io::Error>(&path, |file| file.write_all(b"new")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(
            (fs::read(&path).unwrap(), names(folder.path())),
            (b"old".to_vec(), vec!["final.ora".to_owned()])
        );
    }

    /// Of others, or of a group that this person is in and that may do more than its owner.
    #[cfg(unix)]
    #[test]
    fn what_others_alone_may_write_stays() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs.ora");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o464)).unwrap();
        // The system's own user may write everything.
        let may = File::options().write(true).open(&path).is_ok();
        let replaced = replace_file::<io::Error>(&path, |file| file.write_all(b"new"));
        assert_eq!(replaced.is_ok(), may, "{replaced:?}");
        assert_eq!(fs::read(&path).unwrap(), if may { b"new" } else { b"old" });
        assert_eq!(names(folder.path()), ["theirs.ora"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_so_from_its_first_byte() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.ora");
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let replaced = replace_file::<io::Error>(&path, |file| {
            assert_eq!(file.get_ref().metadata()?.permissions().mode() & 0o777, 0o600);
            file.write_all(b"new")
        });
        replaced.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_to_nothing_yet_are_followed_and_a_circle_is_replaced() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("inner")).unwrap();
        symlink("inner/second.ora", at("first.ora")).unwrap();
        symlink("new.ora", at("inner/second.ora")).unwrap();
        replace_file::<io::Error>(&at("first.ora"), |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(at("inner/new.ora")).unwrap(), b"new");
        assert!(fs::symlink_metadata(at("first.ora")).unwrap().is_symlink());
        symlink("circle.ora", at("circle.ora")).unwrap();
        replace_file::<io::Error>(&at("circle.ora"), |file| file.write_all(b"whole")).unwrap();
        assert_eq!(fs::read(at("circle.ora")).unwrap(), b"whole");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("drawing.ora"), folder.path().join("link.ora"));
        fs::write(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace_file::<io::Error>(&link, |file| file.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
