//! The transform tool's work. What lies in its box is laid down anew as one entry of history, however often the box is dragged.

use super::Session;
use super::holding::{Holding, News};
use super::moving::NOTHING_THERE;
use crate::document::{Document, Layer, LayerId, Sheet, Side, TileGrid};
use crate::tool::{Contents, Lift, Pose, Quality, ToolKind, Way, movable};

const LABEL: &str = "Transform";

pub(super) type Transforming = Holding<Boxed>;

pub(super) struct Boxed {
    layers: Vec<LayerId>,
    side: Side,
    /// The document as it was left: where its layers or its selection are otherwise, something else has changed them.
    left: Document,
    /// The entry of history, as long as nothing came after it.
    entry: Option<u64>,
}

impl Boxed {
    fn has_changed(&self, document: Option<&Document>) -> bool {
        let sheets = [document, Some(&self.left)].map(|document| document.and_then(|document| document.sheet(self.side)));
        let layers = |id: &LayerId| sheets.map(|sheet| sheet.and_then(|sheet| sheet.layer(*id)));
        let selections = sheets.map(|sheet| sheet.and_then(Sheet::selection));
        self.layers.iter().any(|id| differ(layers(id), Layer::stamp)) || differ(selections, TileGrid::stamp)
    }
}

/// Whether two hold other pixels. What documents share is one and the same, which is seen without a look at it.
fn differ<T>(two: [Option<&T>; 2], stamp: fn(&T) -> u64) -> bool {
    match two {
        [Some(one), Some(other)] => !std::ptr::eq(one, other) && stamp(one) != stamp(other),
        [None, None] => false,
        _ => true,
    }
}

impl Session {
    /// The pane that the box lies on, while the tool is in the hand.
    pub fn transform_side(&self) -> Option<Side> {
        let chosen = self.toolbox.selected() == ToolKind::Transform && self.toolbox.transform.pose.is_some();
        let held = self.transforming.held.as_ref().filter(|_| chosen);
        held.map(|held| held.subject.side)
    }

    /// Why there is no box.
    pub fn transform_trouble(&self) -> &'static str {
        match (self.transformable(), &self.transforming.held) {
            (Some(Err(reason)), _) => reason,
            (Some(Ok(_)), Some(held)) if held.is_empty() => NOTHING_THERE,
            _ => "",
        }
    }

    /// The layers at hand, or why they are not transformed.
    fn transformable(&self) -> Option<Result<Vec<LayerId>, &'static str>> {
        self.target(self.side).map(|layer| self.changed_with(layer, movable))
    }

    /// Whether the document is behind the box.
    pub fn is_transforming(&self) -> bool {
        self.wanted_pose().is_some()
    }

    /// Keeps the document as the box wants it.
    pub(super) fn tend_transform(&mut self) {
        for news in self.transforming.news() {
            match news {
                News::Lifted => self.show_box(),
                News::Laid(way, laid) => self.put_down(way, laid),
                News::Failed(words) => {
                    // What was laid down stays; another box of the same would fail alike.
                    self.toolbox.transform.let_go();
                    self.warn(words);
                }
            }
        }
        // Let go of what something else has changed.
        let document = self.document.as_ref();
        if self
            .transforming
            .held
            .as_ref()
            .is_some_and(|held| held.subject.has_changed(document))
        {
            self.let_go_of_transform();
        }
        // What is moved is lifted as it comes to lie.
        if !self.toolbox.is_active() && self.wanted_pose().is_none() && !self.is_moving() && !self.is_awaiting() {
            self.take_up_transform();
        }
        if let Some(way) = self.wanted_pose() {
            self.transforming.ask(way);
        }
    }

    /// Lifts what is to be transformed, if the tool is in the hand and something can be.
    fn take_up_transform(&mut self) {
        let chosen = self.toolbox.selected() == ToolKind::Transform;
        let layers = self.transformable().and_then(Result::ok).filter(|_| chosen);
        let held = self.transforming.held.as_ref().map(|held| &held.subject.layers);
        if held == layers.as_ref() {
            return;
        }
        let (Some(document), Some(layers)) = (&self.document, layers) else {
            return self.let_go_of_transform();
        };
        let contents = Contents::of(document, self.side, &layers);
        let is_mask = |id: &LayerId| document.layer(*id).is_some_and(|layer| layer.role.is_mask());
        self.view.masks |= layers.iter().any(is_mask);
        self.toolbox.transform.let_go();
        let subject = Boxed {
            left: document.clone(),
            layers,
            side: self.side,
            entry: None,
        };
        self.transforming.take_up(contents, Lift::of, subject);
    }

    fn let_go_of_transform(&mut self) {
        self.transforming.held = None;
        self.toolbox.transform.let_go();
    }

    /// What the box wants and the document does not show. Looks while the pointer moves, and lays down finely when it rests.
    fn wanted_pose(&self) -> Option<Way> {
        let shown = self.transforming.held.as_ref()?.shown?;
        let pose = self.toolbox.transform.pose?;
        let wanted = match self.toolbox.transform.is_active() {
            true if matches!(shown, Way::Posed(at, _) if at == pose) => return None,
            true => Way::Posed(pose, Quality::Draft),
            false => Way::Posed(pose, Quality::Fine),
        };
        (wanted != shown).then_some(wanted)
    }

    /// It is lifted: the box lies around it, if there is anything.
    fn show_box(&mut self) {
        let Some(held) = &mut self.transforming.held else { return };
        let bounds = held
            .lift
            .as_ref()
            .map(|lift| lift.bounds())
            .filter(|bounds| !bounds.is_empty());
        if let Some(rest) = bounds.map(Pose::at_rest) {
            self.toolbox.transform.pose = Some(rest);
            held.shown = Some(Way::Posed(rest, Quality::Fine));
        }
    }

    /// Puts what was laid down into the document: a first entry of history, or that one again.
    fn put_down(&mut self, way: Way, laid: Contents) {
        let (Some(held), Some(document)) = (&mut self.transforming.held, &mut self.document) else {
            return;
        };
        let subject = &mut held.subject;
        if subject.has_changed(Some(&*document)) {
            return;
        }
        held.shown = Some(way);
        let joined = subject.entry == Some(self.history.state());
        let rest = held.lift.as_ref().map(|lift| Pose::at_rest(lift.bounds()));
        let rests = matches!(way, Way::Posed(pose, Quality::Fine) if Some(pose) == rest);
        // All is where it was: the first drag was called off, and leaves nothing.
        if rests && joined && self.history.call_off(document) {
            subject.left = document.clone();
            subject.entry = None;
            return;
        }
        let before = document.clone();
        laid.put(document);
        subject.left = document.clone();
        self.record(LABEL, before, joined);
        let state = self.history.state();
        self.transforming
            .held
            .iter_mut()
            .for_each(|held| held.subject.entry = Some(state));
    }

    /// Leaves the tool with all as it was before, once all is done that was done with it. Whether the tool was in the hand, or is still to lay something down.
    pub(super) fn give_up_transform(&mut self) -> bool {
        let held = self.toolbox.selected() == ToolKind::Transform || self.is_transforming();
        match self.waiting.is_empty() {
            _ if !held => {}
            true => self.leave_transform(),
            false => self.when_laid(Self::leave_transform),
        }
        held
    }

    fn leave_transform(&mut self) {
        let entry = self.transforming.held.as_ref().and_then(|held| held.subject.entry);
        if let Some(document) = self.document.as_mut().filter(|_| entry == Some(self.history.state())) {
            self.history.undo(document);
        }
        self.let_go_of_transform();
        self.toolbox.leave_transform();
    }
}
