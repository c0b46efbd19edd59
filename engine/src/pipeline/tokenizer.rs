//! Words to the text tower's numbers: CLIP's byte pair encoding as OpenCLIP uses it, or whole words of a few.

use std::sync::LazyLock;

use instant_clip_tokenizer::Tokenizer;

use crate::error::EngineError;
use crate::model::config::{ClipTextConfig, Vocabulary, WordList};

/// The vocabulary takes some tens of milliseconds to read.
static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(Tokenizer::new);

/// As many ids as the tower has places for: start, words, end, zeros.
///
/// # Errors
/// A word that is not among the tower's few, or more than it has places for.
pub fn ids(text: &str, config: &ClipTextConfig) -> Result<Vec<u32>, EngineError> {
    let (ids, end) = match &config.vocabulary {
        Vocabulary::BytePairs(_) => (pairs(text), end_of_pairs()),
        Vocabulary::Words(words) => (whole_words(text, words)?, words.all().count() as u32 + 1),
    };
    let (count, most) = (ids.len() - 1, config.context_length.saturating_sub(2));
    match count <= most {
        true => Ok(filled(ids, end, config.context_length)),
        false => Err(EngineError::LongText {
            text: text.to_owned(),
            count,
            most,
        }),
    }
}

/// Start and words.
fn whole_words(text: &str, words: &WordList) -> Result<Vec<u32>, EngineError> {
    let rows = words.all().count() as u32;
    let text = text.to_lowercase();
    let spoken: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let unknown = |word: &str| EngineError::UnknownWord {
        word: word.to_owned(),
        known: words.clone(),
    };
    let row = |word: &&str| words.all().position(|known| known == *word).ok_or_else(|| unknown(word));
    let mut ids = vec![rows];
    for word in &spoken {
        ids.push(row(word)? as u32);
    }
    if spoken.is_empty() {
        return Err(unknown(text.trim()));
    }
    Ok(ids)
}

/// `ids` with their end, and zeros up to `length`.
fn filled(mut ids: Vec<u32>, end: u32, length: usize) -> Vec<u32> {
    ids.truncate(length.saturating_sub(1));
    ids.push(end);
    ids.resize(length, 0);
    ids
}

/// `length` ids of CLIP's own vocabulary. OpenCLIP cuts off before the end what is too long.
pub fn byte_pairs(text: &str, length: usize) -> Vec<u32> {
    filled(pairs(text), end_of_pairs(), length)
}

/// Start and words.
fn pairs(text: &str) -> Vec<u32> {
    let mut tokens = vec![TOKENIZER.start_of_text()];
    TOKENIZER.encode(&unescaped(text), &mut tokens);
    tokens.iter().map(|token| token.to_u16().into()).collect()
}

fn end_of_pairs() -> u32 {
    TOKENIZER.end_of_text().to_u16().into()
}

/// OpenCLIP takes a text for HTML, and undoes its commonest escapes twice.
fn unescaped(text: &str) -> String {
    let once = |text: &str| {
        [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&nbsp;", " "),
            ("&amp;", "&"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
    };
    once(&once(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fills_its_row_and_its_end_is_kept() {
        let row = byte_pairs("a photo of a cat", 77);
        assert_eq!(row.len(), 77);
        assert_eq!(row[..8], [49406, 320, 1125, 539, 320, 2368, 49407, 0]);
        assert_eq!(byte_pairs("a &amp;lt; b", 8), byte_pairs("a < b", 8));
        assert_eq!(byte_pairs(&"cat ".repeat(100), 5), [49406, 2368, 2368, 2368, 49407]);
    }

    #[test]
    fn whole_words_have_the_rows_of_their_lists_and_others_are_named() {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let words = WordList {
            parts: list(&["hair", "sky"]),
            colors: list(&["red"]),
            others: list(&["the"]),
        };
        let config = ClipTextConfig {
            vocabulary: Vocabulary::Words(words),
            context_length: 6,
            width: 8,
            layers: 1,
            head_width: 8,
            output_dim: 8,
            repels: false,
        };
        let ids = |text: &str| ids(text, &config);
        assert_eq!(ids("The red-Hair!").unwrap(), [4, 3, 2, 0, 5, 0]);
        assert_eq!(ids("sky sky sky sky").unwrap(), [4, 1, 1, 1, 1, 5]);
        let refusal = |text: &str| ids(text).unwrap_err().to_string();
        assert!(refusal("red snow").contains("the word \"snow\""), "{}", refusal("red snow"));
        assert!(refusal("red snow").contains("hair, sky") && refusal("red snow").contains("red"));
        assert!(refusal("…").contains("\"…\""));
        assert!(refusal("sky sky sky sky sky").contains("counts for 5 words, and this model reads 4"));
    }
}
