//! Pens under X11, by the XInput2 extension.
//!
//! The window's library follows the master pointer and drops its other axes. This source has a connection of its own and follows each pen by itself: a
//! slave device speaks right before its master, with the same place, and nobody else's grab keeps it from us.

use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{ConnectionExt as _, Device as Whose, EventMask, XIEventMask};
use x11rb::protocol::xproto::{Atom, ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use super::valuators::{Device, Labels};
use super::{PenEvent, PenInput};
use crate::files::Waker;

/// The thread that listens to the server lasts as long as the program: it waits for the server's next word.
pub struct XInput {
    events: Receiver<PenEvent>,
}

impl XInput {
    /// Listens to what pens do over `window`, a number of the server that `$DISPLAY` names. `waker` wakes the window.
    pub fn open(window: Window, waker: Waker) -> std::io::Result<Self> {
        let (sender, events) = channel();
        thread::Builder::new().name("shiage pen".to_owned()).spawn(move || {
            let failed = listen(window, &sender, &waker).err();
            if let Some(reason) = failed {
                // The window is gone: so is whoever wanted to know.
                let _ = sender.send(PenEvent::Failed(format!("The X server does not tell of pens: {reason}.")));
                waker();
            }
        })?;
        Ok(Self { events })
    }
}

impl PenInput for XInput {
    fn poll(&mut self, _: f32) -> Vec<PenEvent> {
        self.events.try_iter().collect()
    }

    fn is_pointer(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "XInput2"
    }
}

/// Hands on what pens do until nobody listens any more.
fn listen(window: Window, sender: &Sender<PenEvent>, waker: &Waker) -> Result<(), Box<dyn Error>> {
    let (connection, screen) = x11rb::connect(None)?;
    connection.xinput_xi_query_version(2, 2)?.reply()?;
    let root = connection.setup().roots[screen].root;
    let changes = EventMask {
        deviceid: Whose::ALL.into(),
        mask: vec![XIEventMask::HIERARCHY | XIEventMask::DEVICE_CHANGED],
    };
    connection.xinput_xi_select_events(root, &[changes])?.check()?;
    let labels = labels(&connection)?;
    let mut pens = pens(&connection, window, labels)?;
    let tell = |event| {
        let heard = sender.send(event).is_ok();
        waker();
        heard
    };
    let names = |pens: &[Device]| PenEvent::Devices(pens.iter().map(|pen| pen.name.to_string()).collect());
    let mut heard = tell(names(&pens));
    while heard {
        match connection.wait_for_event()? {
            Event::XinputMotion(event) => {
                if let Some(pen) = pens.iter_mut().find(|pen| pen.id == event.deviceid) {
                    heard = tell(PenEvent::Sample(pen.moved(&event, Instant::now())));
                }
            }
            // A tablet was plugged in or out.
            Event::XinputHierarchy(_) => {
                pens = self::pens(&connection, window, labels)?;
                heard = tell(names(&pens));
            }
            _ => {}
        }
    }
    Ok(())
}

fn labels(connection: &RustConnection) -> Result<Labels, Box<dyn Error>> {
    let atom = |name: &str| -> Result<Atom, Box<dyn Error>> { Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom) };
    Ok(Labels {
        pressure: atom(Labels::PRESSURE)?,
        tilt: [atom(Labels::TILT[0])?, atom(Labels::TILT[1])?],
    })
}

/// The pens that there are; their motion over the window is told from now on.
fn pens(connection: &RustConnection, window: Window, labels: Labels) -> Result<Vec<Device>, Box<dyn Error>> {
    let devices = connection.xinput_xi_query_device(Whose::ALL)?.reply()?.infos;
    let pens: Vec<Device> = devices.iter().filter_map(|info| Device::of(info, labels)).collect();
    for pen in &pens {
        let motion = EventMask {
            deviceid: pen.id,
            mask: vec![XIEventMask::MOTION],
        };
        connection.xinput_xi_select_events(window, &[motion])?.check()?;
    }
    Ok(pens)
}
