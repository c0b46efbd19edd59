//! The look: colours, spacing, type. Warm is foreground, cool is background, everywhere.

use std::sync::Arc;

use egui::epaint::text::{FontData, FontDefinitions, FontTweak};
use egui::style::{HandleShape, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Painter, Rect, Shadow, Stroke, StrokeKind, Style,
    SurrenderFocusOn, TextStyle, Theme, Visuals, vec2,
};

use crate::typeface;

/// Gaps and margins are multiples of this.
pub const STEP: f32 = 4.0;
/// Height of a row of controls.
pub const ROW: f32 = 24.0;
const CORNER: u8 = 4;

const SMALL: f32 = 11.0;
const BODY: f32 = 13.0;
const TITLE: f32 = 16.0;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Window, panels, raised cards.
    pub surface: [Color32; 3],
    /// Around the canvas: neutral grey, or colours are misjudged.
    pub surround: Color32,
    pub text: Color32,
    pub dim: Color32,
    /// The figure, its mask, its strength.
    pub foreground: Color32,
    /// Everything behind it.
    pub background: Color32,
    /// Selection, focus, the one primary button of a view.
    pub accent: Color32,
    pub good: Color32,
    pub warn: Color32,
    pub bad: Color32,
}

impl Tokens {
    pub const DARK: Self = Self {
        surface: [rgb(0x17181A), rgb(0x1F2124), rgb(0x2A2D31)],
        surround: rgb(0x3A3D42),
        text: rgb(0xE6E7E9),
        dim: rgb(0x9A9EA5),
        foreground: rgb(0xFF8A5B),
        background: rgb(0x5BB6FF),
        accent: rgb(0xE8C15A),
        good: rgb(0x6FCF7F),
        warn: rgb(0xF0B45A),
        bad: rgb(0xF06A6A),
    };

    pub const LIGHT: Self = Self {
        surface: [rgb(0xE9EAEC), rgb(0xF4F5F6), rgb(0xFFFFFF)],
        surround: rgb(0xB9BCC1),
        text: rgb(0x1B1D20),
        dim: rgb(0x62666D),
        foreground: rgb(0xD9582A),
        background: rgb(0x1F78C8),
        accent: rgb(0xA87B10),
        good: rgb(0x1B7231),
        warn: rgb(0x8A5A00),
        bad: rgb(0xBF2F2F),
    };

    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &Self::DARK,
            Theme::Light => &Self::LIGHT,
        }
    }

    /// Hairlines between things.
    pub fn line(&self) -> Color32 {
        self.surface[1].lerp_to_gamma(self.text, 0.14)
    }

    /// Paints a card: a ground, `surface` of [`Self::surface`], within a hairline.
    pub fn card(&self, painter: &Painter, rect: Rect, surface: usize) {
        let (ground, edge) = (self.surface[surface], Stroke::new(1.0, self.line()));
        painter.rect(rect, CornerRadius::same(CORNER), ground, edge, StrokeKind::Inside);
    }

    /// What is chosen lies on this.
    pub fn chosen(&self) -> Color32 {
        self.surface[1].lerp_to_gamma(self.accent, 0.30)
    }

    /// Words on [`Self::chosen`]: the accent, where that is legible there.
    pub fn on_chosen(&self) -> Color32 {
        match *self == Self::LIGHT {
            true => self.accent.lerp_to_gamma(self.text, 0.5),
            false => self.accent,
        }
    }

    /// Text on the accent colour, which is bright in both themes.
    pub fn on_accent(&self) -> Color32 {
        rgb(0x0E0F10)
    }
}

/// The colours of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    Tokens::of(if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light })
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The heavier cut of the type, for titles.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// The icon font at 16 or 20 points.
pub fn icon_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons".into()))
}

/// Gives a window its type and both themes.
pub fn install(context: &Context) {
    context.set_fonts(fonts());
    // A stroke is no click: a number that was typed would keep the keys while one paints.
    context.options_mut(|options| options.input_options.surrender_focus_on = SurrenderFocusOn::Presses);
    for theme in [Theme::Dark, Theme::Light] {
        context.set_style_of(theme, style(theme));
    }
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8], tweak| {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes).tweak(tweak)));
    };
    add("Inter", typeface::INTER, FontTweak::default());
    add("Inter SemiBold", typeface::INTER_SEMIBOLD, FontTweak::default());
    add("Phosphor", typeface::PHOSPHOR, FontTweak::default());
    let families = [
        (FontFamily::Proportional, "Inter"),
        (FontFamily::Monospace, "Inter"),
        (FontFamily::Name("semibold".into()), "Inter SemiBold"),
        (FontFamily::Name("icons".into()), "Phosphor"),
    ];
    for (family, font) in families {
        fonts.families.insert(family, vec![font.to_owned()]);
    }
    fonts
}

