// A tile of a pane: its layers, from the bottom up, over paper.
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
    // Texels per screen pixel, at most a half: how far the neighbours of an outline lie
    reach: f32,
    // How far the marching outline has come, in screen pixels
    march: f32,
    // Side of a square of the checkerboard that lies in the paper's place, in screen pixels; 0: the paper
    check: f32,
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

// Groups and clipped layers in each other, at most
const DEPTH: u32 = 12u;

// What an entry is
const LAYER: u32 = 0u;
const PUSH: u32 = 1u;
const POP: u32 = 2u;
const TINT: u32 = 3u;
const OUTLINE: u32 = 4u;
const ALONE: u32 = 5u;
const MARCH: u32 = 6u;

// The greys of the checkerboard
const LIGHT: vec3<f32> = vec3<f32>(0.8);
const DARK: vec3<f32> = vec3<f32>(0.6);

// Blend modes, by the numbers of document/blend.rs
const NORMAL: u32 = 0u;
const MULTIPLY: u32 = 1u;
const SCREEN: u32 = 2u;
const OVERLAY: u32 = 3u;
const DARKEN: u32 = 4u;
const LIGHTEN: u32 = 5u;
const COLOR_DODGE: u32 = 6u;
const COLOR_BURN: u32 = 7u;
const HARD_LIGHT: u32 = 8u;
const SOFT_LIGHT: u32 = 9u;
const DIFFERENCE: u32 = 10u;
const HUE: u32 = 11u;
const SATURATION: u32 = 12u;
const COLOR: u32 = 13u;
const LUMINOSITY: u32 = 14u;
const PLUS: u32 = 15u;
const DST_IN: u32 = 16u;
const DST_OUT: u32 = 17u;
const SRC_ATOP: u32 = 18u;
const DST_ATOP: u32 = 19u;
const LINEAR_DODGE: u32 = 20u;

struct Varying {
    @builtin(position) position: vec4<f32>,
    // Texels from the tile's corner
    @location(0) texel: vec2<f32>,
    @location(1) @interpolate(flat) row: u32,
}

@vertex
fn vertex(
    @builtin(vertex_index) corner: u32,
    // The tile's top left corner, and its upper and left edge, in clip space
    @location(0) origin: vec2<f32>,
    @location(1) along: vec2<f32>,
    @location(2) down: vec2<f32>,
    // Width and height of the part of the tile that lies inside the picture, in texels
    @location(3) extent: vec2<f32>,
    @location(4) row: u32,
) -> Varying {
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    var out: Varying;
    out.position = vec4<f32>(origin + along * unit.x + down * unit.y, 0.0, 1.0);
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

fn hard_light(cb: vec3<f32>, cs: vec3<f32>) -> vec3<f32> {
    let twice = 2.0 * cs - 1.0;
    return select(cb + twice - cb * twice, cb * 2.0 * cs, cs <= vec3<f32>(0.5));
}

fn soft_light(cb: vec3<f32>, cs: vec3<f32>) -> vec3<f32> {
    let dark = cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb);
    let d = select(sqrt(cb), ((16.0 * cb - 12.0) * cb + 4.0) * cb, cb <= vec3<f32>(0.25));
    return select(cb + (2.0 * cs - 1.0) * (d - cb), dark, cs <= vec3<f32>(0.5));
}

fn dodge(cb: f32, cs: f32) -> f32 {
    if cb <= 0.0 {
        return 0.0;
    }
    if cs >= 1.0 {
        return 1.0;
    }
    return min(cb / (1.0 - cs), 1.0);
}

fn burn(cb: f32, cs: f32) -> f32 {
    if cb >= 1.0 {
        return 1.0;
    }
    if cs <= 0.0 {
        return 0.0;
    }
    return 1.0 - min((1.0 - cb) / cs, 1.0);
}

fn largest(c: vec3<f32>) -> f32 {
    return max(c.r, max(c.g, c.b));
}

fn smallest(c: vec3<f32>) -> f32 {
    return min(c.r, min(c.g, c.b));
}

fn luminosity(c: vec3<f32>) -> f32 {
    return dot(c, vec3<f32>(0.3, 0.59, 0.11));
}

fn set_luminosity(color: vec3<f32>, l: f32) -> vec3<f32> {
    let c = color + (l - luminosity(color));
    let low = smallest(c);
    let high = largest(c);
    var raised = c;
    if low < 0.0 {
        raised = l + (c - l) * l / (l - low);
    }
    if high > 1.0 {
        raised = l + (raised - l) * (1.0 - l) / (high - l);
    }
    return raised;
}

fn set_saturation(color: vec3<f32>, s: f32) -> vec3<f32> {
    let range = largest(color) - smallest(color);
    if range <= 0.0 {
        return vec3<f32>(0.0);
    }
    return (color - smallest(color)) * s / range;
}

