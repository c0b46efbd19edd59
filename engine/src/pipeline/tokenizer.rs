//! Words to the text tower's numbers: CLIP's byte pair encoding as OpenCLIP uses it.

use std::sync::LazyLock;

use instant_clip_tokenizer::Tokenizer;

/// The vocabulary takes some tens of milliseconds to read.
static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(Tokenizer::new);

/// `length` ids: start, words, end, zeros; what is too long is cut off before the end.
pub fn ids(text: &str, length: usize) -> Vec<u32> {
    let mut tokens = vec![TOKENIZER.start_of_text()];
    TOKENIZER.encode(&unescaped(text), &mut tokens);
    tokens.truncate(length.saturating_sub(1));
    tokens.push(TOKENIZER.end_of_text());
    let mut ids: Vec<u32> = tokens.iter().map(|token| token.to_u16().into()).collect();
    ids.resize(length, 0);
    ids
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
        let row = ids("a photo of a cat", 77);
        assert_eq!(row.len(), 77);
        assert_eq!(row[..8], [49406, 320, 1125, 539, 320, 2368, 49407, 0]);
        assert_eq!(ids("a &amp;lt; b", 8), ids("a < b", 8));
        assert_eq!(ids(&"cat ".repeat(100), 5), [49406, 2368, 2368, 2368, 49407]);
    }
}
