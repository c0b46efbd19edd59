//! The sketch mask as the model sees it, over the canvas.

use egui::{Color32, ColorImage, Context, Id, Mesh, Painter, Pos2, TextureHandle, TextureOptions, Ui, pos2, vec2};
use engine::pipeline::Cells;

use crate::canvas::Tint;
use crate::canvas::view::Placement;
use crate::session::Session;
use crate::ui::row;

/// How opaque a cell is: what lies below it is to be seen as well.
const OPACITY: f32 = 0.55;

/// The switch, and how coarsely the model looks.
pub fn options(ui: &mut Ui, session: &mut Session) {
    let mut shown = session.shows_cells();
    let tip = "The sketch mask in the cells that the model works with: what is smaller than a cell is lost to it";
    if ui.checkbox(&mut shown, "As the model sees it").on_hover_text(tip).changed() {
        session.show_cells(shown);
    }
    row(
        ui,
        "Cells",
        "Pixels of the model's picture for a cell, a side: the deeper the model looks, the larger",
        |ui| {
            for level in 0..session.cell_levels() {
                let words = format!("{} px", 8 << level);
                let chosen = shown && session.cell_level() == level;
                if ui.selectable_label(chosen, words).clicked() {
                    session.look_at_level(level);
                }
            }
        },
    );
}

/// In a few words what is seen, while it is.
pub fn facts(session: &Session) -> Option<String> {
    let (_, cells) = session.cells()?;
    let [width, height] = cells.canvas;
    Some(format!(
        "mask as the model sees it: cells of {} px at {width}×{height}",
        cells.side
    ))
}

/// Lays the cells over a picture of `size` pixels.
pub fn draw(ui: &Ui, painter: &Painter, session: &Session, size: [u32; 2], placement: Placement, tint: Tint) {
    let Some((number, cells)) = session.cells() else { return };
    let texture = texture(ui.ctx(), number, cells, tint);
    let mut mesh = Mesh::with_texture(texture.id());
    let Cells {
        canvas, placement: laid, ..
    } = cells;
    // The part of the model's canvas on which the sketch lies.
    let share = |at: u32, axis: usize| at as f32 / canvas[axis] as f32;
    let low = pos2(share(laid.left, 0), share(laid.top, 1));
    let high = pos2(share(laid.left + laid.width, 0), share(laid.top + laid.height, 1));
    let uvs: [Pos2; 4] = [low, pos2(high.x, low.y), high, pos2(low.x, high.y)];
    for (pos, uv) in placement.corners(size).into_iter().zip(uvs) {
        mesh.vertices.push(egui::epaint::Vertex {
            pos,
            uv,
            color: Color32::WHITE,
        });
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    painter.add(mesh);
}

/// A texel a cell; made once for each state of cells and colours.
fn texture(context: &Context, number: u64, cells: &Cells, tint: Tint) -> TextureHandle {
    type Kept = (u64, [Color32; 2], TextureHandle);
    let id = Id::unique("cells");
    let sides = [tint.background, tint.foreground];
    if let Some((.., texture)) =
        (context.data(|data| data.get_temp::<Kept>(id))).filter(|kept| (kept.0, kept.1) == (number, sides))
    {
        return texture;
    }
    let color = |share: u8| {
        sides[0]
            .lerp_to_gamma(sides[1], f32::from(share) / 255.0)
            .gamma_multiply(OPACITY)
    };
    let pixels = cells.share.as_raw().iter().map(|share| color(*share)).collect();
    let [width, height] = [cells.share.width() as usize, cells.share.height() as usize];
    let image = ColorImage {
        size: [width, height],
        source_size: vec2(width as f32, height as f32),
        pixels,
    };
    let texture = context.load_texture("cells", image, TextureOptions::NEAREST);
    context.data_mut(|data| data.insert_temp::<Kept>(id, (number, sides, texture.clone())));
    texture
}
