//! Where results go: what cannot be written is said before the work, and nothing is written over what it is made from.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use picture::Format;

use super::BadInput;

/// Refuses a file that has nowhere to go.
pub fn check_place(out: &Path) -> Result<(), BadInput> {
    if out.is_dir() {
        return Err(BadInput(format!("{} is a folder; name a file in it", out.display())));
    }
    let folder = folder_of(out);
    match folder.is_dir() {
        true => Ok(()),
        false => Err(BadInput(format!(
            "the folder {} does not exist; make it, or name another",
            folder.display()
        ))),
    }
}

/// What a picture is written as, if it can be written there.
pub fn picture_format(out: &Path, quality: Option<u8>) -> Result<Format, BadInput> {
    check_place(out)?;
    let format = Format::of(out, quality).ok_or_else(|| {
        BadInput(format!(
            "{} ends in none of .png, .jpg, .webp and .tif; choose a PNG to keep the recipe in it",
            out.display()
        ))
    })?;
    match (format, quality) {
        (Format::Png | Format::Tiff, Some(_)) => Err(BadInput(format!(
            "--quality is for JPEG and WebP, and {} is written without losses: leave it out, or choose .jpg or .webp",
            out.display()
        ))),
        _ => Ok(format),
    }
}

/// Refuses files that would be written over inputs.
pub fn spare<'a>(outs: impl IntoIterator<Item = &'a Path>, inputs: impl IntoIterator<Item = &'a Path>) -> Result<(), BadInput> {
    let inputs: HashSet<PathBuf> = inputs.into_iter().flat_map(places).collect();
    match outs.into_iter().find(|out| places(out).any(|place| inputs.contains(&place))) {
        None => Ok(()),
        Some(out) => Err(BadInput(format!(
            "{} is an input, and would be written over: choose another place for the result",
            out.display()
        ))),
    }
}

/// Refuses a folder for results that inputs lie in: they would be written over, or results be taken for inputs the next time.
pub fn apart<'a>(out: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<(), BadInput> {
    // A folder that is not there yet holds nothing.
    let Ok(folder) = out.canonicalize() else { return Ok(()) };
    let inside = |input: &&Path| places(input).any(|place| place.parent() == Some(&folder));
    match inputs.into_iter().find(inside) {
        None => Ok(()),
        Some(input) => Err(BadInput(format!(
            "{} holds {}, which is an input: choose another folder for the results",
            out.display(),
            input.display()
        ))),
    }
}

/// Where a path leads, and where the name itself lies: a link to a picture is not to be written over either.
fn places(path: &Path) -> impl Iterator<Item = PathBuf> {
    let named = path
        .file_name()
        .and_then(|name| Some(folder_of(path).canonicalize().ok()?.join(name)));
    path.canonicalize().ok().into_iter().chain(named)
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_out_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, quality| picture_format(&folder.path().join(name), quality);
        let refused = |name: &str, quality| of(name, quality).unwrap_err().to_string();
        assert!(refused("a.gif", None).contains("a.gif"));
        assert_eq!(of("a.JPG", Some(80)).unwrap(), Format::Jpeg { quality: 80 });
        assert_eq!(of("a.webp", Some(80)).unwrap(), Format::WebP { quality: Some(80) });
        assert_eq!(of("a.webp", None).unwrap(), Format::WebP { quality: None });
        assert!(refused("a.png", Some(80)).contains("--quality"));
        assert!(refused("no/such/folder/a.png", None).contains("no/such/folder"));
        assert!(refused("", None).contains("is a folder; name a file"));
    }

    #[test]
    fn inputs_are_spared_by_whatever_path_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("shot")).unwrap();
        std::fs::write(at("shot/a.png"), "").unwrap();
        let spared = |out: &str| spare([at(out).as_path()], [at("shot/a.png").as_path()]);
        for out in ["shot/a.png", "./shot/../shot/a.png"] {
            assert!(spared(out).unwrap_err().to_string().contains("a.png is an input"), "{out}");
        }
        assert!(spared("shot/b.png").is_ok() && spared("a.png").is_ok());
        let apart = |out: &str| apart(&at(out), [at("shot/a.png").as_path()]);
        assert!(apart("shot/../shot").unwrap_err().to_string().contains("a.png"));
        assert!(apart("new").is_ok() && apart(".").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_an_input_as_much_as_what_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["a.png", "link.png"].map(|name| folder.path().join(name));
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for (out, input) in [(&file, &link), (&link, &file), (&link, &link)] {
            assert!(spare([out.as_path()], [input.as_path()]).is_err(), "{out:?} {input:?}");
        }
    }
}