// The mixed colour, before alpha
fn blend(mode: u32, cb: vec3<f32>, cs: vec3<f32>) -> vec3<f32> {
    switch mode {
        case MULTIPLY: { return cb * cs; }
        case SCREEN: { return cb + cs - cb * cs; }
        case OVERLAY: { return hard_light(cs, cb); }
        case DARKEN: { return min(cb, cs); }
        case LIGHTEN: { return max(cb, cs); }
        case COLOR_DODGE: { return vec3<f32>(dodge(cb.r, cs.r), dodge(cb.g, cs.g), dodge(cb.b, cs.b)); }
        case LINEAR_DODGE: { return min(cb + cs, vec3<f32>(1.0)); }
        case COLOR_BURN: { return vec3<f32>(burn(cb.r, cs.r), burn(cb.g, cs.g), burn(cb.b, cs.b)); }
        case HARD_LIGHT: { return hard_light(cb, cs); }
        case SOFT_LIGHT: { return soft_light(cb, cs); }
        case DIFFERENCE: { return abs(cb - cs); }
        case HUE: { return set_luminosity(set_saturation(cs, largest(cb) - smallest(cb)), luminosity(cb)); }
        case SATURATION: { return set_luminosity(set_saturation(cb, largest(cs) - smallest(cs)), luminosity(cb)); }
        case COLOR: { return set_luminosity(cs, luminosity(cb)); }
        case LUMINOSITY: { return set_luminosity(cb, luminosity(cs)); }
        default: { return cs; }
    }
}

// Both are premultiplied. `clip`: the coverage of what lies below stays as it is, unless the mode is one that takes of it.
fn compose(mode: u32, clip: bool, top: vec4<f32>, below: vec4<f32>) -> vec4<f32> {
    if mode == NORMAL && !clip {
        return top + below * (1.0 - top.a);
    }
    if mode == DST_OUT {
        return below * (1.0 - top.a);
    }
    if mode == DST_ATOP && !clip {
        return top * (1.0 - below.a) + below * top.a;
    }
    if mode == DST_IN || mode == DST_ATOP {
        return below * top.a;
    }
    let cs = top.rgb / max(top.a, 1e-6);
    let cb = below.rgb / max(below.a, 1e-6);
    if mode == PLUS {
        if clip {
            return vec4<f32>(min(cb + top.rgb, vec3<f32>(1.0)) * below.a, below.a);
        }
        return min(top + below, vec4<f32>(1.0));
    }
    let mixed = blend(mode, cb, cs);
    if clip || mode == SRC_ATOP {
        return vec4<f32>(mix(cb, mixed, top.a) * below.a, below.a);
    }
    let rgb = top.rgb * (1.0 - below.a) + below.rgb * (1.0 - top.a) + mixed * (top.a * below.a);
    return vec4<f32>(rgb, top.a + below.a * (1.0 - top.a));
}

fn tint(mask: f32) -> vec4<f32> {
    let colour = mix(pane.background, pane.foreground, mask);
    return vec4<f32>(colour.rgb * colour.a, colour.a);
}

// Whether the mask crosses one half within a screen pixel
fn is_edge(slot: u32, texel: vec2<f32>) -> bool {
    var low = 1.0;
    var high = 0.0;
    for (var side = 0u; side < 4u; side += 1u) {
        let step = select(-pane.reach, pane.reach, (side & 1u) == 1u);
        let offset = select(vec2<f32>(step, 0.0), vec2<f32>(0.0, step), side > 1u);
        let mask = sample_mask(slot, sharpen(texel + offset));
        low = min(low, mask);
        high = max(high, mask);
    }
    return low < 0.5 && high >= 0.5;
}

fn outline(slot: u32, texel: vec2<f32>) -> vec4<f32> {
    if is_edge(slot, texel) {
        return vec4<f32>(pane.foreground.rgb, 1.0);
    }
    return vec4<f32>(0.0);
}

fn march(slot: u32, texel: vec2<f32>, screen: vec2<f32>) -> vec4<f32> {
    if is_edge(slot, texel) {
        return vec4<f32>(vec3<f32>(step(0.5, fract((screen.x + screen.y + pane.march) / 8.0))), 1.0);
    }
    return vec4<f32>(0.0);
}

// What lies under all layers
fn ground(screen: vec2<f32>) -> vec3<f32> {
    if pane.check <= 0.0 {
        return pane.paper;
    }
    let square = floor(screen / pane.check);
    return select(LIGHT, DARK, fract((square.x + square.y) * 0.5) > 0.25);
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let texel = sharpen(in.texel);
    var below: array<vec4<f32>, DEPTH>;
    var depth = 0u;
    var seen = vec4<f32>(0.0);
    for (var layer = 0u; layer < pane.layers; layer += 1u) {
        let entry = textureLoad(table, vec2<u32>(layer, in.row), 0).rg;
        let kind = entry.g >> 25u;
        let clip = ((entry.g >> 24u) & 1u) == 1u;
        let mode = (entry.g >> 16u) & 0xffu;
        let opacity = f32(entry.g & 0xffffu) / 65535.0;
        var top: vec4<f32>;
        if kind == PUSH {
            below[depth] = seen;
            depth += 1u;
            seen = vec4<f32>(0.0);
            continue;
        }
        switch kind {
            case POP: {
                top = seen;
                depth -= 1u;
                seen = below[depth];
            }
            case TINT: { top = tint(sample_mask(entry.r, texel)); }
            case OUTLINE: { top = outline(entry.r, in.texel); }
            case ALONE: { top = vec4<f32>(vec3<f32>(sample_mask(entry.r, texel)), 1.0); }
            case MARCH: { top = march(entry.r, in.texel, in.position.xy); }
            default: { top = sample_colour(entry.r, texel); }
        }
        seen = compose(mode, clip, top * opacity, seen);
    }
    return vec4<f32>(seen.rgb + ground(in.position.xy) * (1.0 - seen.a), 1.0);
}
