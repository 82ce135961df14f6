//! Figures of one ranking for one question.
//!
//! nDCG has linear gain: `sum(grade / log2(rank + 1))` over the first `k` ranks, divided by
//! the same sum of the ideal order (Järvelin and Kekäläinen 2002, with the discount of
//! `trec_eval`). The ideal order has every relevant document, whether it is indexed or
//! not. A ranking without documents scores 0.

use serde::{Deserialize, Serialize};

/// What one ranking is worth for one question that has relevant documents; each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Scores {
    /// At the depth that was asked for.
    pub(crate) ndcg: f64,
    pub(crate) recall_5: f64,
    pub(crate) recall_10: f64,
    pub(crate) recall_100: f64,
    /// One over the rank of the first relevant document to that depth, else 0.
    pub(crate) rr: f64,
}

/// Scores of a ranking by the grades of its documents, best first (0: not relevant), and
/// the grades of all relevant documents in any order.
pub(crate) fn scores(ranked: &[f64], relevant: &[f64], k: usize) -> Scores {
    Scores {
        ndcg: ndcg(ranked, relevant, k),
        recall_5: recall(ranked, relevant.len(), 5),
        recall_10: recall(ranked, relevant.len(), 10),
        recall_100: recall(ranked, relevant.len(), 100),
        rr: reciprocal_rank(ranked, k),
    }
}

fn ndcg(ranked: &[f64], relevant: &[f64], k: usize) -> f64 {
    let mut ideal = relevant.to_vec();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let ideal = gain(&ideal, k);
    if ideal > 0.0 {
        gain(ranked, k) / ideal
    } else {
        0.0
    }
}

fn gain(grades: &[f64], k: usize) -> f64 {
    let discounted = |(at, grade): (usize, &f64)| grade / (at as f64 + 2.0).log2();
    grades.iter().take(k).enumerate().map(discounted).sum()
}

fn recall(ranked: &[f64], relevant: usize, depth: usize) -> f64 {
    if relevant == 0 {
        return 0.0;
    }
    let found = ranked.iter().take(depth).filter(|grade| **grade > 0.0);
    found.count() as f64 / relevant as f64
}

fn reciprocal_rank(ranked: &[f64], k: usize) -> f64 {
    let first = ranked.iter().take(k).position(|grade| *grade > 0.0);
    first.map_or(0.0, |at| 1.0 / (at as f64 + 1.0))
}

/// The arithmetic mean; `None` of nothing.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_u32);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// The value below or at which this share of the values lies (nearest rank); `None` of
/// nothing.
pub(crate) fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is no larger than it and not negative"
    )]
    let rank = (share * values.len() as f64).ceil() as usize;
    values.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ranked: &[f64], relevant: &[f64], k: usize, expected: [f64; 5]) {
        let s = scores(ranked, relevant, k);
        let got = [s.ndcg, s.recall_5, s.recall_10, s.recall_100, s.rr];
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-4, "{s:?}");
        }
    }

    #[test]
    fn figures_are_those_computed_by_hand() {
        // One relevant document, found first, third, or not at all.
        check(&[1.0], &[1.0], 10, [1.0; 5]);
        check(&[0.0, 0.0, 1.0], &[1.0], 10, [0.5, 1.0, 1.0, 1.0, 0.3333]);
        check(&[], &[1.0], 10, [0.0; 5]);
        // 1/log2(2) + 1/log2(5) = 1.43068, of 1 + 1/log2(3) + 1/log2(4) = 2.13093.
        check(
            &[1.0, 0.0, 0.0, 1.0],
            &[1.0; 3],
            10,
            [0.67138, 0.66667, 0.66667, 0.66667, 1.0],
        );
        // Linear gain: (1 + 3/log2(3)) / (3 + 1/log2(3)) = 2.89279 / 3.63093.
        check(&[1.0, 3.0], &[3.0, 1.0], 10, [0.79671, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn depths_are_kept() {
        let mut ranked = vec![0.0; 120];
        ranked[10] = 1.0;
        ranked[99] = 1.0;
        ranked[100] = 1.0;
        check(&ranked, &[1.0; 4], 10, [0.0, 0.0, 0.0, 0.5, 0.0]);
        check(&ranked, &[1.0], 11, [0.27894, 0.0, 0.0, 2.0, 1.0 / 11.0]);
        // More relevant documents than ranks: the ideal order is cut at the same depth.
        check(&[1.0, 1.0], &[1.0; 5], 2, [1.0, 0.4, 0.4, 0.4, 1.0]);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values = || (1..=100).rev().map(f64::from).collect::<Vec<_>>();
        assert_eq!(percentile(values(), 0.5), Some(50.0));
        assert_eq!(percentile(values(), 0.99), Some(99.0));
        assert_eq!(percentile(vec![7.0], 0.5), Some(7.0));
        assert_eq!(percentile(Vec::new(), 0.5), None);
        assert_eq!(mean([1.0, 2.0]), Some(1.5));
        assert_eq!(mean([]), None);
    }
}
