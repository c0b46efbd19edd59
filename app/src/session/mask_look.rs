//! How masks show.

/// How masks show on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskLook {
    pub show: MaskShow,
    /// Of the tint, 0..=1.
    pub strength: f32,
    /// Of the figure's side and of the other; none: the theme's own.
    pub colors: Option<[[u8; 3]; 2]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
