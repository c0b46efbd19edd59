//! The transform tool's work. What lies in its box is laid down anew away from the window, and takes its place in the document as one entry of history,
//! however often the box is dragged.

use std::sync::Arc;

use super::Session;
use crate::document::{Document, LayerId, Side};
use crate::files::{Files, Waker};
use crate::tool::{Contents, Lift, Pose, Quality, ToolKind, Way, movable};

const LABEL: &str = "Transform";

/// What is transformed, and what is still to be done for it.
pub(super) struct Transforming {
    pub(super) tasks: Files<Done>,
    subject: Option<Subject>,
    /// Counts the subjects.
    number: u64,
}

struct Subject {
    number: u64,
    layers: Vec<LayerId>,
    side: Side,
    /// The layers and the selection as they were left: where they are otherwise, something else has changed them.
    stamp: Stamp,
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

pub(super) type Wanted = (Pose, Quality);
type Stamp = (Vec<Option<u64>>, Option<u64>);

pub(super) enum Done {
    Lifted(u64, Lift),
    Laid(u64, Wanted, Contents),
    /// A sentence on why neither came.
    Failed(String),
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
            (Some(Ok(_)), Some(Subject { hold: Hold::Nothing, .. })) => {
                "There is nothing on the layer, or nothing of it is selected."
            }
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
        // What is moved is lifted as it comes to lie.
        if !self.toolbox.is_active() && self.wanted_pose().is_none() && !self.is_moving() {
            self.take_up_transform();
        }
        self.ask_for_pose();
    }

    /// Lets go of what something else has changed.
    fn drop_changed(&mut self) {
        let changed = |subject: &Subject| {
            let document = self.document.as_ref();
            document
                .map(|document| stamp(document, subject.side, &subject.layers))
                .as_ref()
                != Some(&subject.stamp)
        };
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
            stamp: stamp(document, self.side, &layers),
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
        if stamp(document, subject.side, &subject.layers) != subject.stamp {
            return;
        }
        let before = document.clone();
        laid.put(document);
        subject.stamp = stamp(document, subject.side, &subject.layers);
        if let Hold::Held { shown, .. } = &mut subject.hold {
            *shown = wanted;
        }
        let joined = subject.entry == Some(self.history.state());
        self.record(LABEL, before, joined);
        if let Some(subject) = &mut self.transforming.subject {
            subject.entry = Some(self.history.state());
        }
    }

    /// Leaves the tool with all as it was before, once all is done that was done with it. Whether the tool was in the hand, or is still to lay something down.
    pub(super) fn give_up_transform(&mut self) -> bool {
        let held = self.toolbox.selected() == ToolKind::Transform || self.is_transforming();
        match self.waiting.acts.is_empty() {
            _ if !held => {}
            true => self.leave_transform(),
            false => self.when_laid(Self::leave_transform),
        }
        held
    }

    fn leave_transform(&mut self) {
        let entry = self.transforming.subject.as_ref().and_then(|subject| subject.entry);
        if let Some(document) = self.document.as_mut().filter(|_| entry == Some(self.history.state())) {
            self.history.undo(document);
        }
        self.let_go_of_transform();
        self.toolbox.leave_transform();
    }
}

fn stamp(document: &Document, side: Side, layers: &[LayerId]) -> Stamp {
    let sheet = document.sheet(side);
    let of_layer = |id: &LayerId| Some(sheet?.layer(*id)?.stamp());
    (
        layers.iter().map(of_layer).collect(),
        sheet.and_then(|sheet| sheet.selection()).map(|selection| selection.stamp()),
    )
}
