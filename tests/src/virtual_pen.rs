//! A pen of the X server's own making: its driver for tests takes from a socket what a tablet would say.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use crate::screen::{SIZE, Screen};

/// Ends of the pen's axes, as the driver announces them.
const PLACE: f64 = 65535.0;
const PRESSURE: f64 = 1000.0;

/// Kinds of messages (`xf86-input-inputtest-protocol.h`).
const VERSION: u32 = 0;
const SYNC: u32 = 1;
const MOTION: u32 = 2;
const BUTTON: u32 = 4;

/// The pen, over the whole screen.
pub struct VirtualPen {
    socket: UnixStream,
}

impl Screen {
    /// A screen with a pen over it.
    pub fn with_pen() -> (Self, VirtualPen) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (config, socket) = (folder.path().join("xorg.conf"), folder.path().join("pen"));
        fs::write(&config, configuration(&socket)).expect("the disk has room");
        // The server itself, not what would look for a console first.
        let own = Path::new("/usr/lib/xorg/Xorg");
        let mut server = Command::new(if own.exists() { own } else { Path::new("Xorg") });
        server.arg("-config").arg(&config);
        server.arg("-logfile").arg(folder.path().join("xorg.log"));
        server.args(["-novtswitch", "-sharevts"]);
        let screen = Self::of(server, folder, "xserver-xorg-core xserver-xorg-video-dummy");
        let socket = screen.until("the pen's socket", |_| UnixStream::connect(&socket).ok());
        let mut pen = VirtualPen { socket };
        // Version 1.0 of the protocol.
        pen.send(VERSION, &[1, 0, 0, 0]);
        pen.receive(12);
        (screen, pen)
    }
}

impl VirtualPen {
    /// The pen is at a pixel of the screen, pressed so much, 0..=1. Returns when the server has taken it in.
    pub fn at(&mut self, [x, y]: [f64; 2], pressure: f64) {
        let mut body = 1u32.to_ne_bytes().to_vec();
        body.extend([0; 4]);
        body.extend(valuators([x, y], pressure));
        self.send(MOTION, &body);
        self.settle();
    }

    /// The tip touches the surface, or leaves it.
    pub fn tip(&mut self, [x, y]: [f64; 2], pressure: f64, down: bool) {
        let mut body: Vec<u8> = [1u32, 1, u32::from(down), 0].into_iter().flat_map(u32::to_ne_bytes).collect();
        body.extend(valuators([x, y], pressure));
        self.send(BUTTON, &body);
        self.settle();
    }

    fn settle(&mut self) {
        self.send(SYNC, &[]);
        self.receive(8);
    }

    fn send(&mut self, kind: u32, body: &[u8]) {
        let mut message = (8 + body.len() as u32).to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend(body);
        self.socket.write_all(&message).expect("the X server listens");
    }

    fn receive(&mut self, length: usize) {
        self.socket.read_exact(&mut vec![0; length]).expect("the X server answers");
    }
}

/// `xf86ITValuatorData`: whether there are others, a bit for each axis, then 64 numbers twice.
fn valuators([x, y]: [f64; 2], pressure: f64) -> Vec<u8> {
    let mut data = vec![0; 16];
    data[4] = 0b10011;
    let mut axes = [0.0; 64];
    axes[0] = x / f64::from(SIZE[0]) * PLACE;
    axes[1] = y / f64::from(SIZE[1]) * PLACE;
    axes[4] = pressure * PRESSURE;
    data.extend(axes.iter().flat_map(|axis| axis.to_ne_bytes()));
    data.extend([0; 64 * 8]);
    data
}

/// A screen that nobody sees, and the pen as the only pointer beside xdotool's.
fn configuration(socket: &Path) -> String {
    let [width, height] = SIZE;
    let socket = socket.display();
    format!(
        r#"
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
EndSection
Section "Device"
  Identifier "screen"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "screen"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "{width}x{height}" 106.5 {width} 1520 1672 1904 {height} 903 909 934
EndSection
Section "Screen"
  Identifier "screen"
  Device "screen"
  Monitor "screen"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "{width}x{height}"
    Virtual {width} {height}
  EndSubSection
EndSection
Section "InputDevice"
  Identifier "Test pen"
  Driver "inputtest"
  Option "SocketPath" "{socket}"
  Option "DeviceType" "PointerAbsoluteProximity"
  Option "PointerHasPressure" "true"
EndSection
Section "InputDevice"
  Identifier "Keys"
  Driver "inputtest"
  Option "SocketPath" "{socket}.keys"
  Option "DeviceType" "Keyboard"
EndSection
Section "ServerLayout"
  Identifier "desk"
  Screen "screen"
  InputDevice "Test pen" "CorePointer"
  InputDevice "Keys" "CoreKeyboard"
EndSection
"#
    )
}
