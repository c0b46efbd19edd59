//! A ranking from votes, by Luce's choice model (1959), which for pairs is that of Bradley and Terry (1952), with intervals.

/// One vote: who stood side by side, and who was preferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// Competitors by number, each at most once.
    pub shown: Vec<usize>,
    /// One of them; none: all are alike.
    pub preferred: Option<usize>,
}

/// One competitor's place on the scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strength {
    /// The logarithm of the odds of being preferred over an average competitor; the mean over all is 0.
    pub value: f64,
    /// The ends of the interval that holds the true value in about 95 of 100 such reviews.
    pub low: f64,
    pub high: f64,
    /// Votes for it, and votes in which it was shown; where all were alike, each has its share.
    pub wins: f64,
    pub shown: usize,
}

impl Strength {
    /// How likely it is preferred over an average competitor, 0..=1.
    pub fn chance(self) -> f64 {
        1.0 / (1.0 + (-self.value).exp())
    }
}

/// Every competitor is given one undecided vote against an average one, so that who has won everything has a finite place.
const PRIOR: f64 = 1.0;
/// Standard deviations of an interval of 95 %.
const WIDTH: f64 = 1.959_964;

/// The most likely strengths of `competitors` after the votes.
pub fn strengths(competitors: usize, ballots: &[Ballot]) -> Vec<Strength> {
    with_prior(competitors, ballots, PRIOR)
}

