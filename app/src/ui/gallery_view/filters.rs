//! What shows: search, filters by what reviewers decided and by what the catalogue holds, groups and order.

use std::collections::BTreeMap;

use egui::{Button, ComboBox, RichText, ScrollArea, TextEdit, Ui};

use super::grid::label_color;
use crate::command::Command;
use crate::gallery::light_table::LightTable;
use crate::gallery::marks::{Flag, Label};
use crate::gallery::order::Sorting;
use crate::gallery::query::{Filter, Grouping};
use crate::gallery::recipe_fields;
use crate::ui::theme::{ROW, STEP, tokens};
use crate::ui::{icon, icon_button, title};

/// What the groupings hold; counted when the catalogue changes.
#[derive(Default)]
pub struct Facets {
    groups: Vec<(Grouping, Vec<Facet>)>,
    broken: usize,
    /// Names of the recipes' fields, for sorting.
    fields: Vec<String>,
}

/// A value of a grouping.
struct Facet {
    value: String,
    /// Whether another value is the same but for its hash.
    shares_name: bool,
    pictures: usize,
}

impl Facets {
    pub fn count(table: &LightTable) -> Self {
        let folder = table.catalogue().folder();
        let mut fields = std::collections::BTreeSet::new();
        let mut groups: Vec<(Grouping, BTreeMap<String, usize>)> = Grouping::ALL
            .into_iter()
            .skip(1)
            .map(|grouping| (grouping, BTreeMap::new()))
            .collect();
        let mut broken = 0;
        for entry in table.catalogue().entries() {
            match &entry.facts {
                Ok(facts) => facts.fields.iter().for_each(|(name, _)| {
                    if !fields.contains(name.as_str()) {
                        fields.insert(name.clone());
                    }
                }),
                Err(_) => broken += 1,
            }
            for (grouping, values) in &mut groups {
                *values.entry(grouping.of(folder, entry)).or_default() += 1;
            }
        }
        let in_order = |(grouping, values): (Grouping, BTreeMap<String, usize>)| {
            let mut named: BTreeMap<&str, usize> = BTreeMap::new();
            for value in values.keys() {
                *named.entry(recipe_fields::plain(value)).or_default() += 1;
            }
            let facet = |(value, pictures): (&String, &usize)| Facet {
                value: value.clone(),
                shares_name: named[recipe_fields::plain(value)] > 1,
                pictures: *pictures,
            };
            let mut facets: Vec<_> = values.iter().map(facet).collect();
            facets.sort_by(|a, b| Grouping::rank(&a.value).cmp(&Grouping::rank(&b.value)));
            (grouping, facets)
        };
        Self {
            groups: groups.into_iter().map(in_order).collect(),
            broken,
            fields: fields.into_iter().collect(),
        }
    }
}

/// The panel at the left.
pub fn panel(ui: &mut Ui, table: &mut LightTable, facets: &Facets) {
    ScrollArea::vertical().show(ui, |ui| {
        // Beside the bar that scrolls.
        ui.set_width(ui.available_width() - 2.0 * STEP);
        title(ui, "Show");
        ui.add_space(STEP);
        let stars = |query: &[Filter]| {
            query.iter().find_map(|filter| match filter {
                Filter::Stars(stars) => Some(*stars),
                _ => None,
            })
        };
        let shown = stars(&table.query().filters).unwrap_or(0);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for star in 1..=5 {
                let words = format!("Show {}", Filter::Stars(star).words());
                let response = icon_button(ui, icon::STAR, 16.0, star <= shown, &words, &words);
                if response.clicked() {
                    table.ask(|query| query.toggle(Filter::Stars(star)));
                }
            }
        });
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
            for label in Label::ALL {
                let words = format!("Show the {} label", label.text().to_lowercase());
                let selected = table.query().filters.contains(&Filter::Label(label.clone()));
                if swatch(ui, &label, selected, &words) {
                    table.ask(|query| query.toggle(Filter::Label(label.clone())));
                }
            }
        });
        if facets.broken > 0 {
            let selected = table.query().filters.contains(&Filter::Broken);
            let words = format!("Broken pictures ({})", facets.broken);
            if ui.selectable_label(selected, words).clicked() {
                table.ask(|query| query.toggle(Filter::Broken));
            }
        }
        for (grouping, values) in &facets.groups {
            // One value for all divides nothing.
            if values.len() < 2 {
                continue;
            }
            ui.add_space(2.0 * STEP);
            egui::CollapsingHeader::new(grouping.words())
                .default_open(values.len() <= 8)
                .show_unindented(ui, |ui| {
                    for facet in values.iter().take(MOST_VALUES) {
                        let Facet { value, pictures, .. } = facet;
                        // Two pictures of one name are told apart by their hashes.
                        let shown = match facet.shares_name {
                            true => value.as_str(),
                            false => recipe_fields::plain(value),
                        };
                        let filter = Filter::Group(*grouping, value.clone());
                        let selected = table.query().filters.contains(&filter);
                        let button = Button::selectable(selected, shown)
                            .truncate()
                            .right_text(pictures.to_string());
                        let response = ui.add_sized([ui.available_width(), ROW], button);
                        if response.on_hover_text(value).clicked() {
                            table.ask(|query| query.toggle(filter));
                        }
                    }
                    if values.len() > MOST_VALUES {
                        ui.weak(format!("and {} more: search for them", values.len() - MOST_VALUES));
                    }
                });
        }
    });
}

/// Values of one grouping that are listed; the rest is found by searching.
const MOST_VALUES: usize = 40;

/// A colour label as a square button.
pub fn swatch(ui: &mut Ui, label: &Label, selected: bool, words: &str) -> bool {
    let colors = tokens(ui);
    let response = icon_button(ui, "", 16.0, selected, words, words);
    let square = egui::Rect::from_center_size(response.rect.center(), egui::Vec2::splat(12.0));
    ui.painter().rect_filled(square, 2.0, label_color(label, colors));
    response.clicked()
}

/// Width of what stands at the end of the line over the grid.
const ORDERING: f32 = 244.0;

/// The line over the grid: search, chips, groups, order.
pub fn bar(ui: &mut Ui, table: &mut LightTable, facets: &Facets, search: &mut String, commands: &mut Vec<Command>) {
    let field = TextEdit::singleline(search)
        .hint_text("Search names, notes, recipes: seed:7 steps>20")
        .desired_width((ui.available_width() - ORDERING).clamp(96.0, 240.0));
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
    let mut removed = None;
    for filter in &table.query().filters {
        let words = filter.words();
        let chip = Button::new(RichText::new(format!("{words}  ×")).small()).corner_radius(12);
        if ui.add(chip).on_hover_text(format!("Remove the filter {words}")).clicked() {
            removed = Some(filter.clone());
        }
    }
    if let Some(filter) = removed {
        if matches!(filter, Filter::Text(_)) {
            search.clear();
        }
        table.ask(|query| query.toggle(filter));
    }
    if !table.query().filters.is_empty() && ui.button("Remove all").clicked() {
        commands.push(Command::ClearFilters);
    }
    let hidden = table.answer().hidden;
    if hidden > 0 {
        ui.weak(format!("{hidden} hidden"));
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
                for field in &facets.fields {
                    ui.selectable_value(&mut query.sorting, Sorting::Field(field.clone()), field);
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
