//! How masks show.

use serde::{Deserialize, Serialize};

/// How masks show on the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaskLook {
    pub show: MaskShow,
    /// Of the tint, 0..=1.
    pub strength: f32,
    /// Of the figure's side and of the other; none: the theme's own.
    pub colors: Option<[[u8; 3]; 2]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaskShow {
    #[default]
    Tint,
    Outline,
    /// The mask that is painted on, white on black, over all else.
    Alone,
}

impl Default for MaskLook {
    fn default() -> Self {
        Self {
            show: MaskShow::Tint,
            strength: 0.38,
            colors: None,
        }
    }
}

impl MaskLook {
    /// Within its bounds: one that is kept in a file may be outside.
    pub(super) fn clamped(self) -> Self {
        Self {
            strength: if self.strength.is_finite() {
                self.strength.clamp(0.0, 1.0)
            } else {
                Self::default().strength
            },
            ..self
        }
    }
}
