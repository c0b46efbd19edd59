//! What shows: search, filters by what reviewers decided and by what the catalogue holds, groups and order.

use egui::{Button, ComboBox, RichText, ScrollArea, TextEdit, TextStyle, Ui};

use super::grid::label_color;
use crate::command::Command;
use crate::gallery::facets::Values;
use crate::gallery::filter::{Bound, Filter};
use crate::gallery::grouping::Grouping;
use crate::gallery::light_table::LightTable;
use crate::gallery::marks::{Flag, Label};
use crate::gallery::order::Sorting;
use crate::gallery::query::Query;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{icon, icon_button, names, title};

/// The panel at the left. `bound` is how numbers of stars are meant.
pub fn panel(ui: &mut Ui, table: &mut LightTable, bound: &mut Bound) {
    ScrollArea::vertical().show(ui, |ui| {
        // Beside the bar that scrolls.
        ui.set_width(ui.available_width() - 2.0 * STEP);
        title(ui, "Show");
        ui.add_space(STEP);
        stars(ui, table, bound);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            for (flag, glyph) in [
                (Flag::Pick, icon::CHECK),
                (Flag::None, icon::FLAG),
                (Flag::Reject, icon::REJECT),
            ] {
                let filter = Filter::Flag(flag);
                let words = format!("Show the {}", flag.words().to_lowercase());
                let selected = table.query().filters.contains(&filter);
                if icon_button(ui, glyph, 16.0, selected, &words, &words).clicked() {
                    table.ask(|query| query.toggle(filter));
                }
            }
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = STEP;
            for label in Label::ALL.into_iter().map(Some).chain([None]) {
                let words = match &label {
                    Some(label) => format!("Show the {} label", label.text().to_lowercase()),
                    None => "Show those without a label".to_owned(),
                };
                let filter = Filter::Label(label.clone());
                let selected = table.query().filters.contains(&filter);
                if swatch(ui, label.as_ref(), selected, &words) {
                    table.ask(|query| query.toggle(filter));
                }
            }
        });
        let mut wanted = None;
        let facets = table.catalogue().facets();
        let filters = &table.query().filters;
        for (label, pictures) in facets.labels() {
            let filter = Filter::Label(Some(label.clone()));
            value(ui, filters, filter, label.text(), pictures, &mut wanted);
        }
        for (filter, words, pictures) in [
            (Filter::NoRecipe, "No recipe", facets.bare()),
            (Filter::Broken, "Broken pictures", facets.broken()),
        ] {
            if pictures > 0 {
                value(ui, filters, filter, words, pictures, &mut wanted);
            }
        }
        for (grouping, values) in facets.groups() {
            // One value for all divides nothing.
            if values.len() > 1 {
                group(ui, filters, grouping, values, &mut wanted);
            }
        }
        if let Some(filter) = wanted {
            table.ask(|query| query.toggle(filter));
        }
    });
}

/// The values of a grouping under its name.
fn group(ui: &mut Ui, filters: &[Filter], grouping: Grouping, values: &Values, wanted: &mut Option<Filter>) {
    ui.add_space(2.0 * STEP);
    let header = egui::CollapsingHeader::new(grouping.words()).default_open(values.len() <= 8);
    header.show_unindented(ui, |ui| {
        for facet in values.iter(grouping).take(MOST_VALUES) {
            // Two pictures of one name are told apart by their hashes.
            let shown = match facet.shares_name {
                true => facet.value,
                false => grouping.plain(facet.value),
            };
            let filter = Filter::Group(grouping, facet.value.to_owned());
            value(ui, filters, filter, shown, facet.pictures, wanted);
        }
        if values.len() > MOST_VALUES {
            ui.weak(format!("and {} more: search for them", values.len() - MOST_VALUES));
        }
    });
}

/// How numbers of stars are meant, and the stars.
fn stars(ui: &mut Ui, table: &mut LightTable, bound: &mut Bound) {
    let before = *bound;
    ui.name_inputs("Stars", |ui| {
        let choice = ComboBox::from_id_salt("stars").selected_text(bound.words());
        choice.width(ui.available_width()).show_ui(ui, |ui| {
            for each in Bound::ALL {
                ui.selectable_value(bound, each, each.words());
            }
        });
    });
    let asked = |query: &Query| -> Vec<u8> {
        let stars = query.filters.iter().filter_map(|filter| match filter {
            Filter::Stars(_, stars) => Some(*stars),
            _ => None,
        });
        stars.collect()
    };
    if *bound != before {
        // What was asked for is now meant so; of several numbers the largest. What all would meet is no filter.
        table.ask(|query| {
            let stars = asked(query).into_iter().max().filter(|stars| bound.divides(*stars));
            query.filters.retain(|filter| !matches!(filter, Filter::Stars(..)));
            query.filters.extend(stars.map(|stars| Filter::Stars(*bound, stars)));
        });
    }
    let asked = asked(table.query());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for star in 0..=5 {
            let filter = Filter::Stars(*bound, star);
            let words = format!("Show {}", filter.words().to_lowercase());
            let lit = match bound {
                Bound::Exactly => asked.contains(&star),
                Bound::AtLeast | Bound::AtMost => star > 0 && asked.iter().any(|stars| star <= *stars),
            };
            let clicked = match (star, *bound) {
                // All have so many.
                (0, Bound::AtLeast) => continue,
                (0, _) => icon_button(ui, icon::NO_STAR, 16.0, asked.contains(&0), &words, &words).clicked(),
                _ => icon_button(ui, icon::STAR, 16.0, lit, &words, &words).clicked(),
            };
            if clicked {
                table.ask(|query| query.toggle(filter));
            }
        }
    });
}

