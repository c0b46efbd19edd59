// A tile of a pane: its layers over paper, from the bottom up.
// CPU twin: app/src/canvas/composite.rs. Blending is done on sRGB values, as painting programs do.

struct Pane {
    // rgb and opacity of the tint where a mask is white
    foreground: vec4<f32>,
    // rgb and opacity of the tint where a mask is black
    background: vec4<f32>,
    paper: vec3<f32>,
    // Screen pixels per texel, at least 1: above 1 texels keep hard edges, one screen pixel wide
    sharpness: f32,
    layers: u32,
}

@group(0) @binding(0) var<uniform> pane: Pane;
// Rows are tiles, columns are layers: slot of the tile's texels, then how to lay them on
@group(0) @binding(1) var table: texture_2d<u32>;
@group(0) @binding(2) var colours: texture_2d_array<f32>;
@group(0) @binding(3) var masks: texture_2d_array<f32>;
@group(0) @binding(4) var linear: sampler;

const NO_SLOT: u32 = 0xffffffffu;
const TILES_PER_SIDE: u32 = 7u;
const TILES_PER_PAGE: u32 = 49u;
const SLOT: f32 = 258.0;
const PAGE: f32 = 1806.0;

const MULTIPLY: u32 = 1u;
const TINT: u32 = 2u;

struct Varying {
    @builtin(position) position: vec4<f32>,
    // Texels from the tile's corner
    @location(0) texel: vec2<f32>,
    @location(1) @interpolate(flat) row: u32,
}

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    // left, top, right, bottom in clip space
    @location(0) clip: vec4<f32>,
    // Width and height of the part of the tile that lies inside the picture, in texels
    @location(1) extent: vec2<f32>,
    @location(2) row: u32,
) -> Varying {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: Varying;
    out.position = vec4<f32>(mix(clip.xy, clip.zw, unit), 0.0, 1.0);
    out.texel = unit * extent;
    out.row = row;
    return out;
}

fn sharpen(texel: vec2<f32>) -> vec2<f32> {
    let first = floor(texel - 0.5);
    let share = clamp((texel - 0.5 - first - 0.5) * pane.sharpness + 0.5, vec2<f32>(0.0), vec2<f32>(1.0));
    return first + 0.5 + share;
}

fn place(slot: u32, texel: vec2<f32>) -> vec2<f32> {
    let within = slot % TILES_PER_PAGE;
    let corner = vec2<f32>(f32(within % TILES_PER_SIDE), f32(within / TILES_PER_SIDE)) * SLOT + 1.0;
    return (corner + texel) / PAGE;
}

fn sample_colour(slot: u32, texel: vec2<f32>) -> vec4<f32> {
    if slot == NO_SLOT {
        return vec4<f32>(0.0);
    }
    return textureSampleLevel(colours, linear, place(slot, texel), slot / TILES_PER_PAGE, 0.0);
}

fn sample_mask(slot: u32, texel: vec2<f32>) -> f32 {
    if slot == NO_SLOT {
        return 0.0;
    }
    return textureSampleLevel(masks, linear, place(slot, texel), slot / TILES_PER_PAGE, 0.0).r;
}

// `top` is premultiplied.
fn blend(mode: u32, opacity: f32, top: vec4<f32>, bottom: vec3<f32>) -> vec3<f32> {
    let alpha = top.a * opacity;
    if mode == MULTIPLY {
        return bottom * (1.0 - alpha + top.rgb * opacity);
    }
    return bottom * (1.0 - alpha) + top.rgb * opacity;
}

fn tint(mask: f32) -> vec4<f32> {
    let colour = mix(pane.background, pane.foreground, mask);
    return vec4<f32>(colour.rgb * colour.a, colour.a);
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let texel = sharpen(in.texel);
    var result = pane.paper;
    for (var layer = 0u; layer < pane.layers; layer += 1u) {
        let entry = textureLoad(table, vec2<u32>(layer, in.row), 0).rg;
        let mode = entry.g >> 16u;
        let opacity = f32(entry.g & 0xffffu) / 65535.0;
        var top: vec4<f32>;
        if mode == TINT {
            top = tint(sample_mask(entry.r, texel));
        } else {
            top = sample_colour(entry.r, texel);
        }
        result = blend(mode, opacity, top, result);
    }
    return vec4<f32>(result, 1.0);
}
