//! The files that were opened and saved last, kept from one run of the program to the next.

use std::io;
use std::path::{Path, PathBuf};

use super::answer::Answer;
use super::{Session, kept};
use crate::files::Task;

/// Files that are remembered.
const MOST: usize = 12;

/// The newest first.
#[derive(Default)]
pub(super) struct Recent {
    /// Where the list is kept; none: nowhere.
    list: Option<PathBuf>,
    paths: Vec<PathBuf>,
    /// Looks which of them are there: a disk that does not answer holds up nothing else.
    looking: Option<Task<Vec<PathBuf>>>,
}

impl Session {
    /// Keeps the list of recent files in the file `list` from now on, and takes over what is there.
    pub fn remember_files(&mut self, list: PathBuf) {
        self.recent.list = Some(list.clone());
        self.kept.run(move || {
            let paths = read(&list);
            Some(Answer::new(move |session| session.look_for_recent(paths)))
        });
    }

    /// What was opened or saved last, the newest first; files that are gone are left out.
    pub fn recent(&self) -> &[PathBuf] {
        &self.recent.paths
    }

    /// `path` was opened or saved. What another window has added meanwhile stays in the list.
    pub(super) fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let list = self.recent.list.clone();
        let known = self.recent.paths.clone();
        self.kept.run(move || {
            let mut paths = list.as_deref().map_or(known, read);
            paths.retain(|known| *known != path);
            paths.insert(0, path);
            paths.truncate(MOST);
            if let Some(list) = list
                && let Err(error) = write(&list, &paths)
            {
                tracing::warn!("the list of recent files cannot be kept in {}: {error}", list.display());
            }
            Some(Answer::new(move |session| session.look_for_recent(paths)))
        });
    }

    /// The list is known. Whether its files are there still is asked elsewhere: their disks may be slow to answer.
    fn look_for_recent(&mut self, paths: Vec<PathBuf>) {
        let task = Task::start("shiage recent", self.waker.clone(), move || there(&paths), |_| Vec::new());
        self.recent.looking = task
            .inspect_err(|error| tracing::warn!("the recent files are not looked for: {error}"))
            .ok();
    }

    pub(super) fn tend_recent(&mut self) {
        if let Some(paths) = self.recent.looking.as_ref().and_then(Task::answer) {
            (self.recent.paths, self.recent.looking) = (paths, None);
        }
    }
}

fn there(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().filter(|path| path.exists()).cloned().collect()
}

/// Nothing where there is no list yet, or none that can be read: it is written anew.
fn read(list: &Path) -> Vec<PathBuf> {
    let paths = kept::load(list).map(Option::unwrap_or_default);
    paths.unwrap_or_else(|error| {
        tracing::warn!("the list of recent files in {} cannot be read: {error}", list.display());
        Vec::new()
    })
}

fn write(list: &Path, paths: &[PathBuf]) -> io::Result<()> {
    // A name that is no text cannot be written in a list of texts.
    let named: Vec<&str> = paths.iter().filter_map(|path| path.to_str()).collect();
    kept::store(list, &named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written_and_a_torn_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("state").join("recent.ron");
        assert!(read(&list).is_empty());
        let paths = vec![folder.path().join("線画 \"1\".ora"), folder.path().to_owned()];
        write(&list, &paths).unwrap();
        assert_eq!(read(&list), paths);
        assert_eq!(there(&paths), paths[1..], "what is gone is not offered");
        std::fs::write(&list, "[\"a").unwrap();
        assert!(read(&list).is_empty());
    }
}
