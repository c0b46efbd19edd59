//! Whether what a person's prompts say can be read, known while they are typed.

use std::sync::LazyLock;

use engine::EngineError;
use engine::model::config::{ClipTextConfig, Vocabulary, WordList};
use engine::pipeline::manipulation::readable;
use engine::request::{ModelRef, Settings};
use engine::weights;

/// The text tower of the model in the program.
static EMBEDDED: LazyLock<Option<ClipTextConfig>> = LazyLock::new(|| weights::config(&ModelRef::Embedded).ok()?.clip_text);

/// The words that the model in the program knows.
pub fn known() -> Option<&'static WordList> {
    match &EMBEDDED.as_ref()?.vocabulary {
        Vocabulary::Words(words) => Some(words),
        Vocabulary::BytePairs(_) => None,
    }
}

/// A sentence on what the model cannot read of the prompts. Of a model in files only the engine knows, which opens them.
pub fn unread(settings: &Settings) -> Option<String> {
    let tower = EMBEDDED.as_ref().filter(|_| settings.model == ModelRef::Embedded)?;
    readable(&settings.prompts, tower).err().map(|error| told(&error))
}

/// What the engine says of words, short enough to stand beside them.
pub fn told(error: &EngineError) -> String {
    match error {
        EngineError::UnknownWord { word, .. } => format!("The model does not know the word \"{word}\"."),
        error => format!("{error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::request::Prompt;

    #[test]
    fn half_a_word_is_named_and_a_whole_one_is_read() {
        let unread = |target: &str| {
            unread(&Settings {
                prompts: vec![Prompt {
                    target: target.to_owned(),
                    ..Prompt::default()
                }],
                ..Settings::default()
            })
        };
        assert_eq!(unread("red ha"), Some("The model does not know the word \"ha\".".to_owned()));
        assert_eq!((unread("red hair "), unread("  ")), (None, None));
        let long = unread("the red hair in the red sky").expect("eight places are too few");
        assert!(long.contains("counts for 7 words") && long.ends_with('.'), "{long}");
    }
}
