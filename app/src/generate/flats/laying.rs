//! Flats as layers of a document.

use super::{Flat, FlatLayers};
use crate::document::{Layer, LayerId, Pixels, Place, Role, Sheet};

/// Lays flats over their take and those beside it, cut for `layers`: one layer, or a group of them. What is to be chosen then: the layer, or the group; none
/// where there is no such take, nothing to lay, or the take lies too deep in groups for others: then not all may be laid.
pub fn lay(canvas: &mut Sheet, take: LayerId, layers: FlatLayers, mut flats: Vec<Flat>) -> Option<LayerId> {
    let name = format!("{} as flats", canvas.layer(take)?.name);
    let size = canvas.size();
    let place = canvas.beside_takes(Place::Above(take));
    if layers == FlatLayers::All && flats.len() < 2 {
        let pixels = Pixels::Raster(flats.pop()?.pixels);
        return add(canvas, &name, pixels, place);
    }
    flats.first()?;
    let all = add(canvas, &name, Pixels::Group(size), place)?;
    let mut inner: Option<(&str, LayerId)> = None;
    for Flat { name, group, pixels } in flats {
        // Those of a group come together.
        if group != inner.map(|(name, _)| name) {
            inner = match group {
                Some(group) => Some((group, add(canvas, group, Pixels::Group(size), Place::Into(all))?)),
                None => None,
            };
        }
        let place = Place::Into(inner.map_or(all, |(_, group)| group));
        add(canvas, &name, Pixels::Raster(pixels), place)?;
    }
    Some(all)
}

/// A new layer of paint, or a group, which is not listed open.
fn add(canvas: &mut Sheet, name: &str, pixels: Pixels, place: Place) -> Option<LayerId> {
    let mut layer = Layer::new(Role::Paint, &canvas.free_name(name), pixels);
    layer.folded = layer.is_group();
    layer.clip = canvas.is_within_clipping(place);
    let id = layer.id;
    canvas.insert(layer, place).then_some(id)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, RgbaImage};

    use super::*;
    use crate::document::{Document, TileGrid};

    /// The layers over the takes, of the first of two, groups before their own in brackets.
    fn laid(layers: FlatLayers, flats: &[(&str, Option<&'static str>)]) -> Option<String> {
        let mut document = Document::from_sketch(&RgbaImage::new(4, 4)).unwrap();
        let [take, last] = [9, 8].map(|value| document.place_take(&RgbImage::from_pixel(4, 4, Rgb([value; 3])), String::new()));
        let flats = flats.iter().map(|(name, group)| Flat {
            name: (*name).to_owned(),
            group: *group,
            pixels: TileGrid::new([4, 4]),
        });
        let canvas = document.canvas_mut();
        let id = lay(canvas, take, layers, flats.collect())?;
        let order: Vec<LayerId> = canvas.children(None).map(|layer| layer.id).collect();
        assert_eq!(
            order[..3],
            [take, last, id],
            "over all takes, for the next one goes right over them"
        );
        fn told(canvas: &Sheet, layer: &Layer) -> String {
            let inner: Vec<String> = canvas.children(Some(layer.id)).map(|layer| told(canvas, layer)).collect();
            match layer.is_group() {
                true => format!("{}({})", layer.name, inner.join(" ")),
                false => layer.name.clone(),
            }
        }
        Some(told(canvas, canvas.layer(id)?))
    }

    #[test]
    fn flats_are_one_layer_or_a_group_with_one_for_each_side() {
        let told = |layers, flats: &[(&str, Option<&'static str>)]| laid(layers, flats).unwrap_or_default();
        let (figure, background) = (Some("Figure"), Some("Background"));
        assert_eq!(told(FlatLayers::All, &[("Flats", None)]), "Take 1 as flats");
        assert_eq!(told(FlatLayers::Color, &[("Hair", None)]), "Take 1 as flats(Hair)");
        assert_eq!(
            told(FlatLayers::All, &[("Background", None), ("Figure", None)]),
            "Take 1 as flats(Background Figure)"
        );
        let sides = [("Sky", background), ("White", background), ("White", figure)];
        assert_eq!(
            told(FlatLayers::Color, &sides),
            "Take 1 as flats(Background(Sky White) Figure(White 2))"
        );
        assert_eq!(laid(FlatLayers::Region, &[]), None);
    }
}
