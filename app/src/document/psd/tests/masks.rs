//! Masks of layers and groups.

use super::written::{File, Written};
use super::{layer, opened, pixel};
use crate::document::{Blend, Rect};

#[test]
fn masks_are_applied_to_layers_and_cut_groups() {
    for bits in [8, 16] {
        let masked = |name, value, outside, flags| {
            let mut layer = Written::layer(name, [0, 0, 40, 30], [1.0, 0.0, 0.0]);
            layer.channels.push((-2, value));
            layer.mask = Some(([10, 10, 20, 20], outside, flags));
            layer
        };
        let mut group = Written::group("group", 1, b"norm");
        group.channels.push((-2, 1.0));
        group.mask = Some(([0, 0, 5, 30], 0, 0));
        let mut file = File::new(vec![
            masked("half", 0.4, 0, 0),
            masked("hole", 0.0, 255, 0),
            masked("off", 0.0, 0, 2),
            Written::group("</Layer group>", 3, b"norm"),
            Written::layer("in", [0, 0, 40, 30], [0.0, 0.0, 1.0]),
            group,
        ]);
        file.bits = bits;
        let (document, notes) = opened(&file);
        let alpha = |name, x| pixel(&document, name, x, 15)[3];
        assert_eq!((alpha("half", 15), alpha("half", 25)), (102, 0), "{bits}");
        assert_eq!((alpha("hole", 15), alpha("hole", 25)), (0, 255), "{bits}");
        assert_eq!(alpha("off", 15), 255);
        assert_eq!(
            notes,
            [
                "Masks were applied to their layers (\u{201c}half\u{201d}, \u{201c}hole\u{201d}). To change a mask, do so in the program that made the \
                 file."
            ]
        );
        let stencil = layer(&document, "group mask");
        assert_eq!((stencil.blend, document.canvas().depth(stencil.id)), (Blend::DstIn, 1));
        assert_eq!((alpha("group mask", 4), alpha("group mask", 5)), (255, 0));
        let mut bare = document.clone();
        for name in ["half", "hole", "off"] {
            let id = layer(&document, name).id;
            bare.layer_mut(id).unwrap().visible = false;
        }
        let shown = bare.composite(Rect::of([40, 30]));
        assert_eq!(
            (shown.get_pixel(4, 15).0, shown.get_pixel(5, 15).0),
            ([0, 0, 255, 255], [0; 4])
        );
    }
}

#[test]
fn a_thin_mask_hides_less_and_a_soft_edge_is_told() {
    for bits in [8, 16] {
        let masked = |name, rest: &[u8]| {
            let mut layer = Written::layer(name, [0, 0, 40, 30], [1.0, 0.0, 0.0]);
            layer.channels.push((-2, 0.2));
            layer.mask = Some(([10, 10, 20, 20], 0, 16));
            layer.mask_rest = rest.to_vec();
            layer
        };
        let soft = [&[3_u8, 255][..], &2.5_f64.to_be_bytes()].concat();
        // With outlines the painted mask stands first; of the densities its own counts.
        let outlines = [&[0_u8; 18][..], &[5, 0, 255]].concat();
        let mut file = File::new(vec![
            masked("half", &[1, 128]),
            masked("vectors", &[4, 0]),
            masked("both", &outlines),
            masked("soft", &soft),
            masked("torn", &[1]),
        ]);
        file.bits = bits;
        let (document, notes) = opened(&file);
        let alpha = |name| [15, 25].map(|x| pixel(&document, name, x, 15)[3]);
        // 255 - 204 * 128 / 255 and 255 - 255 * 128 / 255.
        assert_eq!(alpha("half"), [153, 127], "{bits}");
        assert_eq!((alpha("vectors"), alpha("both")), ([255; 2], [255; 2]), "{bits}");
        assert_eq!((alpha("soft"), alpha("torn")), ([51, 0], [51, 0]), "{bits}");
        let told: Vec<_> = notes.iter().filter(|note| note.contains("feathered")).collect();
        assert!(told.len() == 1 && told[0].contains("(\u{201c}soft\u{201d})"), "{notes:?}");
    }
}
