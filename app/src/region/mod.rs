//! Regions of a picture, as the tools use them: polygons here, what lies between lines in [`engine::extract::region`].

mod feather;
mod polygon;

pub use engine::extract::region::{Parts, Plane, Reach, flood, grown, neighbours, parts, shrunk};
pub use feather::{feathered, resized};
pub use polygon::polygon;
