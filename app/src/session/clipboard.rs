//! Pictures that go to other programs and come from them. Reading and writing the system's clipboard takes its time, away from the window.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use arboard::{Error, ImageData};
use image::RgbaImage;

use super::answer::Answer;
use super::copying::NOTHING_SELECTED;
use super::opened::Opened;
use super::{Session, sentence};
use crate::command::Command;
use crate::document::{Cutout, LayerId, Role, Side, TileGrid};
use crate::files::{Files, Waker};
use crate::tool::Paint;

/// Said where another document has come before the picture could be pasted.
const NOT_PASTED: &str = "The picture was not pasted: a different document was opened meanwhile. Paste it again.";

/// The way to the clipboard.
pub(super) struct Clipboard {
    pub(super) tasks: Files<Answer>,
    /// Whether the system's is used.
    system: bool,
    last: Arc<Mutex<Option<Last>>>,
}

/// What was copied here last.
struct Last {
    /// Names the picture.
    name: u64,
    /// Where it was, in pixels, on a sheet of `size` `[width, height]`.
    at: [i32; 2],
    size: [u32; 2],
    own: Option<Own>,
}

impl Last {
    /// Where a picture was, if it is this one and the canvas has the size of the sheet that it was copied from.
    fn place_of(&self, picture: &RgbaImage, canvas: [u32; 2]) -> Option<[i32; 2]> {
        (self.size == canvas && self.name == name(picture)).then_some(self.at)
    }
}

/// What only this program holds: the system's clipboard did not take it.
struct Own {
    picture: RgbaImage,
    /// Names the picture that was in the system's clipboard then; none: there was no picture.
    beside: Option<u64>,
}

impl Clipboard {
    pub fn new(waker: Waker) -> std::io::Result<Self> {
        Ok(Self {
            tasks: Files::new("shiage clipboard", waker, Answer::Failed)?,
            system: true,
            last: Arc::default(),
        })
    }
}

impl Session {
    /// From now on what is copied stays in this program.
    pub fn do_without_clipboard(&mut self) {
        self.clipboard.system = false;
    }

    /// The commands that concern the clipboard.
    pub(super) fn clip(&mut self, command: Command) {
        match command {
            Command::Copy => self.copy(self.clip_layer()),
            Command::CopyMerged => self.copy(None),
            Command::Cut => self.cut(),
            _ => self.paste(command),
        }
    }

    /// What is copied on the pane that was worked on last: the layer that is painted on, or the pane's picture.
    fn clip_layer(&self) -> Option<LayerId> {
        match self.side {
            Side::Canvas => self.target(Side::Canvas),
            Side::Reference => self.by_role(Role::Reference),
            Side::Background => self.by_role(Role::Background),
        }
    }

    /// Copies what is selected of a layer, or of all that shows.
    fn copy(&self, layer: Option<LayerId>) {
        let Some(sheet) = self.document.as_ref().and_then(|document| document.sheet(self.side)).cloned() else {
            return;
        };
        let (system, last) = (self.clipboard.system, self.clipboard.last.clone());
        self.clipboard.tasks.run(move || {
            let Some(Cutout { picture, area }) = sheet.cutout(layer) else {
                return Some(Answer::told(NOTHING_SELECTED));
            };
            let (width, height) = picture.dimensions();
            let written = match system {
                true => write(&picture),
                false => Err(Error::ClipboardNotSupported),
            };
            let others = || system.then(|| read().ok()).flatten();
            let copied = Last {
                name: name(&picture),
                at: [area.left as i32, area.top as i32],
                size: sheet.size(),
                own: written.is_err().then(|| Own {
                    picture,
                    beside: others().as_ref().map(name),
                }),
            };
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(copied);
            Some(match written {
                Err(error) if system => Answer::Failed(format!(
                    "Copied for this program alone: the system's clipboard does not take the picture ({}).",
                    error.to_string().trim_end_matches('.')
                )),
                _ => Answer::told(format!("Copied {width}×{height} pixels")),
            })
        });
    }

    fn cut(&mut self) {
        let Some(layer) = self.clip_layer().filter(|layer| self.check_changeable(*layer)) else {
            return;
        };
        self.copy(Some(layer));
        self.fill_selection("Cut", Paint::Erase);
    }

    fn paste(&mut self, command: Command) {
        let (system, last) = (self.clipboard.system, self.clipboard.last.clone());
        let canvas = self.document.as_ref().map(|document| document.canvas().size());
        let (opened, middle) = (self.opened, self.view.middle);
        let onto = match (command, self.side) {
            (Command::Paste, Side::Reference) => Command::OpenReference,
            (Command::Paste, Side::Background) => Command::OpenBackground,
            (Command::PasteReference, _) => Command::OpenReference,
            (command, _) => command,
        };
        self.clipboard.tasks.run(move || {
            let others = if system { read() } else { Err(Error::ContentNotAvailable) };
            let last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let newest = newest(last.as_ref().and_then(|last| last.own.as_ref()), others);
            let picture = match newest {
                Ok(picture) => picture,
                Err(Error::ContentNotAvailable) => return Some(Answer::told("The clipboard holds no picture.")),
                Err(error) => {
                    let words = sentence(&format_args!("The clipboard cannot be read: {error}"));
                    return Some(Answer::Failed(words));
                }
            };
            let pasted = match (onto, canvas) {
                (Command::OpenReference | Command::OpenBackground, Some(_)) => {
                    Answer::new(move |session| session.set_picture(onto, &picture))
                }
                (Command::Paste, Some(size)) => {
                    let (width, height) = picture.dimensions();
                    let origin = last.as_ref().and_then(|last| last.place_of(&picture, size));
                    let at = origin.unwrap_or_else(|| placed([width, height], middle, size));
                    let pixels = TileGrid::with_pixels(size, at, width, picture.as_chunks().0);
                    let cut = width > size[0] || height > size[1];
                    Answer::new(move |session| session.paste_layer(pixels, cut))
                }
                _ => {
                    let read = move || Opened::drawing(picture, "Pasted".to_owned());
                    return Some(Answer::new(move |session| session.open_by(read)));
                }
            };
            Some(pasted.only_in(opened, Some(NOT_PASTED)))
        });
    }

