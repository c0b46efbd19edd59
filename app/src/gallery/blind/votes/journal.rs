//! A reviewer's file: one JSON object a line. What a kill has cut off at its end was not cast.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use picture::replace_file;
use serde::{Deserialize, Serialize};

use super::Cast;

#[derive(Serialize, Deserialize)]
pub enum Line {
    /// Whose votes follow.
    By(String),
    Cast(Cast),
    TakenBack,
}

/// What a file holds.
#[derive(Default)]
pub struct Read {
    pub reviewer: String,
    /// The votes that count.
    pub casts: Vec<Cast>,
    /// The first line that cannot be read, and why; nothing behind it counts, for it may take back what is before it.
    pub damage: Option<String>,
    /// Bytes of the lines that could be read.
    whole: usize,
}

impl Read {
    pub fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::parse(&fs::read(path)?))
    }

    fn parse(text: &[u8]) -> Self {
        let mut read = Self::default();
        for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            // Without its break it was cut off.
            let Some(json) = line.strip_suffix(b"\n") else { break };
            match serde_json::from_slice(json) {
                Ok(Line::By(name)) => read.reviewer = name,
                Ok(Line::Cast(cast)) => read.casts.push(cast),
                Ok(Line::TakenBack) => drop(read.casts.pop()),
                Err(_) if json.is_empty() => {}
                Err(error) => {
                    read.damage = Some(format!("line {number} is damaged ({error})"));
                    break;
                }
            }
            read.whole += line.len();
        }
        read
    }
}

/// The file of whoever votes.
pub struct Journal {
    pub path: PathBuf,
    reviewer: String,
    file: Option<File>,
    /// Lines that could not be written yet.
    outstanding: Vec<u8>,
    /// Where the file ends without what failed to be written, as long as that could not be cut away.
    end: Option<u64>,
}

impl Journal {
    /// In the folder `root`, for the review that is called `set`. There need not be a file yet.
    pub fn new(root: &Path, set: &str, reviewer: &str) -> Self {
        Self {
            path: root.join(file_name(set, reviewer)),
            reviewer: reviewer.to_owned(),
            file: None,
            outstanding: Vec::new(),
            end: None,
        }
    }

