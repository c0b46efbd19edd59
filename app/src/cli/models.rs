//! `shiage models`: the folder of models.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use engine::request::ModelRef;
use engine::weights::{self, Inspection};
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};

use super::BadInput;
use crate::models::address::hub_endpoint;
use crate::models::download::{self, Progress};
use crate::models::folder::Verdict;
use crate::models::{Entry, Folder, FolderError, Order, OrderError};

/// What is to be done with the folder.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Show what there is: name, kind, size, precision, licence, hash.
    List,
    /// Copy model files into the folder (.safetensors, .ckpt, .pth, .pt, .bin).
    Add {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What the file is to be called there; for one file.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The licence that it is under, to be shown in the list.
        #[arg(long, value_name = "TEXT")]
        licence: Option<String>,
        /// Move the files instead of copying them.
        #[arg(long)]
        r#move: bool,
    },
    /// Remove a model file from the folder and from the disk.
    Remove { name: String },
    /// Read files to their ends and compare them with what they were when they came.
    Verify {
        /// Default: all.
        names: Vec<String>,
    },
    /// Download a file, checked by its hash; what broke off goes on where it was.
    Fetch {
        /// clip-vit-h-14, sd-vae-ft-mse, OWNER/REPOSITORY/FILE of Hugging Face, or the file's web address.
        what: String,
        /// What the file is to be called in the folder.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The SHA-256 that it must have, in hex [default: what Hugging Face says].
        #[arg(long, value_name = "HASH", value_parser = parse_sha256)]
        sha256: Option<String>,
        /// Accept the file's licence without being asked.
        #[arg(long)]
        accept_licence: bool,
    },
}

pub fn run(action: Action) -> anyhow::Result<()> {
    let folder = Folder::standard().map_err(fault)?;
    match action {
        Action::List => list(&folder),
        Action::Add {
            files,
            name,
            licence,
            r#move,
        } => {
            if name.is_some() && files.len() > 1 {
                return Err(BadInput("--name is for one file: add the files one by one".to_owned()).into());
            }
            for file in files {
                let bar = bar("copying", std::fs::metadata(&file).map_or(0, |facts| facts.len()));
                let added = folder.add(&file, name.as_deref(), licence.clone(), !r#move, &mut |bytes| {
                    bar.set_position(bytes);
                    ControlFlow::Continue(())
                });
                bar.finish_and_clear();
                println!("{}", line(&added.map_err(fault)?));
            }
            Ok(())
        }
        Action::Remove { name } => {
            println!("removed {}", folder.remove(&name).map_err(fault)?.display());
            Ok(())
        }
        Action::Verify { names } => verify(&folder, &names),
        Action::Fetch {
            what,
            name,
            sha256,
            accept_licence,
        } => fetch(&folder, &what, name.as_deref(), sha256.as_deref(), accept_licence),
    }
}

fn list(folder: &Folder) -> anyhow::Result<()> {
    let hash = weights::hash(&ModelRef::Embedded)?;
    println!(
        "{}",
        row("(in the program)", &weights::inspect_embedded()?, "MIT or Apache 2.0", &hash)
    );
    for entry in folder.entries().map_err(fault)? {
        println!("{}", line(&entry));
    }
    println!("the folder is {}", folder.path().display());
    Ok(())
}

/// A file of the folder in a line.
fn line(entry: &Entry) -> String {
    let unknown = "-".to_owned();
    let (licence, hash) = match &entry.about {
        Some(about) => (about.licence.as_ref().unwrap_or(&unknown), &about.blake3),
        None => (&unknown, &unknown),
    };
    match &entry.inspection {
        Ok(inspection) => row(&entry.name(), inspection, licence, hash),
        Err(error) => format!("{:<24} cannot be used: {error}", entry.name()),
    }
}

fn row(name: &str, inspection: &Inspection, licence: &str, hash: &str) -> String {
    format!(
        "{name:<24} {:<36} {:>10} {:<5} {:>7.1} M  {}  {licence}",
        inspection.family.to_string(),
        DecimalBytes(inspection.size).to_string(),
        inspection.precision(),
        inspection.parameters as f64 / 1e6,
        hash.get(..12).unwrap_or(hash),
    )
}

