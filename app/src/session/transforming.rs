//! The transform tool's work. What lies in its box is laid down anew away from the window, and takes its place in the document as one entry of history,
//! however often the box is dragged.

use std::sync::Arc;

use super::Session;
use super::moving::NOTHING_THERE;
use crate::document::{Document, Layer, LayerId, Sheet, Side, TileGrid};
use crate::files::{Files, Waker};
use crate::tool::{Contents, Lift, Pose, Quality, ToolKind, Way, movable};

const LABEL: &str = "Transform";

/// What is transformed, and what is still to be done for it.
pub(super) struct Transforming {
    tasks: Files<Done>,
    subject: Option<Subject>,
    /// Counts the subjects.
    number: u64,
}

struct Subject {
    number: u64,
    layers: Vec<LayerId>,
    side: Side,
    /// The document as it was left: where its layers or its selection are otherwise, something else has changed them.
    left: Document,
    hold: Hold,
    /// The entry of history, as long as nothing came after it.
    entry: Option<u64>,
}

enum Hold {
    /// It is being lifted.
    Awaited,
    Nothing,
    Held {
        lift: Arc<Lift>,
        shown: Wanted,
        /// What is being worked on.
        asked: Option<Wanted>,
    },
}

type Wanted = (Pose, Quality);

enum Done {
    Lifted(u64, Lift),
    Laid(u64, Wanted, Contents),
    /// A sentence on why neither came.
    Failed(String),
}

impl Subject {
    /// Whether something else has changed the layers or the selection.
    fn is_changed(&self, document: &Document) -> bool {
        let sheets = [document, &self.left].map(|document| document.sheet(self.side));
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

impl Transforming {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            tasks: Files::new("shiage transform", waker, Done::Failed)?,
            subject: None,
            number: 0,
        })
    }
}

impl Session {
    /// The pane that the box lies on, while the tool is in the hand.
    pub fn transform_side(&self) -> Option<Side> {
        let chosen = self.toolbox.selected() == ToolKind::Transform && self.toolbox.transform.pose.is_some();
        self.transforming
            .subject
            .as_ref()
            .filter(|_| chosen)
            .map(|subject| subject.side)
    }

