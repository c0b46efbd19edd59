//! A field for a seed, which may be any whole number below 2^64.

use std::cell::Cell;

use egui::{DragValue, Response, Ui};

/// A number that is dragged or typed, exact to its last digit. A [`DragValue`] alone carries it as `f64`, which is exact up to 2^53: what was only looked at
/// would come back rounded.
pub fn seed_field(ui: &mut Ui, seed: &mut u64, size: [f32; 2]) -> Response {
    let now = Cell::new(*seed);
    let field = DragValue::from_get_set(|new| {
        // What is merely rounded has not been changed.
        if let Some(new) = new.filter(|new| *new != now.get() as f64) {
            now.set(new as u64);
        }
        now.get() as f64
    })
    .max_decimals(0)
    .range(u64::MIN..=u64::MAX)
    .speed(1.0)
    .custom_formatter(|_, _| now.get().to_string())
    .custom_parser(|text| {
        now.set(typed(text)?);
        Some(now.get() as f64)
    });
    let mut response = ui.name_inputs("Seed", |ui| ui.add_sized(size, field));
    let now = now.get();
    if now != *seed {
        *seed = now;
        response.mark_changed();
    }
    response
}

/// What was typed, where that is a seed; digits may stand in groups.
fn typed(text: &str) -> Option<u64> {
    text.split_whitespace().collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_taken_to_the_last_digit_or_not_at_all() {
        assert_eq!(typed(" 18 446 744 073 709 551 615"), Some(u64::MAX));
        assert_eq!(typed("9007199254740993"), Some((1 << 53) + 1));
        for wrong in ["", "18446744073709551616", "-1", "1.5", "seven"] {
            assert_eq!(typed(wrong), None, "{wrong}");
        }
    }
}
