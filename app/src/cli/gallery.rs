//! `shiage gallery`: the window on a folder; or, without one, what leaves the gallery.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use engine::device;

use super::BadInput;
use super::outputs::{check_place, spare};
use crate::WindowOptions;
use crate::document::FileKind;
use crate::files::Meter;
use crate::gallery::entry::Entry;
use crate::gallery::export::{Export, ExportError};
use crate::gallery::filter::Filter;
use crate::gallery::listing;
use crate::gallery::query::Query;
use crate::gallery::search::{self, Search};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Default: the folder that you are in. A document (.ora) opens in the studio, and its takes are written into a folder that you name.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Write a contact sheet: a .png is one picture, and goes outside of the folder, a .pdf has pages.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// Write a table of the decisions and the recipes, in UTF-8. What a spreadsheet would take for a formula has a ' before it.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Copy the pictures into a folder, with what was decided about them.
    #[arg(long, value_name = "DIR")]
    copy: Option<PathBuf>,
    /// Only the pictures that this finds, in the words of the gallery's search: 'flag:picked stars>2 mode:split'.
    #[arg(long, value_name = "WORDS", default_value = "")]
    search: String,
}

pub fn run(arguments: Arguments, choice: device::Choice) -> anyhow::Result<()> {
    let Arguments {
        folder,
        sheet,
        csv,
        copy,
        search,
    } = arguments;
    let leaves = sheet.is_some() || csv.is_some() || copy.is_some() || !search.is_empty();
    if folder.is_file() && FileKind::named(&folder) == FileKind::OpenRaster && !leaves {
        return crate::run_window(WindowOptions {
            file: Some(folder),
            reviews_takes: true,
            device: choice,
            ..WindowOptions::default()
        });
    }
    if !folder.is_dir() {
        return Err(BadInput(format!("{} {}", folder.display(), not_a_folder(&folder))).into());
    }
    for path in [&sheet, &csv].into_iter().flatten() {
        check_place(path)?;
    }
    if let Some(sheet) = sheet.as_deref().filter(|sheet| listing::would_list(&folder, sheet)) {
        let words = format!(
            "{} would be one of the pictures of {}: write it elsewhere, or as .pdf",
            sheet.display(),
            folder.display()
        );
        return Err(BadInput(words).into());
    }
    if let Some(to) = copy.as_deref().filter(|to| is_same(to, &folder)) {
        let words = format!(
            "{} is where the pictures are already: choose another folder for the copies",
            to.display()
        );
        return Err(BadInput(words).into());
    }
    let full = std::path::absolute(&folder)?;
    let title = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let exports: Vec<Export> = [
        sheet.map(|path| Export::Sheet { path, title }),
        csv.map(|path| Export::Decisions {
            path,
            folder: folder.clone(),
        }),
        copy.map(|to| Export::Copies { to }),
    ]
    .into_iter()
    .flatten()
    .collect();
    if exports.is_empty() && !search.is_empty() {
        return Err(
            BadInput("--search goes with --sheet, --csv or --copy; the window has a search of its own".to_owned()).into(),
        );
    }
    if exports.is_empty() {
        return crate::run_window(WindowOptions {
            gallery: Some(folder),
            device: choice,
            ..WindowOptions::default()
        });
    }
    let entries = listing::read(&folder).map_err(|error| BadInput(format!("{} cannot be read: {error}", folder.display())))?;
    let written = exports.iter().filter_map(|export| match export {
        Export::Sheet { path, .. } | Export::Decisions { path, .. } => Some(path.as_path()),
        _ => None,
    });
    spare(written, entries.iter().map(|entry| entry.path.as_path()))?;
    let query = Query {
        filters: vec![Filter::Text(search.trim().to_owned())],
        ..Query::default()
    };
    let found = query.ask(&folder, entries.iter()).entries;
    for export in exports {
        match export.run(&found, &Meter::default()) {
            Ok(made) => println!("{made}"),
            Err(ExportError::Empty) => {
                return Err(BadInput(match search.is_empty() {
                    true => format!("{} holds no PNG", folder.display()),
                    false => nothing_found(&folder, &search, &entries),
                })
                .into());
            }
            Err(error @ (ExportError::Ending { .. } | ExportError::TooMany(_))) => return Err(BadInput(error.to_string()).into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Why a search may have found nothing.
fn nothing_found(folder: &Path, search: &str, entries: &[Arc<Entry>]) -> String {
    let folder = folder.display();
    match Search::parse(search).unknown_field(entries) {
        Some(field) => format!(
            "no picture in {folder} has a field \"{field}\"; every one has {}, and one with a recipe the fields of that, such as mode",
            search::OWN_FIELDS.join(", ")
        ),
        None => format!("no picture in {folder} is found by {search:?}"),
    }
}

/// What is wrong with it, and what to do.
fn not_a_folder(path: &Path) -> &'static str {
    match FileKind::named(path) {
        _ if !path.exists() => "does not exist; name the folder that the pictures are in",
        FileKind::OpenRaster => {
            "is a document: its takes leave it from the studio (Generate, \u{201c}Look through the takes in the gallery\u{201d}); name the folder that \
             you wrote them into"
        }
        _ => "is not a folder; name the folder that the pictures are in",
    }
}
