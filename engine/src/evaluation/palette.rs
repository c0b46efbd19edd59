//! The colours of a picture as a whole, and the cost of turning those of one into those of another.

use crate::image::lab::Lab;

/// Colours of a palette.
const COLORS: usize = 8;
const ROUNDS: usize = 12;
/// Flow and differences of cost below this are rounding.
const NOTHING: f64 = 1e-9;

/// Colours and the share of the pixels that each stands for; the shares sum to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Palette(Vec<(Lab, f32)>);

impl Palette {
    /// k-means in CIELAB, k = 8 (Lloyd, 1982), begun at the colours farthest from each other, so that the same pixels
    /// always give the same palette. Empty without pixels.
    pub fn new(pixels: &[Lab]) -> Self {
        let Some(first) = pixels.first() else {
            return Self::default();
        };
        let mut centers = vec![*first];
        while centers.len() < COLORS {
            let gap = |pixel: &Lab| centers.iter().map(|center| squared(*pixel, *center)).fold(f32::MAX, f32::min);
            let farthest = pixels
                .iter()
                .map(|pixel| (gap(pixel), pixel))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match farthest {
                Some((gap, pixel)) if gap > 0.0 => centers.push(*pixel),
                _ => break,
            }
        }
        let mut counts = Vec::new();
        for _ in 0..ROUNDS {
            let mut sums = vec![(Lab::new(0.0, 0.0, 0.0), 0_u32); centers.len()];
            for pixel in pixels {
                let (sum, count) = &mut sums[nearest(&centers, *pixel)];
                *sum += *pixel;
                *count += 1;
            }
            for (center, (sum, count)) in centers.iter_mut().zip(&sums) {
                if *count > 0 {
                    *center = *sum / *count as f32;
                }
            }
            counts = sums.into_iter().map(|(_, count)| count).collect();
        }
        let shares = counts.iter().map(|count| *count as f32 / pixels.len() as f32);
        Self(centers.into_iter().zip(shares).filter(|(_, share)| *share > 0.0).collect())
    }

    /// Distance of `color` from the nearest of the palette's, Euclidean in CIELAB; infinite for an empty palette.
    pub fn gap(&self, color: Lab) -> f32 {
        let gaps = self.0.iter().map(|(own, _)| squared(*own, color));
        gaps.fold(f32::INFINITY, f32::min).sqrt()
    }

    /// Earth mover's distance (Rubner, Tomasi and Guibas, 2000) over the Euclidean distance in CIELAB: the mean way that
    /// a pixel's colour has to go. Infinite if one palette is empty.
    pub fn distance(&self, other: &Self) -> f32 {
        if self.0.is_empty() || other.0.is_empty() {
            return f32::INFINITY;
        }
        let mut transport = Transport::new(self, other);
        while transport.send() {}
        transport.cost()
    }
}

fn squared(one: Lab, other: Lab) -> f32 {
    let gap = one - other;
    gap.l * gap.l + gap.a * gap.a + gap.b * gap.b
}

fn nearest(centers: &[Lab], color: Lab) -> usize {
    let gaps = centers.iter().map(|center| squared(*center, color)).enumerate();
    gaps.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(index, _)| index)
}

/// The transport problem, solved by sending along the cheapest path while there is one (successive shortest paths).
struct Transport {
    costs: Vec<Vec<f64>>,
    flow: Vec<Vec<f64>>,
    /// What is still to be sent from every source, and to be received by every sink.
    supply: Vec<f64>,
    demand: Vec<f64>,
}

impl Transport {
    fn new(from: &Palette, to: &Palette) -> Self {
        let cost = |one: Lab| {
            to.0.iter()
                .map(|(other, _)| f64::from(squared(one, *other)).sqrt())
                .collect::<Vec<_>>()
        };
        // Shares sum to 1 but for rounding; made to sum to the same, all that is supplied finds its place.
        let shares = |palette: &Palette| {
            let total: f64 = palette.0.iter().map(|entry| f64::from(entry.1)).sum();
            palette.0.iter().map(|entry| f64::from(entry.1) / total).collect()
        };
        Self {
            costs: from.0.iter().map(|(color, _)| cost(*color)).collect(),
            flow: vec![vec![0.0; to.0.len()]; from.0.len()],
            supply: shares(from),
            demand: shares(to),
        }
    }

