//! The built program in a window of a virtual X server, driven as a person drives it: pointer, keys, and a look at the screen.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::drag_source::drop_file;

pub const SIZE: [u32; 2] = [1440, 900];
/// Longer than anything takes on two cores that do other work besides.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// One may be read together with what it follows; by the next one that is drawn, unless the program stands still just between the two. One more, and some time between
/// them, make that unlikely enough: each waits for a frame, which takes a third of a second where a CPU draws it.
const PINGS: u32 = 3;
const APART: Duration = Duration::from_millis(40);

/// A rectangle of the screen: left, top, width, height.
pub type Area = [u32; 4];

/// What an area shows.
pub fn cut(picture: &RgbImage, [x, y, width, height]: Area) -> RgbImage {
    image::imageops::crop_imm(picture, x, y, width, height).to_image()
}

/// The share of an area's pixels that are so, 0..=1.
pub fn share(picture: &RgbImage, area: Area, so: impl Fn([u8; 3]) -> bool) -> f32 {
    let cut = cut(picture, area);
    cut.pixels().filter(|pixel| so(pixel.0)).count() as f32 / (area[2] * area[3]) as f32
}

/// Whether it is the accent of the dark theme.
pub fn accent([r, g, b]: [u8; 3]) -> bool {
    r.abs_diff(0xE8) < 14 && g.abs_diff(0xC1) < 14 && b.abs_diff(0x5A) < 20
}

/// Mean of all channels.
pub fn brightness(picture: &RgbImage) -> f64 {
    picture.as_raw().iter().map(|value| f64::from(*value)).sum::<f64>() / picture.as_raw().len() as f64
}

/// How many pixels of two pictures of one size differ so that it can be seen.
pub fn differ(a: &RgbImage, b: &RgbImage) -> usize {
    a.pixels()
        .zip(b.pixels())
        .filter(|(a, b)| (0..3).any(|channel| a[channel].abs_diff(b[channel]) > 8))
        .count()
}

