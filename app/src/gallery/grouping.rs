//! What pictures are put together by.

use std::borrow::Cow;
use std::path::Path;

use super::entry::Entry;
use super::recipe_fields::{MODE, MODEL, REFERENCE, SKETCH, plain};

/// What pictures are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    #[default]
    None,
    Sketch,
    Reference,
    /// The folder that the file lies in.
    Shot,
    Mode,
    Model,
    Day,
}

impl Grouping {
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Sketch,
        Self::Reference,
        Self::Shot,
        Self::Mode,
        Self::Model,
        Self::Day,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Self::None => "No groups",
            Self::Sketch => "Sketch",
            Self::Reference => "Reference",
            Self::Shot => "Folder",
            Self::Mode => "Mode",
            Self::Model => "Model",
            Self::Day => "Day",
        }
    }

    /// The group that a picture of `folder` belongs to.
    pub fn of<'a>(self, folder: &Path, entry: &'a Entry) -> Cow<'a, str> {
        let field = |name| match entry.field(name) {
            "" => NO_RECIPE.into(),
            value => value.into(),
        };
        match self {
            Self::None => "".into(),
            Self::Sketch | Self::Reference | Self::Mode | Self::Model | Self::Day if entry.facts.is_err() => BROKEN.into(),
            Self::Sketch => field(SKETCH),
            Self::Reference => field(REFERENCE),
            Self::Mode => field(MODE),
            Self::Model => field(MODEL),
            Self::Day => entry.day().into(),
            Self::Shot => {
                let inside = entry.path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
                match inside.unwrap_or(Path::new("")).to_string_lossy() {
                    inside if inside.is_empty() => "this folder".into(),
                    inside => inside,
                }
            }
        }
    }

    /// A group as a person reads it: of pictures without the hash behind their names. What else ends so, such as a folder called `cut #12`, is called so.
    pub fn plain(self, group: &str) -> &str {
        match self {
            Self::Sketch | Self::Reference => plain(group),
            Self::None | Self::Shot | Self::Mode | Self::Model | Self::Day => group,
        }
    }

    /// Groups stand in the order of these: by name, and after them those that have none.
    pub fn rank(group: &str) -> (bool, &str) {
        ([NO_RECIPE, BROKEN].contains(&group), group)
    }
}

/// The group of pictures that do not say what they would be grouped by.
const NO_RECIPE: &str = "no recipe";
/// The group of pictures that cannot be read.
const BROKEN: &str = "broken";