/// A value that pictures can have, with how many do; a click wants it to filter, or no longer to.
fn value(ui: &mut Ui, filters: &[Filter], filter: Filter, words: &str, pictures: usize, wanted: &mut Option<Filter>) {
    let selected = filters.contains(&filter);
    let button = Button::selectable(selected, words)
        .truncate()
        .right_text(pictures.to_string());
    let response = ui.add_sized([ui.available_width(), ROW], button);
    let tip = match &filter {
        Filter::Group(_, value) => value.clone(),
        filter => filter.words(),
    };
    if response.on_hover_text(tip).clicked() {
        *wanted = Some(filter);
    }
}

/// Values of one grouping that are listed; the rest is found by searching.
const MOST_VALUES: usize = 40;

/// A colour label as a square button; none is an empty square.
pub fn swatch(ui: &mut Ui, label: Option<&Label>, selected: bool, words: &str) -> bool {
    let colors = tokens(ui);
    let response = icon_button(ui, "", 16.0, selected, words, words);
    let square = egui::Rect::from_center_size(response.rect.center(), egui::Vec2::splat(12.0));
    match label {
        Some(label) => drop(ui.painter().rect_filled(square, 2.0, label_color(label, colors))),
        None => drop(
            ui.painter()
                .rect_stroke(square, 2.0, (1.0, colors.dim), egui::StrokeKind::Inside),
        ),
    }
    response.clicked()
}

/// Width of what stands at the end of the line over the grid.
const ORDERING: f32 = 244.0;

/// The line over the grid: search, groups, order.
pub fn bar(ui: &mut Ui, table: &mut LightTable, search: &mut String) {
    let field = TextEdit::singleline(search)
        .hint_text("Search names, notes, recipes: seed:7 stars>=4 \"two words\"")
        .desired_width((ui.available_width() - ORDERING).clamp(96.0, 360.0));
    let field = ui.name_inputs("Search", |ui| ui.add(field));
    if field.changed() {
        let text = search.trim().to_owned();
        table.ask(|query| {
            query.filters.retain(|filter| !matches!(filter, Filter::Text(_)));
            if !text.is_empty() {
                query.filters.push(Filter::Text(text));
            }
        });
    }
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let mut query = table.query().clone();
        let (arrow, words) = match query.descending {
            true => (icon::DESCENDING, "Largest first"),
            false => (icon::ASCENDING, "Smallest first"),
        };
        if icon_button(ui, arrow, 16.0, false, words, words).clicked() {
            query.descending = !query.descending;
        }
        ui.name_inputs("Order", |ui| {
            let order = ComboBox::from_id_salt("order").selected_text(query.sorting.words().to_owned());
            order.show_ui(ui, |ui| {
                for sorting in Sorting::PLAIN {
                    let words = sorting.words().to_owned();
                    ui.selectable_value(&mut query.sorting, sorting, words);
                }
                for field in table.catalogue().facets().fields() {
                    ui.selectable_value(&mut query.sorting, Sorting::Field(field.to_owned()), field);
                }
            });
        });
        ui.name_inputs("Groups", |ui| {
            let groups = ComboBox::from_id_salt("groups").selected_text(query.grouping.words());
            groups.show_ui(ui, |ui| {
                for grouping in Grouping::ALL {
                    ui.selectable_value(&mut query.grouping, grouping, grouping.words());
                }
            });
        });
        table.ask(|asked| *asked = query);
    });
}

/// Height of the lines of chips that show without scrolling.
const CHIPS: f32 = 3.0 * ROW;
/// Width of the words on a chip.
const CHIP: f32 = 280.0;

/// What hides pictures: a chip for each filter, in as many lines as it takes.
pub fn chips(ui: &mut Ui, table: &mut LightTable, search: &mut String, commands: &mut Vec<Command>) {
    ScrollArea::vertical()
        .max_height(CHIPS)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                let mut removed = None;
                for filter in &table.query().filters {
                    let words = filter.words();
                    let font = TextStyle::Small.resolve(ui.style());
                    let shown = RichText::new(format!("{}  ×", names::cut_to(ui, &words, &font, CHIP))).small();
                    let chip = ui.add(Button::new(shown).corner_radius(12));
                    if chip.on_hover_text(format!("Remove the filter {words}")).clicked() {
                        removed = Some(filter.clone());
                    }
                }
                if let Some(filter) = removed {
                    if matches!(filter, Filter::Text(_)) {
                        search.clear();
                    }
                    table.ask(|query| query.toggle(filter));
                }
                if ui.button("Remove all").clicked() {
                    commands.push(Command::ClearFilters);
                }
                let hidden = table.answer().hidden;
                if hidden > 0 {
                    ui.weak(format!("{hidden} hidden"));
                }
            });
        });
}