fn style(theme: Theme) -> Style {
    let tokens = Tokens::of(theme);
    let mut style = Style {
        visuals: visuals(theme, tokens),
        ..Style::default()
    };
    let sizes = [
        (TextStyle::Small, SMALL),
        (TextStyle::Body, BODY),
        (TextStyle::Button, BODY),
        (TextStyle::Monospace, BODY),
    ];
    style.text_styles = sizes.map(|(text, size)| (text, FontId::proportional(size))).into();
    style.text_styles.insert(TextStyle::Heading, semibold(TITLE));
    style.spacing.item_spacing = vec2(2.0 * STEP, STEP);
    style.spacing.button_padding = vec2(2.0 * STEP, STEP);
    style.spacing.interact_size = vec2(ROW, ROW);
    style.spacing.icon_width = 4.0 * STEP;
    style.spacing.icon_width_inner = 2.0 * STEP;
    style.spacing.slider_rail_height = STEP;
    style.spacing.slider_width = 120.0;
    style.spacing.window_margin = Margin::same(16);
    style.spacing.menu_margin = Margin::same(4);
    style.spacing.tooltip_width = 280.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.animation_time = 0.12;
    style
}

fn visuals(theme: Theme, tokens: &Tokens) -> Visuals {
    let widget = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(CORNER),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let raised = tokens.surface[2];
    let lifted = raised.lerp_to_gamma(tokens.text, 0.10);
    let pressed = raised.lerp_to_gamma(tokens.text, 0.18);
    let base = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(72),
    };
    Visuals {
        widgets: Widgets {
            noninteractive: widget(tokens.surface[1], tokens.line(), tokens.text),
            inactive: WidgetVisuals {
                // Rails of sliders: they lie on panels, and a raised card's colour would not show there.
                bg_fill: lifted,
                ..widget(raised, tokens.line(), tokens.text)
            },
            hovered: widget(lifted, tokens.line(), tokens.text),
            active: widget(pressed, tokens.accent, tokens.text),
            open: widget(lifted, tokens.line(), tokens.text),
        },
        selection: egui::style::Selection {
            bg_fill: tokens.chosen(),
            stroke: Stroke::new(1.0, tokens.on_chosen()),
        },
        weak_text_color: Some(tokens.dim),
        hyperlink_color: tokens.background,
        faint_bg_color: tokens.surface[1],
        extreme_bg_color: tokens.surface[0],
        text_edit_bg_color: Some(tokens.surface[0]),
        warn_fg_color: tokens.warn,
        error_fg_color: tokens.bad,
        window_corner_radius: CornerRadius::same(CORNER),
        menu_corner_radius: CornerRadius::same(CORNER),
        window_fill: tokens.surface[1],
        window_stroke: Stroke::new(1.0, tokens.line()),
        panel_fill: tokens.surface[1],
        window_shadow: shadow,
        popup_shadow: shadow,
        slider_trailing_fill: true,
        handle_shape: HandleShape::Rect { aspect_ratio: 0.4 },
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2 relative luminance.
    fn luminance(color: Color32) -> f32 {
        let [r, g, b] = [color.r(), color.g(), color.b()].map(|value| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_are_legible_on_every_surface() {
        for tokens in [Tokens::DARK, Tokens::LIGHT] {
            for surface in tokens.surface {
                for text in [tokens.text, tokens.dim, tokens.good, tokens.warn, tokens.bad] {
                    assert!(
                        contrast(text, surface) >= 4.5,
                        "{text:?} on {surface:?}: {}",
                        contrast(text, surface)
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_chosen_and_the_primary_button_are_legible() {
        for tokens in [Tokens::DARK, Tokens::LIGHT] {
            assert!(contrast(tokens.on_accent(), tokens.accent) >= 4.5);
            for text in [tokens.text, tokens.on_chosen()] {
                assert!(
                    contrast(text, tokens.chosen()) >= 4.5,
                    "{text:?}: {}",
                    contrast(text, tokens.chosen())
                );
            }
        }
    }

    #[test]
    fn the_surround_is_neutral() {
        for tokens in [Tokens::DARK, Tokens::LIGHT] {
            let [r, g, b, _] = tokens.surround.to_array();
            assert!(r.abs_diff(g) <= 8 && g.abs_diff(b) <= 8);
        }
    }
}