    /// What it holds. What was cut off at the end is cut away, so that the next vote begins a line.
    pub fn read(&self) -> io::Result<Read> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::default()),
            Err(error) => return Err(error),
        };
        let read = Read::parse(&text);
        if read.damage.is_none() && read.whole < text.len() {
            File::options().write(true).open(&self.path)?.set_len(read.whole as u64)?;
        }
        Ok(read)
    }

    /// Keeps a damaged file under another name, and its votes that could be read under its own; the other name.
    pub fn restore(&self, read: &Read) -> io::Result<PathBuf> {
        let text = fs::read(&self.path)?;
        let whole = text.get(..read.whole).unwrap_or(&text);
        let aside = self.aside("damaged");
        fs::copy(&self.path, &aside)?;
        replace_file(&self.path, |file| file.write_all(whole))?;
        Ok(aside)
    }

    /// Adds a line, after those that could not be written before.
    pub fn append(&mut self, line: &Line) -> io::Result<()> {
        self.outstanding.extend(text(line)?);
        self.write()
    }

    /// Writes what is outstanding, all of it or nothing: half a line would spoil those that come after it.
    pub fn write(&mut self) -> io::Result<()> {
        if self.outstanding.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            // Another window may add to it: what is appended is never written over.
            self.file = Some(File::options().append(true).create(true).open(&self.path)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut end = file.metadata()?.len();
        if let Some(whole) = self.end.filter(|whole| *whole < end) {
            cut(file, &self.path, whole)?;
            end = whole;
        }
        self.end = None;
        let mut lines = Vec::new();
        if end == 0 && !self.reviewer.is_empty() {
            lines.extend(text(&Line::By(self.reviewer.clone()))?);
        }
        lines.extend(&self.outstanding);
        if let Err(error) = file.write_all(&lines).and_then(|()| file.sync_data()) {
            self.end = cut(file, &self.path, end).is_err().then_some(end);
            return Err(error);
        }
        self.outstanding.clear();
        Ok(())
    }

    /// Keeps the votes so far under another name; the next one begins a file.
    pub fn put_aside(&mut self) -> io::Result<()> {
        self.write()?;
        self.file = None;
        match fs::rename(&self.path, self.aside("until")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// A name that no review looks for.
    fn aside(&self, why: &str) -> PathBuf {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.path.with_extension(format!("{why}-{}.votes", since.as_millis()))
    }
}

/// Cuts the file that is open. Windows does so with none that is open for appending; by its path it may be another by now, with fewer votes.
fn cut(file: &File, path: &Path, end: u64) -> io::Result<()> {
    file.set_len(end).or_else(|refused| {
        let same = File::options().write(true).open(path)?;
        match same.metadata()?.len() < end {
            true => Err(refused),
            false => same.set_len(end),
        }
    })
}

fn text(line: &Line) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// The name of a reviewer's file.
fn file_name(set: &str, reviewer: &str) -> String {
    if reviewer.is_empty() {
        return format!("{set}.votes");
    }
    let letter = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let readable: String = reviewer.chars().take(40).map(letter).collect();
    let hash = blake3::hash(reviewer.as_bytes()).to_hex();
    format!("{set}-{readable}-{}.votes", &hash[..6])
}

/// The files of all reviewers of a set, by name; without those that were put aside, whose names have one dot more.
pub fn files(root: &Path, set: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_prefix(set).and_then(|rest| rest.strip_suffix(".votes"));
            stem.is_some_and(|stem| !stem.contains('.'))
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_up_to_the_first_that_is_damaged() {
        let cast = r#"{"Cast":{"shown":["a","b"],"preferred":0}}"#;
        let joined = |lines: &[&str]| lines.join("\n").into_bytes();
        let read = Read::parse(&joined(&[r#"{"By":"Jo"}"#, cast, "", cast, "\"TakenBack\"", cast, "{\"Ca"]));
        assert_eq!((read.reviewer.as_str(), read.casts.len(), read.damage), ("Jo", 2, None));
        let read = Read::parse(&joined(&[cast, "{\"Cast\":7}", cast, "\"TakenBack\"", ""]));
        assert_eq!((read.casts.len(), read.whole), (1, cast.len() + 1));
        assert!(read.damage.unwrap().starts_with("line 2 is damaged ("));
        assert!(Read::parse(b"").casts.is_empty());
    }

    #[test]
    fn every_reviewer_has_a_file_and_what_was_put_aside_is_nobody_s() {
        let folder = tempfile::tempdir().unwrap();
        assert_ne!(file_name("set", "a b"), file_name("set", "a_b"));
        for reviewer in ["", "Mika Ōno", "a.b"] {
            let mut journal = Journal::new(folder.path(), "set", reviewer);
            journal.append(&Line::TakenBack).unwrap();
            journal.put_aside().unwrap();
            assert!(!journal.path.exists());
            journal.append(&Line::TakenBack).unwrap();
        }
        assert_eq!(files(folder.path(), "set").len(), 3);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6);
        assert!(files(folder.path(), "other").is_empty());
    }

    #[test]
    fn what_cannot_be_written_comes_with_the_next_line_and_leaves_no_half_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::new(folder.path(), "set", "Jo");
        let cast = |name: &str| {
            Line::Cast(Cast {
                shown: vec![name.to_owned(), "z".to_owned()],
                preferred: None,
            })
        };
        // A file that is open for reading alone takes nothing, as a full disk does, and one that is not in its place cannot be cut.
        fs::write(&journal.path, "").unwrap();
        journal.file = Some(File::open(&journal.path).unwrap());
        fs::remove_file(&journal.path).unwrap();
        for name in ["a", "b"] {
            assert!(journal.append(&cast(name)).is_err());
        }
        // Half of the first line was there before the disk was full, and could not be cut away.
        fs::write(&journal.path, "{\"By\":\"J").unwrap();
        journal.file = None;
        assert_eq!(journal.end, Some(0));
        journal.append(&cast("c")).unwrap();
        journal.append(&cast("d")).unwrap();
        let read = Read::of(&journal.path).unwrap();
        let names: String = read.casts.iter().map(|cast| cast.shown[0].as_str()).collect();
        assert_eq!((read.reviewer.as_str(), names.as_str(), read.damage), ("Jo", "abcd", None));
    }
}
