//! What computes: the devices of this machine, and going over to another of them.

use std::mem::ManuallyDrop;
use std::thread;

use engine::device::{self, Choice, DeviceError, Info, Opened};
use engine::service::Service;

use super::{Notice, Session, sentence};
use crate::files::{Task, no_thread};
use crate::generate::engine::Engine;

/// The devices, and what is being asked of them.
pub(super) struct DeviceDesk {
    /// What the one that computes is called, for the status bar.
    pub name: String,
    /// What became of the device that computed: a server that broke off, a GPU whose driver was reset.
    pub lost_with: Option<DeviceError>,
    /// Those of this machine, when it was last looked; and those that have computed, which may be of others.
    known: Vec<Info>,
    /// Those that are gone: until the program starts again nothing brings them back.
    lost: Vec<Info>,
    looking: Option<Task<Vec<Info>>>,
    opening: Option<Task<Result<Opened, String>>>,
    /// The one that computes; none: nobody has said so.
    current: Option<Info>,
}

impl DeviceDesk {
    /// `name`: what the one that computes is called.
    pub fn new(name: String) -> Self {
        Self {
            name,
            lost_with: None,
            known: Vec::new(),
            lost: Vec::new(),
            looking: None,
            opening: None,
            current: None,
        }
    }
}

impl Session {
    /// What the device that computes is called.
    pub fn device(&self) -> &str {
        &self.devices.name
    }

    /// The devices that there are, as far as that is known: see [`Self::look_for_devices`].
    pub fn devices(&self) -> &[Info] {
        &self.devices.known
    }

    /// Whether a device was lost: it cannot be chosen any more.
    pub fn is_lost(&self, device: &Info) -> bool {
        // The place in the list may be another's by now, and what is open may have said more of itself than its name.
        let same =
            |lost: &Info| lost.choice == device.choice && lost.backend == device.backend && lost.name.starts_with(&device.name);
        self.devices.lost.iter().any(same)
    }

    /// The one that computes.
    pub fn current_device(&self) -> Option<&Info> {
        self.devices.current.as_ref()
    }

    /// Whether a device was chosen that does not compute yet: it is being opened, or what is being made comes to its end.
    pub fn is_changing_device(&self) -> bool {
        self.devices.opening.is_some()
    }

    /// Looks what there is, on a thread: drivers take some tenths of a second.
    pub fn look_for_devices(&mut self) {
        if self.devices.looking.is_none() {
            self.devices.looking = Task::start("shiage devices", self.waker.clone(), device::list, |_| Vec::new()).ok();
        }
    }

    /// Whether another device may be chosen: nothing is being made, for it would be lost.
    pub fn may_change_device(&self) -> bool {
        !self.is_making() && !self.is_changing_device()
    }

    fn is_making(&self) -> bool {
        self.is_coloring() || self.board.is_working() || self.is_remaking() || !self.jobs.open().is_empty()
    }

    /// Goes over to another device, once it is open.
    pub fn choose_device(&mut self, choice: Choice) {
        let is_current = self.devices.current.as_ref().is_some_and(|info| info.choice == choice);
        let is_lost = self
            .devices
            .known
            .iter()
            .any(|info| info.choice == choice && self.is_lost(info));
        if !self.may_change_device() || is_current || is_lost {
            return;
        }
        let open = move || device::open(choice).map_err(|error| sentence(&error));
        match Task::start("shiage device", self.waker.clone(), open, Err) {
            Ok(task) => self.devices.opening = Some(task),
            Err(error) => self.warn(no_thread(&error)),
        }
    }

    /// Takes in what was found and opened. What is being made comes to its end first.
    pub(super) fn tend_devices(&mut self) {
        if let Some(known) = self.devices.looking.as_ref().and_then(Task::answer) {
            self.devices.looking = None;
            let (there, others) = (&known, std::mem::take(&mut self.devices.known));
            let others = others
                .into_iter()
                .filter(|info| there.iter().all(|found| found.choice != info.choice));
            self.devices.known = others.chain(there.iter().cloned()).collect();
        }
        // The one that was lost gives way first: it is the one that is current.
        if self.is_making() || self.devices.lost_with.is_some() {
            return;
        }
        match self.devices.opening.as_ref().and_then(Task::answer) {
            Some(Ok(opened)) => {
                self.devices.opening = None;
                self.compute_on(&opened);
                self.notice = Some(Notice::info(format!("{} makes the pictures from now on.", opened.info.name)));
            }
            Some(Err(words)) => {
                self.devices.opening = None;
                self.warn(words);
            }
            None => {}
        }
    }

    /// From now on this device computes.
    pub fn compute_on(&mut self, opened: &Opened) {
        let waker = self.waker.clone();
        let engine: Box<dyn Engine> = Box::new(Service::spawn(opened, Box::new(move || waker())));
        self.train_on(opened);
        self.change_engine(engine, opened.info.name.clone());
    }

    /// A device is gone. Where it computed, the CPU does from now on; whether that is so.
    pub fn lose_device(&mut self, lost: &Choice) -> bool {
        let info = self.devices.known.iter().find(|info| info.choice == *lost);
        self.devices.lost.extend(info.cloned());
        let computed = self.devices.current.as_ref().is_some_and(|info| info.choice == *lost);
        if computed {
            self.compute_on(&device::cpu());
        }
        computed
    }

    /// The device that computes is known.
    pub(super) fn know_device(&mut self, Opened { info, .. }: &Opened) {
        self.devices.current = Some(info.clone());
        if self.devices.known.iter().all(|known| known.choice != info.choice) {
            self.devices.known.push(info.clone());
        }
    }

    /// Lets go of an engine. It may wait for a device that never answers, so nobody waits for its end but a thread of its own.
    pub(super) fn let_go_of(engine: Box<dyn Engine>) {
        let engine = ManuallyDrop::new(engine);
        let farewell = thread::Builder::new().name("shiage farewell".to_owned());
        if let Err(error) = farewell.spawn(move || drop(ManuallyDrop::into_inner(engine))) {
            tracing::warn!("what the last device held in memory stays there. {}", no_thread(&error));
        }
    }
}
