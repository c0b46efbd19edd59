//! What can be fetched: a short name, a file of Hugging Face, or any web address.

/// Files that everybody needs beside a checkpoint: name, repository of Hugging Face, file in it, what it is.
pub const KNOWN: [(&str, &str, &str, &str); 2] = [
    (
        "clip-vit-h-14",
        "laion/CLIP-ViT-H-14-laion2B-s32B-b79K",
        "open_clip_model.safetensors",
        "the image tower of the published checkpoints, OpenCLIP ViT-H-14",
    ),
    (
        "sd-vae-ft-mse",
        "stabilityai/sd-vae-ft-mse",
        "diffusion_pytorch_model.safetensors",
        "an autoencoder of Stable Diffusion with cleaner faces",
    ),
];

/// Where Hugging Face is; the variable is the one that its own programs read.
pub fn hub_endpoint() -> String {
    let given = std::env::var("HF_ENDPOINT").ok().filter(|endpoint| !endpoint.is_empty());
    let endpoint = given.unwrap_or_else(|| HUB.to_owned());
    endpoint.trim_end_matches('/').to_owned()
}

const HUB: &str = "https://huggingface.co";

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub url: String,
    /// What it is called in the folder, unless a person says otherwise.
    pub file: String,
    /// The repository of Hugging Face that it is in, `OWNER/NAME`.
    pub repository: Option<String>,
}

impl Address {
    /// Reads a short name, `OWNER/REPOSITORY/FILE`, the address of a page of Hugging Face, or any other web address. `endpoint` is where
    /// Hugging Face is.
    ///
    /// # Errors
    /// A sentence that says what can be written.
    pub fn parse(text: &str, endpoint: &str) -> Result<Self, String> {
        if let Some((name, repository, file, _)) = KNOWN.iter().find(|(name, ..)| *name == text) {
            let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
            return Ok(Self {
                file: format!("{name}.{ending}"),
                ..Self::on_hub(endpoint, repository, "main", file)
            });
        }
        let on_hub = [endpoint, HUB]
            .iter()
            .find_map(|base| text.strip_prefix(base)?.strip_prefix('/'))
            .or_else(|| (!text.contains("://")).then_some(text));
        let parts: Vec<&str> = on_hub.unwrap_or_default().split('/').collect();
        match parts.as_slice() {
            [owner, name, "blob" | "resolve", revision, path @ ..] if !path.is_empty() && on_hub != Some(text) => {
                let path = path.join("/");
                let path = path.split(['?', '#']).next().unwrap_or_default();
                Ok(Self::on_hub(endpoint, &format!("{owner}/{name}"), revision, path))
            }
            [owner, name, path @ ..] if on_hub == Some(text) && !path.is_empty() && parts.iter().all(|part| !part.is_empty()) => {
                Ok(Self::on_hub(endpoint, &format!("{owner}/{name}"), "main", &path.join("/")))
            }
            _ if on_hub.is_none() && (text.starts_with("https://") || text.starts_with("http://")) => {
                let bare = text.split(['?', '#']).next().unwrap_or_default();
                Ok(Self {
                    url: text.to_owned(),
                    file: last_part(bare),
                    repository: None,
                })
            }
            _ => {
                let names = KNOWN.map(|(name, _, _, what)| format!("{name} ({what})"));
                Err(format!(
                    "write one of {}; OWNER/REPOSITORY/FILE of Hugging Face; or the address of the file",
                    names.join(", ")
                ))
            }
        }
    }

    fn on_hub(endpoint: &str, repository: &str, revision: &str, path: &str) -> Self {
        Self {
            url: format!("{endpoint}/{repository}/resolve/{revision}/{}", path.replace(' ', "%20")),
            file: last_part(path),
            repository: Some(repository.to_owned()),
        }
    }

    /// The page where a person reads about it.
    pub fn page(&self, endpoint: &str) -> String {
        match &self.repository {
            Some(repository) => format!("{endpoint}/{repository}"),
            None => self.url.clone(),
        }
    }
}

fn last_part(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().replace("%20", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address() {
        let parse = |text: &str| Address::parse(text, HUB);
        let clip = parse("clip-vit-h-14").unwrap();
        assert_eq!(clip.file, "clip-vit-h-14.safetensors");
        assert_eq!(
            clip.url,
            "https://huggingface.co/laion/CLIP-ViT-H-14-laion2B-s32B-b79K/resolve/main/open_clip_model.safetensors"
        );
        for text in [
            "a/b/sub/c d.ckpt",
            "https://huggingface.co/a/b/blob/main/sub/c d.ckpt",
            "https://huggingface.co/a/b/resolve/main/sub/c d.ckpt?download=true",
        ] {
            let address = parse(text).unwrap();
            assert_eq!(address.url, "https://huggingface.co/a/b/resolve/main/sub/c%20d.ckpt");
            assert_eq!(address.file, "c d.ckpt");
            assert_eq!(address.repository.as_deref(), Some("a/b"));
        }
        let other = parse("http://localhost:8000/models/x.pth?key=1").unwrap();
        assert_eq!((other.file.as_str(), other.repository), ("x.pth", None));
        for text in ["", "nothing", "a/b", "a//c", "https://huggingface.co/a/b", "ftp://x/y.ckpt"] {
            let error = parse(text).expect_err(text);
            assert!(error.contains("clip-vit-h-14"), "{error}");
        }
    }

    #[test]
    fn another_endpoint_serves_the_same_repositories() {
        let address = Address::parse("a/b/c.bin", "http://127.0.0.1:9").unwrap();
        assert_eq!(address.url, "http://127.0.0.1:9/a/b/resolve/main/c.bin");
        assert_eq!(address.page("http://127.0.0.1:9"), "http://127.0.0.1:9/a/b");
    }
}
