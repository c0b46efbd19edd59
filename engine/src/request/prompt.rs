//! Words that change what the reference says (spec/model.md, section 19).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One wish, in words: more of this, or this instead of that, here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prompt {
    /// What there should be.
    pub target: String,
    /// What it takes the place of; empty: nothing.
    pub anchor: String,
    /// What in the reference the wish is for; empty: all of it.
    pub control: String,
    /// How much of the target, in [`Self::SCALE`]; if it is 0 in all prompts, none is heeded.
    pub scale: f32,
    /// As much more of the target as there was of the anchor, where it was.
    pub enhance: bool,
    /// The control's correlation, 0..=1 and rising, at which a token is taken for foreign, related, and for what is meant.
    pub thresholds: [f32; 4],
}

impl Default for Prompt {
    fn default() -> Self {
        Self {
            target: String::new(),
            anchor: String::new(),
            control: String::new(),
            scale: 8.0,
            enhance: false,
            thresholds: [0.5, 0.55, 0.65, 0.95],
        }
    }
}

impl Prompt {
    /// Target, anchor and control, without the spaces around them.
    pub fn texts(&self) -> [&str; 3] {
        [&self.target, &self.anchor, &self.control].map(|text| text.trim())
    }

    /// Those of `prompts` that are heeded: all that have a target, unless every scale is 0.
    pub fn heeded(prompts: &[Self]) -> impl Iterator<Item = &Self> + Clone {
        let meant = prompts.iter().filter(|prompt| !prompt.texts()[0].is_empty());
        let any = meant.clone().any(|prompt| prompt.scale != 0.0);
        meant.filter(move |_| any)
    }
}

/// A line that is no prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    #[error("a prompt needs a target: write, for instance, \"[target] blonde hair; [control] hair; [scale] 8\"")]
    NoTarget,
    #[error("\"{0}\" is no part of a prompt: there are [target], [anchor], [control], [scale], [enhanced] and [ts0] to [ts3]")]
    Part(String),
    #[error("[{name}] {value} is no {wanted}")]
    Value {
        name: String,
        value: String,
        wanted: &'static str,
    },
}

impl FromStr for Prompt {
    type Err = PromptError;

    /// Reads `[target] T; [anchor] A; [control] C; [scale] S; [enhanced] True; [ts0] a; [ts1] b; [ts2] c; [ts3] d`, in any order, as the
    /// authors' interface writes it; what is left out has its default.
    fn from_str(line: &str) -> Result<Self, PromptError> {
        let mut prompt = Self::default();
        for part in line.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let named = part.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let (name, value) = named.ok_or_else(|| PromptError::Part(part.to_owned()))?;
            let (name, value) = (name.trim(), value.trim());
            let failed = |wanted| PromptError::Value {
                name: name.to_owned(),
                value: value.to_owned(),
                wanted,
            };
            let number = || value.parse::<f32>().map_err(|_| failed("number"));
            match name {
                "target" => prompt.target = value.to_owned(),
                // The release writes "none" for no anchor.
                "anchor" => prompt.anchor = if value == "none" { "" } else { value }.to_owned(),
                "control" => prompt.control = value.to_owned(),
                "scale" => prompt.scale = number()?,
                "enhanced" => {
                    prompt.enhance = value.to_lowercase().parse().map_err(|_| failed("True or False"))?;
                }
                "ts0" => prompt.thresholds[0] = number()?,
                "ts1" => prompt.thresholds[1] = number()?,
                "ts2" => prompt.thresholds[2] = number()?,
                "ts3" => prompt.thresholds[3] = number()?,
                _ => return Err(PromptError::Part(part.to_owned())),
            }
        }
        match prompt.target.is_empty() {
            true => Err(PromptError::NoTarget),
            false => Ok(prompt),
        }
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target,
            anchor,
            control,
            scale,
            enhance,
            thresholds: [ts0, ts1, ts2, ts3],
        } = self;
        write!(f, "[target] {target}; ")?;
        for (name, text) in [("anchor", anchor), ("control", control)] {
            if !text.is_empty() {
                write!(f, "[{name}] {text}; ")?;
            }
        }
        let enhanced = if *enhance { "True" } else { "False" };
        write!(
            f,
            "[scale] {scale}; [enhanced] {enhanced}; [ts0] {ts0}; [ts1] {ts1}; [ts2] {ts2}; [ts3] {ts3}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_read_as_it_is_written() {
        let prompt = Prompt {
            target: "blonde hair".into(),
            anchor: "black hair".into(),
            control: "the girl's hair".into(),
            scale: 7.5,
            enhance: true,
            thresholds: [0.3, 0.45, 0.7, 0.9],
        };
        assert_eq!(prompt.to_string().parse(), Ok(prompt));
        let short: Prompt = "[scale] 3; [target] snow; [anchor] none; [enhanced] False".parse().unwrap();
        let expected = Prompt {
            target: "snow".into(),
            scale: 3.0,
            ..Prompt::default()
        };
        assert_eq!(short, expected);
    }

    #[test]
    fn what_is_no_prompt_is_named() {
        let refusal = |line: &str| line.parse::<Prompt>().unwrap_err().to_string();
        assert!(refusal("[control] hair").contains("needs a target"));
        assert!(refusal("blonde hair").contains("\"blonde hair\" is no part"));
        assert!(refusal("[target] a; [scale] much").contains("[scale] much is no number"));
    }
}