    /// Sends what the cheapest path can carry; false when nothing is left. Paths go from sources to sinks, and back
    /// where there is flow to take back (Bellman and Ford: costs on the way back are negative).
    fn send(&mut self) -> bool {
        let (sources, sinks) = (self.supply.len(), self.demand.len());
        let mut to_source: Vec<_> = self
            .supply
            .iter()
            .map(|left| if *left > NOTHING { 0.0 } else { f64::INFINITY })
            .collect();
        let mut to_sink = vec![f64::INFINITY; sinks];
        let mut before_source = vec![None; sources];
        let mut before_sink = vec![0; sinks];
        for _ in 0..sources + sinks {
            for source in 0..sources {
                for sink in 0..sinks {
                    let cost = self.costs[source][sink];
                    if to_source[source] + cost < to_sink[sink] - NOTHING {
                        to_sink[sink] = to_source[source] + cost;
                        before_sink[sink] = source;
                    }
                    if self.flow[source][sink] > NOTHING && to_sink[sink] - cost < to_source[source] - NOTHING {
                        to_source[source] = to_sink[sink] - cost;
                        before_source[source] = Some(sink);
                    }
                }
            }
        }
        let open = (0..sinks).filter(|sink| self.demand[*sink] > NOTHING && to_sink[*sink].is_finite());
        let Some(last) = open.min_by(|a, b| to_sink[*a].total_cmp(&to_sink[*b])) else {
            return false;
        };
        let mut path = vec![(before_sink[last], last, 1.0)];
        let mut amount = self.demand[last];
        let mut source = before_sink[last];
        while let Some(sink) = before_source[source] {
            amount = amount.min(self.flow[source][sink]);
            path.push((source, sink, -1.0));
            source = before_sink[sink];
            path.push((source, sink, 1.0));
        }
        amount = amount.min(self.supply[source]);
        self.supply[source] -= amount;
        self.demand[last] -= amount;
        for (source, sink, sign) in path {
            self.flow[source][sink] += sign * amount;
        }
        true
    }

    fn cost(&self) -> f32 {
        let pairs = self.costs.iter().flatten().zip(self.flow.iter().flatten());
        pairs.map(|(cost, flow)| cost * flow).sum::<f64>() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(colors: &[(f32, f32)]) -> Palette {
        Palette(colors.iter().map(|(l, share)| (Lab::new(*l, 0.0, 0.0), *share)).collect())
    }

    #[test]
    fn a_palette_finds_the_colours_and_their_shares() {
        let pixels: Vec<_> = (0..100)
            .map(|index| Lab::new(if index < 30 { 20.0 } else { 80.0 }, 5.0, -5.0))
            .collect();
        let Palette(mut found) = Palette::new(&pixels);
        found.sort_by(|a, b| a.0.l.total_cmp(&b.0.l));
        assert_eq!(found.len(), 2);
        assert!((found[0].1 - 0.3).abs() < 1e-6 && (found[1].0.l - 80.0).abs() < 1e-3);
        assert_eq!(Palette::new(&[]), Palette::default());
    }

    #[test]
    fn moving_earth_costs_the_way_it_goes() {
        // On a line the distance is the area between the cumulative shares.
        let one = palette(&[(0.0, 0.5), (10.0, 0.5)]);
        let other = palette(&[(0.0, 0.2), (10.0, 0.3), (50.0, 0.5)]);
        assert!((one.distance(&other) - (0.3 * 10.0 + 0.5 * 40.0)).abs() < 1e-3);
        assert!((one.distance(&other) - other.distance(&one)).abs() < 1e-3);
        assert!(one.distance(&one).abs() < 1e-6);
        assert!(one.distance(&Palette::default()).is_infinite());
    }

    #[test]
    fn colours_from_a_lattice_whose_ways_are_equally_long_are_no_trap() {
        let lattice = |seed: u32| -> Vec<Lab> {
            let digit = |index: u32, place: u32| ((index * 7919 + seed * 104_729) / 5_u32.pow(place) % 5) as f32 * 10.0;
            (0..400)
                .map(|index| Lab::new(digit(index, 0), digit(index, 1), digit(index, 2)))
                .collect()
        };
        for seed in 0..40 {
            let way = Palette::new(&lattice(seed)).distance(&Palette::new(&lattice(seed + 1)));
            assert!((0.0..60.0).contains(&way), "{way}");
        }
    }

    #[test]
    fn a_plan_that_was_begun_wrongly_is_mended() {
        // The cheapest single way, 4 to 5, must be given up for the whole to be cheapest.
        let one = palette(&[(0.0, 0.5), (4.0, 0.5)]);
        let other = palette(&[(5.0, 0.5), (9.0, 0.5)]);
        assert!((one.distance(&other) - 5.0).abs() < 1e-3);
    }
}
