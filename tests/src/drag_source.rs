//! The part of a file manager from which a file is dragged onto the program's window: the XDND protocol, version 5
//! (freedesktop.org/wiki/Specifications/XDND).

use std::path::Path;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME};

use crate::screen::PATIENCE;

/// The protocol's version, where its first message has it.
const VERSION: u32 = 5 << 24;

struct Source {
    connection: RustConnection,
    /// Where files are dragged from, and where they go.
    window: Window,
    target: Window,
}

/// Lets a file fall on a window of the server at `display`, at a place of the screen; returns once the window says that it has it.
pub fn drop_file(display: &str, target: Window, path: &Path, [x, y]: [u32; 2]) {
    let (connection, screen) = x11rb::connect(Some(display)).expect("the X server takes one more client");
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id().expect("the X server has room");
    connection
        .create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            COPY_FROM_PARENT,
            &CreateWindowAux::new(),
        )
        .expect("the X server takes it");
    let source = Source {
        connection,
        window,
        target,
    };
    let list = format!("file://{}\r\n", path.to_str().expect("temporary folders have plain names"));
    let (selection, kind, copy) = (
        source.atom("XdndSelection"),
        source.atom("text/uri-list"),
        source.atom("XdndActionCopy"),
    );
    source
        .connection
        .set_selection_owner(window, selection, CURRENT_TIME)
        .expect("the X server takes it");
    source.send("XdndEnter", [VERSION, kind, 0, 0]);
    source.send("XdndPosition", [0, x << 16 | y, CURRENT_TIME, copy]);
    // The window asks for the list of files first, and says then that it takes them.
    source.hand_over(&list, "XdndStatus");
    source.send("XdndDrop", [0, CURRENT_TIME, 0, 0]);
    source.hand_over(&list, "XdndFinished");
}

impl Source {
    fn atom(&self, name: &str) -> Atom {
        let asked = self.connection.intern_atom(false, name.as_bytes()).ok();
        asked.and_then(|cookie| cookie.reply().ok()).expect("the X server runs").atom
    }

    /// Tells the window a step of the drag.
    fn send(&self, step: &str, [a, b, c, d]: [u32; 4]) {
        let message = ClientMessageEvent::new(32, self.target, self.atom(step), [self.window, a, b, c, d]);
        let sent = self.connection.send_event(false, self.target, EventMask::NO_EVENT, message);
        sent.ok().and_then(|cookie| cookie.check().ok()).expect("the window is open");
    }

    /// Gives the list of files whenever it is asked for, until the window has agreed by `step`.
    fn hand_over(&self, list: &str, step: &str) {
        let step = self.atom(step);
        let start = Instant::now();
        loop {
            match self.connection.poll_for_event().expect("the X server runs") {
                Some(Event::SelectionRequest(request)) => self.give(list, request),
                Some(Event::ClientMessage(message)) if message.type_ == step => {
                    let agrees = message.data.as_data32()[1] & 1 == 1;
                    return assert!(agrees, "the window does not take the file");
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(1)),
            }
            assert!(start.elapsed() < PATIENCE, "the window does not answer");
        }
    }

    fn give(&self, list: &str, request: SelectionRequestEvent) {
        let text = AtomEnum::STRING;
        let kind = if request.target == self.atom("text/uri-list") {
            request.target
        } else {
            text.into()
        };
        self.connection
            .change_property8(PropMode::REPLACE, request.requestor, request.property, kind, list.as_bytes())
            .expect("the X server takes it");
        let given = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: request.property,
        };
        let sent = self
            .connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, given);
        sent.ok().and_then(|cookie| cookie.check().ok()).expect("the window is open");
    }
}