    /// Takes in what became of it. In mid-stroke it waits, and for what is still to be laid down.
    pub(super) fn receive_clipboard(&mut self) {
        if self.toolbox.is_active() || !self.is_settled() {
            return;
        }
        let answers: Vec<Answer> = self.clipboard.tasks.answers().collect();
        answers.into_iter().for_each(|answer| answer.give(self));
    }

    /// A layer of its own over the one that is painted on. `cut`: parts of the picture lie outside.
    fn paste_layer(&mut self, pixels: TileGrid<[u8; 4]>, cut: bool) {
        if !self.check_canvas(pixels.size()) {
            return;
        }
        let Some(target) = self.target(Side::Canvas) else { return };
        self.add_layer("Paste", "Pasted", pixels, target);
        if cut {
            self.inform("The picture is larger than the canvas: what reaches outside was cut off.".to_owned());
        }
    }
}

/// What is pasted: our own picture, unless the system's clipboard has come by another one since.
fn newest(own: Option<&Own>, others: Result<RgbaImage, Error>) -> Result<RgbaImage, Error> {
    match (own, others) {
        (Some(own), Ok(other)) if own.beside != Some(name(&other)) => Ok(other),
        (Some(own), _) => Ok(own.picture.clone()),
        (None, others) => others,
    }
}

/// Equal numbers are equal pictures.
fn name(picture: &RgbaImage) -> u64 {
    let mut hasher = DefaultHasher::new();
    (picture.dimensions(), picture.as_raw()).hash(&mut hasher);
    hasher.finish()
}

/// Where a picture of `size` lies whose middle is to be at `middle` of a canvas: inside it, as far as it fits.
pub(super) fn placed(size: [u32; 2], middle: [f32; 2], canvas: [u32; 2]) -> [i32; 2] {
    [0, 1].map(|axis| {
        let room = canvas[axis] as i32 - size[axis] as i32;
        match room >= 0 {
            true => ((middle[axis] - size[axis] as f32 / 2.0).round() as i32).clamp(0, room),
            false => room / 2,
        }
    })
}

fn write(picture: &RgbaImage) -> Result<(), Error> {
    arboard::Clipboard::new()?.set_image(ImageData {
        width: picture.width() as usize,
        height: picture.height() as usize,
        bytes: picture.as_raw().into(),
    })
}

fn read() -> Result<RgbaImage, Error> {
    let ImageData { width, height, bytes } = arboard::Clipboard::new()?.get_image()?;
    RgbaImage::from_raw(width as u32, height as u32, bytes.into_owned()).ok_or(Error::ConversionFailure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_copied_since_is_pasted_and_what_was_there_before_is_not() {
        let [ours, before, since] = [1, 2, 3].map(|value| RgbaImage::from_pixel(2, 2, image::Rgba([value; 4])));
        let own = Own {
            picture: ours.clone(),
            beside: Some(name(&before)),
        };
        let pasted = |others| newest(Some(&own), others).unwrap();
        assert_eq!(pasted(Ok(before.clone())), ours);
        assert_eq!(pasted(Ok(since.clone())), since);
        assert_eq!(pasted(Err(Error::ContentNotAvailable)), ours);
        assert_eq!(newest(None, Ok(since.clone())).unwrap(), since);
        assert!(newest(None, Err(Error::ContentNotAvailable)).is_err());
    }

    #[test]
    fn what_was_copied_here_goes_back_to_where_it_was_on_a_canvas_of_that_size() {
        let [ours, other] = [1, 2].map(|value| RgbaImage::from_pixel(2, 2, image::Rgba([value; 4])));
        let last = Last {
            name: name(&ours),
            at: [30, 4],
            size: [64, 32],
            own: None,
        };
        assert_eq!(last.place_of(&ours, [64, 32]), Some([30, 4]));
        assert_eq!(last.place_of(&ours, [64, 64]), None);
        assert_eq!(last.place_of(&other, [64, 32]), None, "another program's");
    }

    #[test]
    fn a_pasted_picture_lies_where_one_looks_and_inside_the_canvas() {
        let canvas = [1000, 500];
        assert_eq!(placed([100, 50], [300.0, 200.0], canvas), [250, 175]);
        assert_eq!(placed([100, 50], [-4000.0, 499.0], canvas), [0, 450]);
        assert_eq!(placed([1000, 900], [0.0, 0.0], canvas), [0, -200]);
        assert_eq!(placed([10, 10], [f32::NAN, 0.0], canvas), [0, 0]);
    }
}
