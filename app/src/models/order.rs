//! A file that is to be fetched: first what it is and under which licence, then, once that is accepted, its coming.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use ureq::Agent;

use super::address::Address;
use super::download::{DownloadError, Patience, Watch, download};
use super::{About, Entry, Folder, FolderError, Observer, hub};

/// Why a file could not be ordered or did not come.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error("{0}")]
    Address(String),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Download(#[from] DownloadError),
    #[error("{0}. The file has come whole and is kept: mend that, and fetch it again")]
    Admit(Box<FolderError>),
}

/// What is known of a file before it comes.
#[derive(Clone, Debug)]
pub struct Order {
    pub address: Address,
    /// Where a person reads about it.
    pub page: String,
    /// As its publisher states it, in a person's words; None where they do not.
    pub licence: Option<String>,
    folder: Folder,
    place: PathBuf,
}

impl Order {
    /// Looks up what a person wrote. `endpoint` is where Hugging Face is, `name` what the file is to be called in the folder.
    pub fn new(
        agent: &Agent,
        folder: &Folder,
        endpoint: &str,
        what: &str,
        name: Option<&str>,
        observer: &mut Observer<'_>,
    ) -> Result<Self, OrderError> {
        let address = Address::parse(what, endpoint).map_err(OrderError::Address)?;
        let place = folder.place(name.unwrap_or(&address.file))?;
        let licence = match &address.repository {
            Some(repository) => hub::licence(agent, endpoint, repository, observer)?,
            None => None,
        };
        Ok(Self {
            page: address.page(endpoint),
            address,
            licence,
            folder: folder.clone(),
            place,
        })
    }

    /// The licence, or where to look for it.
    pub fn licence(&self) -> &str {
        self.licence.as_deref().unwrap_or("not stated; see its page")
    }

    /// Fetches the file into the folder; and whether there was a hash to hold it against.
    pub fn fetch(&self, agent: &Agent, sha256: Option<&str>, watch: &mut Watch<'_>) -> Result<(Entry, bool), OrderError> {
        self.folder.make()?;
        let mut downloaded = download(agent, &self.address.url, &self.place, sha256, Patience::default(), watch)?;
        let about = About {
            size: downloaded.size,
            blake3: downloaded.blake3.clone(),
            licence: self.licence.clone(),
            source: self.address.url.clone(),
        };
        let checked = downloaded.checked;
        match self.folder.admit(&downloaded.partial, &self.place, &about) {
            Ok(entry) => {
                downloaded.settle();
                Ok((entry, checked))
            }
            Err(error) if !error.blames_the_file() && downloaded.keep() => Err(OrderError::Admit(Box::new(error))),
            // It came as it is there, so another try would bring the same; or nothing would tell that try that it is whole.
            Err(error) => {
                downloaded.throw_away();
                Err(error.into())
            }
        }
    }
}
