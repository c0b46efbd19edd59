//! Where the tiles that are on screen lie on the GPU.
//!
//! Pictures of any size fit, since only what is seen is uploaded, at the halving it is seen at. The pixels themselves stay
//! with the CPU: a lost GPU loses nothing.

use std::collections::HashMap;

use super::pyramid::{SLOT, Stamp};

/// Tiles along the side of an atlas page. The shader knows it as `TILES_PER_SIDE`.
pub const TILES_PER_SIDE: u32 = 7;
/// Side of a page, in texels: within the 2048 that every GPU allows.
pub const PAGE: u32 = TILES_PER_SIDE * SLOT;
const TILES_PER_PAGE: u32 = TILES_PER_SIDE * TILES_PER_SIDE;
/// What the shader takes for "no such layer here".
pub const NO_SLOT: u32 = u32::MAX;
/// Pages at the start. An array of one layer is no array to OpenGL.
const FIRST_PAGES: u32 = 2;

/// Which tile lies in which slot; knows no GPU.
struct Slots {
    by_stamp: HashMap<Stamp, u32>,
    slots: Vec<Slot>,
    frame: u64,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    stamp: Option<Stamp>,
    /// The frame that last drew it.
    drawn: u64,
}

impl Slots {
    fn new(count: u32) -> Self {
        Self {
            by_stamp: HashMap::new(),
            slots: vec![Slot::default(); count as usize],
            frame: 1,
        }
    }

    /// The slot that holds these texels.
    fn find(&mut self, stamp: Stamp) -> Option<u32> {
        let &index = self.by_stamp.get(&stamp)?;
        self.slots[index as usize].drawn = self.frame;
        Some(index)
    }

    /// A slot for new texels: the one that was out of sight for longest; none when all are in sight.
    fn claim(&mut self, stamp: Stamp) -> Option<u32> {
        let (index, slot) = self.slots.iter().enumerate().min_by_key(|(_, slot)| slot.drawn)?;
        if slot.drawn == self.frame {
            return None;
        }
        if let Some(old) = slot.stamp {
            self.by_stamp.remove(&old);
        }
        self.slots[index] = Slot {
            stamp: Some(stamp),
            drawn: self.frame,
        };
        self.by_stamp.insert(stamp, index as u32);
        Some(index as u32)
    }

    fn grow(&mut self, count: u32) {
        self.slots.resize(count as usize, Slot::default());
    }
}

/// A texture array of pages of tiles, all of one format.
pub struct TileAtlas {
    device: wgpu::Device,
    queue: wgpu::Queue,
    texture: wgpu::Texture,
    slots: Slots,
}

impl TileAtlas {
    pub fn new(device: wgpu::Device, queue: wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        let texture = pages(&device, format, FIRST_PAGES);
        Self {
            device,
            queue,
            texture,
            slots: Slots::new(FIRST_PAGES * TILES_PER_PAGE),
        }
    }

    /// Tiles that were asked for before this call may give up their slots.
    pub fn begin_frame(&mut self) {
        self.slots.frame += 1;
    }

    /// The slot that holds the texels of this stamp.
    pub fn find(&mut self, stamp: Stamp) -> Option<u32> {
        self.slots.find(stamp)
    }

    /// Uploads `SLOT` x `SLOT` texels and says where; none when the GPU has no room for what is on screen.
    pub fn upload(&mut self, stamp: Stamp, texels: &[u8]) -> Option<u32> {
        let slot = match self.slots.claim(stamp) {
            Some(slot) => slot,
            None => {
                self.grow();
                self.slots.claim(stamp)?
            }
        };
        self.fill(slot, texels);
        Some(slot)
    }

    pub fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2Array),
            ..Default::default()
        })
    }

    fn fill(&self, slot: u32, texels: &[u8]) {
        let within = slot % TILES_PER_PAGE;
        self.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: &self.texture,
                mip_level: 0,
                origin: wgpu::Origin3d {
                    x: within % TILES_PER_SIDE * SLOT,
                    y: within / TILES_PER_SIDE * SLOT,
                    z: slot / TILES_PER_PAGE,
                },
                aspect: wgpu::TextureAspect::All,
            },
            texels,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(texels.len() as u32 / SLOT),
                rows_per_image: Some(SLOT),
            },
            wgpu::Extent3d {
                width: SLOT,
                height: SLOT,
                depth_or_array_layers: 1,
            },
        );
    }

    /// Doubles the pages, as far as the device allows.
    fn grow(&mut self) {
        let before = self.texture.depth_or_array_layers();
        let after = (before * 2).min(self.device.limits().max_texture_array_layers);
        if after == before {
            return;
        }
        let larger = pages(&self.device, self.texture.format(), after);
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
            label: Some("grow tile atlas"),
        });
        encoder.copy_texture_to_texture(self.texture.as_image_copy(), larger.as_image_copy(), self.texture.size());
        self.queue.submit([encoder.finish()]);
        self.texture = larger;
        self.slots.grow(after * TILES_PER_PAGE);
    }
}

fn pages(device: &wgpu::Device, format: wgpu::TextureFormat, count: u32) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("tile atlas"),
        size: wgpu::Extent3d {
            width: PAGE,
            height: PAGE,
            depth_or_array_layers: count,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texels_stay_where_they_are() {
        let mut slots = Slots::new(2);
        assert_eq!(slots.find(Stamp::of(1)), None);
        assert_eq!(slots.claim(Stamp::of(1)), Some(0));
        slots.frame += 1;
        assert_eq!(slots.claim(Stamp::of(2)), Some(1));
        assert_eq!(slots.find(Stamp::of(1)), Some(0));
    }

    #[test]
    fn what_is_in_sight_is_never_evicted() {
        let mut slots = Slots::new(2);
        slots.claim(Stamp::of(1));
        slots.claim(Stamp::of(2));
        assert_eq!(slots.claim(Stamp::of(3)), None);
        slots.frame += 1;
        slots.find(Stamp::of(1));
        assert_eq!(slots.claim(Stamp::of(3)), Some(1));
        assert_eq!((slots.find(Stamp::of(2)), slots.claim(Stamp::of(4))), (None, None));
        slots.grow(3);
        assert_eq!(slots.claim(Stamp::of(4)), Some(2));
    }
}
