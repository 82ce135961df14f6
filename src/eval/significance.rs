//! Whether two rankings differ by more than chance: the paired randomisation test.
//!
//! Under the hypothesis that the two are equally good, each question's difference could as
//! well have the other sign. `p` is the share of sign assignments whose mean difference is
//! at least as far from 0 as the one seen (Fisher 1935; Smucker, Allan and Carterette 2007
//! recommend it for retrieval). With few differing questions all assignments are gone
//! through; else [`SAMPLES`] are drawn from a generator with a fixed seed, and
//! `p = (as far + 1) / (drawn + 1)`, which is never 0 (Phipson and Smyth 2010).

use serde::Serialize;

/// Assignments drawn where there are too many for all.
pub(crate) const SAMPLES: u32 = 20_000;
/// Up to so many differing questions every assignment is looked at.
const ALL_UP_TO: usize = 14;
/// Differences below this are rounding.
const EQUAL: f64 = 1e-9;

/// How two rankings compare over the same questions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Paired {
    /// Mean of this one less mean of the other.
    pub(crate) difference: f64,
    /// Two-sided.
    pub(crate) p: f64,
    /// Questions on which this one is better.
    pub(crate) wins: usize,
    pub(crate) losses: usize,
    pub(crate) ties: usize,
}

impl Paired {
    /// Compares values of the same questions: (this one, the other).
    pub(crate) fn of(pairs: &[(f64, f64)]) -> Self {
        let all = pairs.iter().map(|(this, other)| this - other);
        let differences: Vec<f64> = all.filter(|d| d.abs() > EQUAL).collect();
        let wins = differences.iter().filter(|d| **d > 0.0).count();
        Self {
            difference: differences.iter().sum::<f64>() / (pairs.len().max(1) as f64),
            p: p(&differences),
            wins,
            losses: differences.len() - wins,
            ties: pairs.len() - differences.len(),
        }
    }
}

/// Questions without a difference change no sum, so they are not given.
fn p(differences: &[f64]) -> f64 {
    let seen = differences.iter().sum::<f64>().abs() - EQUAL;
    let far = |signs: &mut dyn FnMut() -> bool| {
        let signed = differences.iter().map(|d| if signs() { *d } else { -d });
        signed.sum::<f64>().abs() >= seen
    };
    if differences.len() <= ALL_UP_TO {
        let all = 1_u32 << differences.len();
        let as_far = (0..all).filter(|assignment| {
            let mut bits = *assignment;
            far(&mut || {
                let sign = bits & 1 == 1;
                bits >>= 1;
                sign
            })
        });
        return as_far.count() as f64 / f64::from(all);
    }
    let mut bits = Bits::default();
    let as_far = (0..SAMPLES).filter(|_| far(&mut || bits.next()));
    (as_far.count() as f64 + 1.0) / (f64::from(SAMPLES) + 1.0)
}

/// Random bits by splitmix64 (Steele, Lea and Flood 2014) from a fixed seed.
#[derive(Default)]
struct Bits {
    state: u64,
    word: u64,
    left: u32,
}

impl Bits {
    fn next(&mut self) -> bool {
        if self.left == 0 {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            self.word = z ^ (z >> 31);
            self.left = 64;
        }
        self.left -= 1;
        let bit = self.word & 1 == 1;
        self.word >>= 1;
        bit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pairs: &[(f64, f64)], counts: [usize; 3], p: std::ops::RangeInclusive<f64>) {
        let paired = Paired::of(pairs);
        assert_eq!([paired.wins, paired.losses, paired.ties], counts);
        assert!(p.contains(&paired.p), "{paired:?}");
        assert_eq!(paired, Paired::of(pairs), "the same again");
    }

    #[test]
    fn equal_rankings_do_not_differ() {
        check(&[], [0, 0, 0], 1.0..=1.0);
        check(&[(0.5, 0.5); 30], [0, 0, 30], 1.0..=1.0);
        let swapped: Vec<_> = [(0.4, 0.6), (0.6, 0.4)].repeat(20);
        check(&swapped, [20, 20, 0], 0.99..=1.0);
    }

    #[test]
    fn few_questions_are_counted_exactly() {
        // Only all plus and all minus are as far as all plus: 2 of 32.
        check(&[(1.0, 0.5); 5], [5, 0, 0], 0.0625..=0.0625);
        check(&[(1.0, 0.5), (0.3, 0.3)], [1, 0, 1], 1.0..=1.0);
        // Sums 4 and -4 by one assignment each, 2 and -2 by one or more: 1+2+… of 8 is all
        // with |sum| >= 2, which the signs of 1, 1 and 2 give six times.
        let pairs = [(2.0, 1.0), (2.0, 1.0), (1.0, 3.0)];
        check(&pairs, [2, 1, 0], 1.0..=1.0);
    }

    #[test]
    fn many_questions_are_sampled() {
        check(&[(0.6, 0.5); 40], [40, 0, 0], 0.0..=0.0001);
        // 30 of 40 with equal steps: the sign test gives 0.0022.
        let mut pairs = vec![(0.6, 0.5); 30];
        pairs.extend([(0.5, 0.6); 10]);
        check(&pairs, [30, 10, 0], 0.001..=0.004);
        let p = Paired::of(&pairs);
        assert!((p.difference - 0.05).abs() < 1e-9);
    }
}
