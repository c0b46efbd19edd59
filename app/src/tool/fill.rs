//! Fills: the region that is clicked, those that a drag touches, or those within a loop.

use serde::{Deserialize, Serialize};

use super::regions::pixel;
use super::{Effect, Paint, PointerEvent, RegionSettings, Sought, Target, Then};

/// Pixels of the layer within which a drag was a click, at whatever zoom.
const CLICK: f32 = 2.0;

/// Which regions a drag fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FillBy {
    /// Those that it touches.
    #[default]
    Touch,
    /// Those that lie wholly within the loop that it draws.
    Enclose,
}

/// Follows the pointer, and asks for regions when it is released. A click fills the one that is under it.
#[derive(Default)]
pub struct FillTool {
    pub by: FillBy,
    pub settings: RegionSettings,
    /// Masks become white, whatever the colour.
    pub color: [u8; 3],
    /// How far the pointer may stray in a click, in pixels of the layer.
    pub reach: f32,
    drawn: Option<Drawn>,
}

struct Drawn {
    way: Vec<[f32; 2]>,
    /// As the keys were when the pointer went down.
    paint: Paint,
}

impl FillTool {
    pub fn is_active(&self) -> bool {
        self.drawn.is_some()
    }

    /// The loop under way; or the way that touches regions, there and back, so that nothing closes it.
    pub fn outline(&self) -> Vec<[f32; 2]> {
        let Some(Drawn { way, .. }) = &self.drawn else {
            return Vec::new();
        };
        match self.by {
            FillBy::Touch => way.iter().chain(way.iter().rev()).copied().collect(),
            FillBy::Enclose => way.clone(),
        }
    }

    /// Alt at the press takes away instead.
    pub fn handle(&mut self, event: PointerEvent, target: &Target<'_>) -> Effect {
        match event {
            PointerEvent::Press(sample) => {
                self.drawn = None;
                if let Err(effect) = target.paintable() {
                    return effect;
                }
                self.drawn = Some(Drawn {
                    way: Vec::new(),
                    paint: match target.keys.alt {
                        true => Paint::Erase,
                        false => Paint::Color(self.color),
                    },
                });
                self.extend(sample.position);
            }
            PointerEvent::Move(sample) => self.extend(sample.position),
            PointerEvent::Release(sample) => {
                self.extend(sample.position);
                let size = target.document.layer(target.layer).map_or([0; 2], |layer| layer.size());
                return self.drawn.take().map_or(Effect::Nothing, |drawn| self.asked(drawn, size));
            }
            PointerEvent::Cancel => self.drawn = None,
        }
        Effect::Nothing
    }

    fn extend(&mut self, at: [f32; 2]) {
        if let Some(drawn) = &mut self.drawn
            && at.iter().all(|side| side.is_finite())
        {
            drawn.way.push(at);
        }
    }