/// Ends when the test does, however that ends.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A screen of our own, and a folder for what happens on it.
pub struct Screen {
    _server: Running,
    display: String,
    connection: RustConnection,
    pub folder: tempfile::TempDir,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen {
    pub fn new() -> Self {
        let size = format!("{}x{}x24", SIZE[0], SIZE[1]);
        let mut server = Command::new("Xvfb");
        server.args(["-screen", "0", &size]);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self::of(server, folder, "xvfb xdotool")
    }

    /// A screen of an X server that is not running yet; `packages` are what it needs.
    pub(crate) fn of(mut server: Command, folder: tempfile::TempDir, packages: &str) -> Self {
        let mut server = server
            // Without `-noreset` the server starts afresh whenever its last client goes, and cuts off whoever connects just then. Without `-r` a key repeats
            // that is let go late.
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-r"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("the X server cannot be started ({error}): apt-get install {packages}"));
        let mut number = String::new();
        let output = server.stdout.take().expect("the output is piped");
        let server = Running(server);
        BufReader::new(output)
            .read_line(&mut number)
            .expect("the X server names its display");
        let display = format!(":{}", number.trim());
        let (connection, _) = x11rb::connect(Some(&display)).expect("the X server takes one more client");
        // Answers to pings come to the root window.
        let answers = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection
            .change_window_attributes(connection.setup().roots[0].root, &answers)
            .expect("the X server takes it");
        Self {
            _server: server,
            display,
            connection,
            folder,
        }
    }

    /// Runs a program on this screen; what it says.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).env("DISPLAY", &self.display).args(arguments).output();
        let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Starts the program, and waits for nothing.
    pub fn start(&self, arguments: &[&OsStr]) -> Running {
        let program = Command::new(crate::program())
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            // The system's file dialog would open on the screen of whoever runs this, or as a zenity on this one.
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env("PATH", "")
            // What whoever runs this has set and kept is neither read nor changed.
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("XDG_DATA_HOME", self.folder.path().join("data"))
            .env_remove("SHIAGE_MODELS")
            .env_remove("WINIT_X11_SCALE_FACTOR")
            .current_dir(self.folder.path())
            .args(arguments)
            .args(["--device", "cpu"])
            .spawn()
            .expect("the program starts");
        Running(program)
    }

    /// Opens the program's window and waits for it.
    pub fn open(&self, arguments: &[&OsStr]) -> Running {
        let program = self.start(arguments);
        self.until("the window", |screen| {
            let window = screen.window()?;
            // There is no window manager that would give it the keyboard.
            screen.run("xdotool", &["windowfocus", &window]);
            Some(())
        });
        program
    }

    /// Looks again and again until there is something to see.
    pub fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the screen shows.
    pub fn picture(&self) -> RgbImage {
        self.look([0, 0, SIZE[0], SIZE[1]])
    }

    /// What an area of the screen shows.
    pub fn look(&self, [x, y, width, height]: Area) -> RgbImage {
        let root = self.connection.setup().roots[0].root;
        let asked = self.connection.get_image(
            ImageFormat::Z_PIXMAP,
            root,
            x as i16,
            y as i16,
            width as u16,
            height as u16,
            !0,
        );
        let image = asked
            .ok()
            .and_then(|cookie| cookie.reply().ok())
            .expect("the area is on the screen");
        let (pixels, _) = image.data.as_chunks::<4>();
        let colors = pixels.iter().flat_map(|[b, g, r, _]| [*r, *g, *b]).collect();
        RgbImage::from_raw(width, height, colors).expect("24 of 32 bits are colour")
    }

    /// Waits until the program has drawn a frame with all that pointer and keys have done so far. Whatever they did lies before a ping, as window managers
    /// send them, and is drawn as soon as the program has read all that came: at the latest when it answers the ping after that.
    pub fn settle(&self) {
        let window = self
            .window()
            .and_then(|window| window.parse().ok())
            .expect("the window is open");
        for number in 0..PINGS {
            self.ping(window, number);
            // The next one shall not be read together with this one.
            std::thread::sleep(APART);
        }
    }

    fn ping(&self, window: u32, number: u32) {
        let atom = |name: &[u8]| {
            let asked = self.connection.intern_atom(false, name).ok();
            asked.and_then(|cookie| cookie.reply().ok()).expect("the X server runs").atom
        };
        let name = atom(b"_NET_WM_PING");
        let ping = ClientMessageEvent::new(32, window, atom(b"WM_PROTOCOLS"), [name, number, window, 0, 0]);
        let sent = self.connection.send_event(false, window, EventMask::NO_EVENT, ping);
        sent.ok().and_then(|cookie| cookie.check().ok()).expect("the window is open");
        let answers =
            |event: Event| matches!(event, Event::ClientMessage(event) if event.data.as_data32()[..2] == [name, number]);
        let start = Instant::now();
        while !self
            .connection
            .poll_for_event()
            .expect("the X server runs")
            .is_some_and(answers)
        {
            assert!(start.elapsed() < PATIENCE, "the program hears nothing");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Lets a file fall on the program's window.
    pub fn drop_file(&self, path: &Path, at: [u32; 2]) {
        let window = self.window().and_then(|window| window.parse().ok());
        drop_file(&self.display, window.expect("the window is open"), path, at);
    }

    pub fn key(&self, keys: &str) {
        self.run("xdotool", &["key", keys]);
    }

    /// Finds a command by its words and does it. The list of commands dims what lies behind it.
    pub fn find_command(&self, words: &str) {
        let before = brightness(&self.picture());
        self.key("ctrl+k");
        self.until("the list of commands", |screen| {
            (brightness(&screen.picture()) < 0.9 * before).then_some(())
        });
        self.run("xdotool", &["type", "--delay", "50", words]);
        self.key("Return");
    }

    /// The program's window, once there is one that shows.
    pub fn window(&self) -> Option<String> {
        let windows = self.run("xdotool", &["search", "--onlyvisible", "--name", "Shiage"]);
        windows.lines().next().map(str::to_owned)
    }

    pub fn click(&self, at: [u32; 2]) {
        self.click_button(at, "1");
    }

    /// Opens the menu of what is there.
    pub fn click_right(&self, at: [u32; 2]) {
        self.click_button(at, "3");
    }

    /// The pointer's coming, its click and its going are in frames of their own: a release is acted on where the pointer is by then.
    fn click_button(&self, [x, y]: [u32; 2], button: &str) {
        self.run("xdotool", &["mousemove", &x.to_string(), &y.to_string()]);
        self.settle();
        self.run("xdotool", &["click", button]);
        self.settle();
        self.put_pointer_away();
    }

    /// Takes the pointer to the status line, where there is nothing to press.
    pub fn put_pointer_away(&self) {
        let [x, y] = [SIZE[0] * 3 / 4, SIZE[1] - 6].map(|at| at.to_string());
        self.run("xdotool", &["mousemove", &x, &y]);
    }
}
