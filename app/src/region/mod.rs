//! Regions of a picture, as the tools use them: polygons here, what lies between lines in [`engine::extract::region`].

mod polygon;

pub use engine::extract::region::{Parts, Plane, Reach, flood, grown, neighbours, parts, shrunk};
pub use polygon::polygon;
