//! Rectangles of pixels.

/// A half-open rectangle of pixels; empty when it has no width or no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl Rect {
    pub const EMPTY: Self = Self::new(0, 0, 0, 0);

    pub const fn new(left: u32, top: u32, right: u32, bottom: u32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// The whole of a picture of `size` `[width, height]`.
    pub const fn of(size: [u32; 2]) -> Self {
        Self::new(0, 0, size[0], size[1])
    }

    /// `[left, top, right, bottom]` that may reach outside, cut to a picture of `size`.
    pub fn clipped(bounds: [i32; 4], size: [u32; 2]) -> Self {
        let cut = |value: i32, limit: u32| value.max(0).unsigned_abs().min(limit);
        let [left, top, right, bottom] = bounds;
        Self::new(
            cut(left, size[0]),
            cut(top, size[1]),
            cut(right, size[0]),
            cut(bottom, size[1]),
        )
    }

    pub const fn width(self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    pub const fn height(self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }

    pub const fn is_empty(self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    pub fn intersect(self, other: Self) -> Self {
        Self::new(
            self.left.max(other.left),
            self.top.max(other.top),
            self.right.min(other.right),
            self.bottom.min(other.bottom),
        )
    }

    /// The smallest rectangle around both.
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self::new(
            self.left.min(other.left),
            self.top.min(other.top),
            self.right.max(other.right),
            self.bottom.max(other.bottom),
        )
    }
}