fn verify(folder: &Folder, names: &[String]) -> anyhow::Result<()> {
    let files = match names {
        [] => folder.files(),
        names => names.iter().map(|name| folder.find(name)).collect(),
    };
    let files = files.map_err(fault)?;
    let mut damaged = 0;
    for path in &files {
        let bar = bar("reading", std::fs::metadata(path).map_or(0, |facts| facts.len()));
        let verdict = folder.verify(path, &mut |bytes| {
            bar.set_position(bytes);
            ControlFlow::Continue(())
        });
        bar.finish_and_clear();
        let words = match verdict {
            Ok(Verdict::Whole) => "whole".to_owned(),
            Ok(Verdict::Recorded) => "readable; its hash is recorded now".to_owned(),
            Ok(Verdict::Changed { recorded, found }) => {
                damaged += 1;
                format!("changed: its hash was {recorded} and is {found}; remove it and fetch or add it again")
            }
            Err(FolderError::Weights(error)) => {
                damaged += 1;
                error.to_string()
            }
            Err(error) => return Err(fault(error)),
        };
        println!("{}: {words}", path.display());
    }
    match damaged {
        0 => Ok(()),
        damaged => Err(anyhow::anyhow!("{damaged} of {} files cannot be trusted", files.len())),
    }
}

fn fetch(folder: &Folder, what: &str, name: Option<&str>, sha256: Option<&str>, accepted: bool) -> anyhow::Result<()> {
    let agent = download::agent();
    let mut goes_on = || ControlFlow::Continue(());
    let order = Order::new(&agent, folder, &hub_endpoint(), what, name, &mut goes_on).map_err(order_fault)?;
    eprintln!("{} of {}", order.address.file, order.page);
    eprintln!("licence: {}", order.licence());
    if !accepted && !accepts(&order.page)? {
        return Err(BadInput("the licence was not accepted; nothing was downloaded".to_owned()).into());
    }

    let bar = bar("fetching", 0);
    let fetched = order.fetch(&agent, sha256, &mut |progress| {
        let (words, bytes, total) = match progress {
            Progress::Received { bytes, total } => ("fetching", bytes, total),
            Progress::Checked { bytes, total } => ("checking", bytes, Some(total)),
        };
        bar.set_message(words);
        bar.set_length(total.unwrap_or(bytes));
        bar.set_position(bytes);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let (entry, checked) = fetched.map_err(order_fault)?;
    if !checked {
        eprintln!("the server names no hash to hold it against; --sha256 does");
    }
    println!("{}", line(&entry));
    Ok(())
}

fn order_fault(error: OrderError) -> anyhow::Error {
    match error {
        OrderError::Address(words) => BadInput(words).into(),
        OrderError::Folder(error) => fault(error),
        error @ (OrderError::Download(_) | OrderError::Admit(_)) => error.into(),
    }
}

/// Asks whether the licence is accepted.
fn accepts(page: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(BadInput(format!("read the licence at {page}, and accept it with --accept-licence")).into());
    }
    eprint!("Do you accept the licence? [y/N] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn bar(message: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<10} {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left");
    let bar = ProgressBar::new(length).with_style(style.expect("the template is a constant"));
    bar.set_message(message);
    bar
}

/// What the caller can mend is a fault in the arguments or files.
fn fault(error: FolderError) -> anyhow::Error {
    match error {
        FolderError::Io { .. } => error.into(),
        error => BadInput(error.to_string()).into(),
    }
}

fn parse_sha256(text: &str) -> Result<String, String> {
    match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("give 64 hexadecimal digits".to_owned()),
    }
}

/// The model of a `--model`: a checkpoint's path, or its name in the folder of models, or the one in the program.
pub fn find_model(text: &str) -> Result<ModelRef, String> {
    if text == "built-in" {
        return Ok(ModelRef::Embedded);
    }
    let checkpoint = find_file(text)?;
    match Folder::standard() {
        Ok(folder) => folder.complete(checkpoint).map_err(|error| error.to_string()),
        Err(_) => Ok(ModelRef::Files {
            checkpoint,
            clip: None,
            vae: None,
        }),
    }
}

/// The file of a `--clip` or `--vae`: a path, or a name in the folder of models.
pub fn find_file(text: &str) -> Result<PathBuf, String> {
    if is_a_path(text) {
        return Ok(text.into());
    }
    Folder::standard()
        .and_then(|folder| folder.find(text))
        .map_err(|error| match error {
            FolderError::Unknown { .. } => format!("no file is called so here, and {error}"),
            error => error.to_string(),
        })
}

/// Whether a person means a file outside the folder of models by it. A name there may have dots in it, or its ending.
fn is_a_path(text: &str) -> bool {
    text.contains(['/', '\\']) || Path::new(text).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_64_digits() {
        assert_eq!(parse_sha256(&"AB".repeat(32)), Ok("ab".repeat(32)));
        assert!(parse_sha256("abc").is_err());
        assert!(parse_sha256(&"g".repeat(64)).is_err());
    }

    #[test]
    fn a_path_is_told_from_a_name() {
        for (text, path) in [
            ("switch", false),
            ("switch-v1.5", false),
            ("a/switch", true),
            ("Cargo.toml", true),
        ] {
            assert_eq!(is_a_path(text), path, "{text}");
        }
    }
}