fn with_prior(competitors: usize, ballots: &[Ballot], prior: f64) -> Vec<Strength> {
    let mut value = vec![0.0f64; competitors];
    let mut state = State::at(&value, ballots, prior);
    // Newton's method; the likelihood is concave, so that a step which does not climb need only be shortened.
    for _ in 0..100 {
        let covariance = inverse(state.information.clone());
        let step: Vec<f64> = covariance.iter().map(|row| dot(row, &state.gradient)).collect();
        let (mut share, before) = (1.0, state.likelihood);
        let next = loop {
            let moved: Vec<f64> = value.iter().zip(&step).map(|(value, step)| value + share * step).collect();
            let next = State::at(&moved, ballots, prior);
            if next.likelihood >= before || share < 1e-6 {
                value = moved;
                break next;
            }
            share /= 2.0;
        };
        state = next;
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    // Votes tell differences alone: both the values and their spread are taken from the mean.
    let covariance = inverse(state.information);
    let count = competitors as f64;
    let mean = value.iter().sum::<f64>() / count;
    let rows: Vec<f64> = covariance.iter().map(|row| row.iter().sum::<f64>() / count).collect();
    let all = rows.iter().sum::<f64>() / count;
    (0..competitors)
        .map(|a| {
            let variance = covariance[a][a] - 2.0 * rows[a] + all;
            let (value, spread) = (value[a] - mean, WIDTH * variance.max(0.0).sqrt());
            let shown = ballots.iter().filter(|ballot| ballot.shown.contains(&a));
            Strength {
                value,
                low: value - spread,
                high: value + spread,
                wins: shown.clone().map(|ballot| ballot.share(a)).sum(),
                shown: shown.count(),
            }
        })
        .collect()
}

impl Ballot {
    /// How much of the vote is for `competitor`, who was shown.
    fn share(&self, competitor: usize) -> f64 {
        match self.preferred {
            Some(preferred) => f64::from(preferred == competitor),
            None => 1.0 / self.shown.len() as f64,
        }
    }
}

/// The logarithm of the likelihood at some strengths, its slope, and how sharply it bends.
struct State {
    likelihood: f64,
    gradient: Vec<f64>,
    /// Minus the second derivatives.
    information: Vec<Vec<f64>>,
}

impl State {
    fn at(value: &[f64], ballots: &[Ballot], prior: f64) -> Self {
        let count = value.len();
        let mut state = Self {
            likelihood: 0.0,
            gradient: vec![0.0; count],
            information: vec![vec![0.0; count]; count],
        };
        for ballot in ballots {
            let largest = ballot.shown.iter().map(|a| value[*a]).fold(f64::MIN, f64::max);
            let odds: Vec<f64> = ballot.shown.iter().map(|a| (value[*a] - largest).exp()).collect();
            let sum: f64 = odds.iter().sum();
            for (a, odds_a) in ballot.shown.iter().zip(&odds) {
                let (chance, share) = (odds_a / sum, ballot.share(*a));
                state.likelihood += share * (value[*a] - largest - sum.ln());
                state.gradient[*a] += share - chance;
                state.information[*a][*a] += chance;
                for (b, odds_b) in ballot.shown.iter().zip(&odds) {
                    state.information[*a][*b] -= chance * odds_b / sum;
                }
            }
        }
        for (a, value) in value.iter().enumerate() {
            let chance = 1.0 / (1.0 + (-value).exp());
            state.likelihood += prior * 0.5 * (chance.ln() + (1.0 - chance).ln());
            state.gradient[a] += prior * (0.5 - chance);
            state.information[a][a] += prior * chance * (1.0 - chance);
        }
        state
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The inverse of a positive definite matrix, by Gauss and Jordan; the prior keeps the pivots away from zero.
fn inverse(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    let mut result: Vec<Vec<f64>> = (0..size)
        .map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect())
        .collect();
    for pivot in 0..size {
        let scale = matrix[pivot][pivot];
        for values in [&mut matrix[pivot], &mut result[pivot]] {
            values.iter_mut().for_each(|value| *value /= scale);
        }
        let (by, of) = (matrix[pivot].clone(), result[pivot].clone());
        for row in (0..size).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot];
            for (values, pivots) in [(&mut matrix[row], &by), (&mut result[row], &of)] {
                for (value, pivot) in values.iter_mut().zip(pivots) {
                    *value -= factor * pivot;
                }
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(winner: usize, loser: usize, times: usize) -> Vec<Ballot> {
        let ballot = Ballot {
            shown: vec![winner, loser],
            preferred: Some(winner),
        };
        vec![ballot; times]
    }

    fn alike(shown: &[usize]) -> Ballot {
        Ballot {
            shown: shown.to_vec(),
            preferred: None,
        }
    }

    /// Seven baseball teams of 1987, each pair 13 games: Agresti, Categorical Data Analysis, section 10.6; the coefficients are those of the table there.
    #[test]
    fn a_published_case_comes_out_as_published() {
        const WINS: [[usize; 7]; 7] = [
            [0, 7, 9, 7, 7, 9, 11],
            [6, 0, 7, 5, 11, 9, 9],
            [4, 6, 0, 7, 7, 8, 12],
            [6, 8, 6, 0, 6, 7, 10],
            [6, 2, 6, 7, 0, 7, 12],
            [4, 4, 5, 6, 6, 0, 6],
            [2, 4, 1, 3, 1, 7, 0],
        ];
        let mut ballots = Vec::new();
        for (winner, row) in WINS.iter().enumerate() {
            for (loser, times) in row.iter().enumerate() {
                ballots.extend(pair(winner, loser, *times));
            }
        }
        let found = with_prior(7, &ballots, 1e-6);
        let last = found[6].value;
        for (found, published) in found.iter().zip([1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0]) {
            assert!((found.value - last - published).abs() < 1e-3, "{found:?} {published}");
            assert_eq!(found.shown, 78);
        }
        assert!((found.iter().map(|strength| strength.value).sum::<f64>()).abs() < 1e-9);
    }

    /// Of two, 3000 of 4000 votes: the odds are 3 to 1, and the binomial's variance of the log odds is 1 / (n p q).
    #[test]
    fn two_competitors_come_out_at_the_odds_of_their_votes() {
        let ballots = [pair(0, 1, 3000), pair(1, 0, 1000)].concat();
        let [a, b] = with_prior(2, &ballots, 1e-6)[..] else { panic!() };
        assert!((a.value - b.value - 3f64.ln()).abs() < 1e-4, "{a:?} {b:?}");
        // Each stands half the difference from the mean.
        let spread = 1.96 * (1.0 / (4000.0 * 0.75 * 0.25f64)).sqrt() / 2.0;
        assert!((a.high - a.low - 2.0 * spread).abs() < 1e-4, "{a:?} {spread}");
        assert_eq!((a.wins, a.shown), (3000.0, 4000));
        let [with, _] = strengths(2, &ballots)[..] else { panic!() };
        assert!((with.value - a.value).abs() < 2e-3, "the prior moves it little");
    }

    /// Luce's axiom: what is preferred of three as often as of pairs has the same strength.
    #[test]
    fn a_set_of_three_counts_as_one_choice() {
        let set = |preferred, times| {
            let ballot = Ballot {
                shown: vec![2, 0, 1],
                preferred: Some(preferred),
            };
            vec![ballot; times]
        };
        let found = with_prior(3, &[set(0, 600), set(1, 300), set(2, 100)].concat(), 1e-6);
        assert!((found[0].value - found[1].value - 2f64.ln()).abs() < 1e-4);
        assert!((found[1].value - found[2].value - 3f64.ln()).abs() < 1e-4);
    }

    #[test]
    fn more_votes_narrow_the_interval_and_a_clean_sweep_stays_finite() {
        let width = |votes: usize| {
            let won = [pair(0, 1, 3 * votes), pair(1, 2, 3 * votes), pair(0, 2, 3 * votes)];
            let lost = [pair(1, 0, votes), pair(2, 1, votes), pair(2, 0, votes)];
            let found = strengths(3, &[won.concat(), lost.concat()].concat());
            assert!(found[0].value > found[1].value && found[1].value > found[2].value);
            found[1].high - found[1].low
        };
        assert!(width(40) < 0.6 * width(4), "{} {}", width(40), width(4));
        let swept = strengths(3, &pair(0, 1, 100_000));
        assert!(swept.iter().all(|found| found.low.is_finite() && found.high.is_finite()));
        assert!(swept[0].value > 4.0 && swept[1].value < -4.0, "{swept:?}");
    }

    #[test]
    fn undecided_and_no_votes_put_nobody_ahead() {
        let level = |found: &[Strength]| {
            found
                .iter()
                .all(|found| found.value.abs() < 1e-9 && (found.chance() - 0.5).abs() < 1e-9)
        };
        assert!(level(&strengths(3, &[])));
        let found = strengths(3, &[alike(&[0, 1, 2]), alike(&[0, 1]), alike(&[1, 2]), alike(&[0, 2])]);
        assert!(level(&found));
        assert!((found[0].wins - 4.0 / 3.0).abs() < 1e-12);
    }
}