    /// Why there is no box.
    pub fn transform_trouble(&self) -> &'static str {
        match (self.transformable(), &self.transforming.subject) {
            (Some(Err(reason)), _) => reason,
            (Some(Ok(_)), Some(Subject { hold: Hold::Nothing, .. })) => NOTHING_THERE,
            _ => "",
        }
    }

    /// The layers at hand, or why they are not transformed.
    fn transformable(&self) -> Option<Result<Vec<LayerId>, &'static str>> {
        let document = self.document.as_ref()?;
        Some(movable(document, document.layer(self.target(self.side)?)?))
    }

    /// Whether the document is behind the box.
    pub fn is_transforming(&self) -> bool {
        self.wanted_pose().is_some()
    }

    /// Keeps the document as the box wants it.
    pub(super) fn tend_transform(&mut self) {
        let done: Vec<Done> = self.transforming.tasks.answers().collect();
        done.into_iter().for_each(|done| self.receive_transform(done));
        self.drop_changed();
        if !self.toolbox.is_active() && self.wanted_pose().is_none() {
            self.take_up_transform();
        }
        self.ask_for_pose();
    }

    /// Lets go of what something else has changed.
    fn drop_changed(&mut self) {
        let changed = |subject: &Subject| self.document.as_ref().is_none_or(|document| subject.is_changed(document));
        if self.transforming.subject.as_ref().is_some_and(changed) {
            self.let_go_of_transform();
        }
    }

    /// Lifts what is to be transformed, if the tool is in the hand and something can be.
    fn take_up_transform(&mut self) {
        let chosen = self.toolbox.selected() == ToolKind::Transform;
        let layers = self.transformable().and_then(Result::ok).filter(|_| chosen);
        let held = self.transforming.subject.as_ref().map(|subject| &subject.layers);
        if held == layers.as_ref() {
            return;
        }
        let (Some(document), Some(layers)) = (&self.document, layers) else {
            return self.let_go_of_transform();
        };
        self.transforming.number += 1;
        let number = self.transforming.number;
        let contents = Contents::of(document, self.side, &layers);
        let is_mask = |id: &LayerId| document.layer(*id).is_some_and(|layer| layer.role.is_mask());
        self.masks_shown |= layers.iter().any(is_mask);
        self.toolbox.transform.let_go();
        self.transforming.subject = Some(Subject {
            number,
            left: document.clone(),
            layers,
            side: self.side,
            hold: Hold::Awaited,
            entry: None,
        });
        let lift = move || Some(Done::Lifted(number, Lift::of(&contents)));
        self.transforming.tasks.run(lift);
    }

    fn let_go_of_transform(&mut self) {
        self.transforming.subject = None;
        self.toolbox.transform.let_go();
    }

    /// What the box wants and the document does not show. Looks while the pointer moves, and lays down finely when it rests.
    fn wanted_pose(&self) -> Option<Wanted> {
        let Hold::Held { shown, .. } = &self.transforming.subject.as_ref()?.hold else {
            return None;
        };
        let pose = self.toolbox.transform.pose?;
        let wanted = match self.toolbox.transform.is_active() {
            true if pose == shown.0 => *shown,
            true => (pose, Quality::Draft),
            false => (pose, Quality::Fine),
        };
        (wanted != *shown).then_some(wanted)
    }

    fn ask_for_pose(&mut self) {
        let Some(wanted) = self.wanted_pose() else { return };
        let Some(Subject {
            number,
            hold: Hold::Held { lift, asked, .. },
            ..
        }) = &mut self.transforming.subject
        else {
            return;
        };
        if asked.is_none() {
            *asked = Some(wanted);
            let (number, lift, (pose, quality)) = (*number, lift.clone(), wanted);
            let lay = move || Some(Done::Laid(number, wanted, lift.laid(Way::Posed(pose, quality))));
            self.transforming.tasks.run(lay);
        }
    }

    fn receive_transform(&mut self, done: Done) {
        let Some(subject) = &mut self.transforming.subject else {
            return;
        };
        match done {
            Done::Lifted(number, lift) if number == subject.number => {
                subject.hold = match lift.bounds().is_empty() {
                    true => Hold::Nothing,
                    false => {
                        let rest = Pose::at_rest(lift.bounds());
                        self.toolbox.transform.pose = Some(rest);
                        Hold::Held {
                            lift: Arc::new(lift),
                            shown: (rest, Quality::Fine),
                            asked: None,
                        }
                    }
                };
            }
            Done::Laid(number, wanted, laid) if number == subject.number => {
                if let Hold::Held { asked, .. } = &mut subject.hold
                    && *asked == Some(wanted)
                {
                    *asked = None;
                    self.put_down(wanted, laid);
                }
            }
            Done::Failed(words) => {
                // What was laid down stays; another box of the same would fail alike.
                subject.hold = Hold::Nothing;
                self.toolbox.transform.let_go();
                self.warn(words);
            }
            Done::Lifted(..) | Done::Laid(..) => {}
        }
    }

    /// Puts what was laid down into the document: a first entry of history, or that one again.
    fn put_down(&mut self, wanted: Wanted, laid: Contents) {
        let (Some(subject), Some(document)) = (&mut self.transforming.subject, &mut self.document) else {
            return;
        };
        if subject.is_changed(document) {
            return;
        }
        let before = document.clone();
        laid.put(document);
        match subject.entry == Some(self.history.state()) {
            true => self.history.record_merged(LABEL, before, document),
            false => self.history.record(LABEL, before, document),
        }
        subject.entry = Some(self.history.state());
        subject.left = document.clone();
        if let Hold::Held { shown, .. } = &mut subject.hold {
            *shown = wanted;
        }
    }

    /// Waits for what the box wants.
    pub(super) fn settle_transform(&mut self) {
        self.drop_changed();
        while self.is_transforming() && !self.toolbox.transform.is_active() {
            self.ask_for_pose();
            let done = self.transforming.tasks.wait();
            self.receive_transform(done);
            self.drop_changed();
        }
    }

    /// Leaves the tool with all as it was before. Whether the tool was in the hand.
    pub(super) fn leave_transform(&mut self) -> bool {
        if self.toolbox.selected() != ToolKind::Transform {
            return false;
        }
        let entry = self.transforming.subject.as_ref().and_then(|subject| subject.entry);
        if let Some(document) = self.document.as_mut().filter(|_| entry == Some(self.history.state())) {
            self.history.undo(document);
        }
        self.let_go_of_transform();
        self.toolbox.leave_transform();
        true
    }
}
