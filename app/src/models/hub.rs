//! What Hugging Face says of a repository.

use serde::Deserialize;

use super::Observer;
use super::download::{DownloadError, read_text};

/// The licence of a repository, in a person's words; None where its page names none.
pub fn licence(
    agent: &ureq::Agent,
    endpoint: &str,
    repository: &str,
    observer: &mut Observer<'_>,
) -> Result<Option<String>, DownloadError> {
    let url = format!("{endpoint}/api/models/{repository}");
    let text = read_text(agent, &url, observer)?;
    let facts: Facts = serde_json::from_str(&text).map_err(|error| DownloadError::Answer {
        url,
        reason: error.to_string(),
    })?;
    Ok(facts.licence().map(|licence| describe(&licence)))
}

#[derive(Deserialize)]
struct Facts {
    #[serde(rename = "cardData")]
    card: Option<Card>,
    #[serde(default)]
    tags: Vec<String>,
}

/// The head of a repository's page, which its owner writes by hand.
#[derive(Deserialize)]
struct Card {
    license: Option<serde_json::Value>,
    license_name: Option<String>,
}

impl Facts {
    fn licence(self) -> Option<String> {
        let Card { license, license_name } = self.card.unwrap_or(Card {
            license: None,
            license_name: None,
        });
        let written = match license {
            Some(serde_json::Value::String(name)) => Some(name),
            Some(serde_json::Value::Array(names)) => {
                let names: Vec<&str> = names.iter().filter_map(serde_json::Value::as_str).collect();
                (!names.is_empty()).then(|| names.join(", "))
            }
            _ => None,
        };
        let tagged = || {
            self.tags
                .iter()
                .find_map(|tag| tag.strip_prefix("license:"))
                .map(str::to_owned)
        };
        let name = written.or_else(tagged)?;
        Some(license_name.filter(|_| name == "other").unwrap_or(name))
    }
}

/// A licence by Hugging Face's short name, with what matters most to an artist.
fn describe(name: &str) -> String {
    let meaning = match name.to_ascii_lowercase().as_str() {
        "mit" => "MIT: free for any use",
        "apache-2.0" => "Apache 2.0: free for any use",
        "cc-by-nc-4.0" => "CC BY-NC 4.0: no commercial use, the author is to be named",
        "cc-by-nc-sa-4.0" => {
            "CC BY-NC-SA 4.0: no commercial use, the author is to be named, what is made of it is under the same licence"
        }
        "creativeml-openrail-m" => "CreativeML OpenRAIL-M: commercial use allowed, with restrictions on what for",
        "openrail++" => "CreativeML Open RAIL++-M: commercial use allowed, with restrictions on what for",
        _ => return name.to_owned(),
    };
    meaning.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_found_where_owners_write_it() {
        let licence = |text: &str| serde_json::from_str::<Facts>(text).unwrap().licence();
        assert_eq!(licence(r#"{"cardData": {"license": "mit"}}"#).as_deref(), Some("mit"));
        assert_eq!(
            licence(r#"{"tags": ["pytorch", "license:apache-2.0"]}"#).as_deref(),
            Some("apache-2.0")
        );
        assert_eq!(
            licence(r#"{"cardData": {"license": "other", "license_name": "house"}}"#).as_deref(),
            Some("house")
        );
        assert_eq!(
            licence(r#"{"cardData": {"license": ["mit", "gpl"]}}"#).as_deref(),
            Some("mit, gpl")
        );
        assert_eq!(licence(r#"{"cardData": {"language": "en"}, "tags": []}"#), None);
        assert!(describe("cc-by-nc-sa-4.0").contains("no commercial use"));
        assert_eq!(describe("house"), "house");
    }
}