    /// On a sheet of `size`; off it there is nothing to ask for.
    fn asked(&self, Drawn { way, paint }: Drawn, size: [u32; 2]) -> Effect {
        let Some(&[x, y]) = way.first() else { return Effect::Nothing };
        let meets = |axis: usize| way.iter().any(|at| at[axis] >= 0.0) && way.iter().any(|at| at[axis] < size[axis] as f32);
        if !meets(0) || !meets(1) {
            return Effect::Nothing;
        }
        let strays = |at: &[f32; 2]| (at[0] - x).hypot(at[1] - y) > self.reach.max(CLICK);
        let sought = match self.by {
            _ if !way.iter().any(strays) => pixel([x, y]).map(Sought::At),
            FillBy::Touch => Some(Sought::Along(way)),
            FillBy::Enclose => Some(Sought::Within(way)),
        };
        sought.map_or(Effect::Nothing, |sought| Effect::Region(sought, Then::Fill(paint)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Role};
    use crate::tool::test_hand::Hand;
    use crate::tool::{PointerSample, ToolKind, Toolbox};
    use image::RgbaImage;

    const RED: [u8; 3] = [200, 30, 40];

    /// The fill tool over a sketch.
    fn tools(by: FillBy) -> (Hand, Toolbox) {
        let document = Document::from_sketch(&RgbaImage::new(300, 300)).unwrap();
        let layer = document.by_role(Role::Sketch).unwrap().id;
        let mut tools = Toolbox::default();
        tools.select(ToolKind::Fill);
        tools.fill.by = by;
        tools.colors.brush = RED;
        (Hand::new(document, layer), tools)
    }

    /// Goes from the first place to the last, and does not let go: what comes of each event.
    fn draw(hand: &mut Hand, tools: &mut Toolbox, way: &[[f32; 2]]) -> Vec<Effect> {
        let pressed = PointerEvent::Press(PointerSample::at(way[0]));
        let moves = way[1..].iter().map(|at| PointerEvent::Move(PointerSample::at(*at)));
        let events = std::iter::once(pressed).chain(moves);
        events.map(|event| tools.handle(event, hand.target())).collect()
    }

    fn release(hand: &mut Hand, tools: &mut Toolbox, at: [f32; 2]) -> Effect {
        tools.handle(PointerEvent::Release(PointerSample::at(at)), hand.target())
    }

    #[test]
    fn a_click_asks_for_the_region_under_it_however_the_drags_are_taken() {
        for by in [FillBy::Touch, FillBy::Enclose] {
            let (mut hand, mut tools) = tools(by);
            let wanted = |paint| Effect::Region(Sought::At([10, 12]), Then::Fill(paint));
            draw(&mut hand, &mut tools, &[[10.5, 12.5], [11.0, 13.0]]);
            assert_eq!(release(&mut hand, &mut tools, [9.5, 12.5]), wanted(Paint::Color(RED)));
            assert_eq!(tools.colors.recent(), [RED]);
            hand.keys.alt = true;
            draw(&mut hand, &mut tools, &[[10.5, 12.5]]);
            hand.keys.alt = false;
            assert_eq!(release(&mut hand, &mut tools, [10.5, 12.5]), wanted(Paint::Erase));
            // The view is far away: a hand that shakes goes over many pixels.
            tools.set_view(24.0, [1.0, 0.0]);
            draw(&mut hand, &mut tools, &[[10.5, 12.5], [30.0, 12.5]]);
            assert_eq!(release(&mut hand, &mut tools, [30.0, 12.5]), wanted(Paint::Color(RED)));
            for off in [[-1.0, 12.5], [300.0, 12.5], [12.5, 301.0]] {
                draw(&mut hand, &mut tools, &[off]);
                assert_eq!(release(&mut hand, &mut tools, off), Effect::Nothing);
            }
        }
    }

    #[test]
    fn a_drag_off_the_sheet_asks_for_nothing_and_one_around_it_for_all() {
        for by in [FillBy::Touch, FillBy::Enclose] {
            let (mut hand, mut tools) = tools(by);
            draw(&mut hand, &mut tools, &[[320.0, 10.0], [390.0, 10.0], [390.0, 250.0]]);
            assert_eq!(release(&mut hand, &mut tools, [320.0, 250.0]), Effect::Nothing);
            draw(&mut hand, &mut tools, &[[-40.0, -40.0], [340.0, -40.0], [340.0, 340.0]]);
            assert_ne!(release(&mut hand, &mut tools, [-40.0, 340.0]), Effect::Nothing);
        }
    }

    #[test]
    fn what_is_remembered_is_the_colour_that_the_drag_began_with() {
        let (mut hand, mut tools) = tools(FillBy::Touch);
        draw(&mut hand, &mut tools, &[[10.0, 10.0], [60.0, 10.0]]);
        tools.colors.swap();
        let effect = release(&mut hand, &mut tools, [90.0, 10.0]);
        assert!(matches!(effect, Effect::Region(_, Then::Fill(Paint::Color(RED)))));
        assert_eq!(tools.colors.recent(), [RED]);
        tools.select(ToolKind::Gradient);
        draw(&mut hand, &mut tools, &[[10.0, 10.0], [60.0, 10.0]]);
        tools.colors.swap();
        release(&mut hand, &mut tools, [90.0, 10.0]);
        assert_eq!(tools.colors.recent(), [[255; 3], RED]);
    }

    #[test]
    fn a_drag_asks_once_it_ends_for_what_it_went_over_or_around() {
        let way = [[10.0, 10.0], [60.0, 10.0], [60.0, 50.0]];
        let whole: Vec<[f32; 2]> = way.into_iter().chain([[10.0, 50.0]]).collect();
        for (by, sought) in [
            (FillBy::Touch, Sought::Along(whole.clone())),
            (FillBy::Enclose, Sought::Within(whole.clone())),
        ] {
            let (mut hand, mut tools) = tools(by);
            let effects = draw(&mut hand, &mut tools, &way);
            assert!(effects.iter().all(|effect| *effect == Effect::Nothing) && tools.is_changing());
            assert!(tools.colors.recent().is_empty());
            let shown = tools.outline();
            assert_eq!((shown[0], shown.len()), (way[0], if by == FillBy::Touch { 6 } else { 3 }));
            // What is no number is no place.
            tools.handle(PointerEvent::Move(PointerSample::at([f32::NAN, 3.0])), hand.target());
            let effect = release(&mut hand, &mut tools, [10.0, 50.0]);
            assert_eq!(effect, Effect::Region(sought, Then::Fill(Paint::Color(RED))));
            assert!(!tools.is_active() && tools.outline().is_empty());
            assert_eq!(tools.colors.recent(), [RED]);
        }
    }

    #[test]
    fn what_is_called_off_or_locked_asks_for_nothing() {
        let (mut hand, mut tools) = tools(FillBy::Touch);
        draw(&mut hand, &mut tools, &[[10.0, 10.0], [60.0, 10.0]]);
        tools.handle(PointerEvent::Cancel, hand.target());
        assert!(!tools.is_active());
        assert_eq!(release(&mut hand, &mut tools, [90.0, 10.0]), Effect::Nothing);
        hand.document.layer_mut(hand.layer).unwrap().locked = true;
        let refused = draw(&mut hand, &mut tools, &[[10.0, 10.0], [60.0, 10.0]]);
        assert_eq!(refused[0], Effect::Refused("The layer is locked. Unlock it first."));
        assert_eq!(refused[1], Effect::Nothing);
        assert_eq!(release(&mut hand, &mut tools, [90.0, 10.0]), Effect::Nothing);
    }
}
