//! What the best stretch of a document is worth by itself.
//!
//! BM25 divides by length, so a long page loses to short ones that have fewer of the words,
//! though all of them stand in one of its sections. So a document is also read as if it were
//! the stretch that matches best. Short documents are their own best stretch.

use std::collections::VecDeque;

/// Positions that a stretch covers: about as many words as the longest passages have.
const LENGTH: u32 = 200;
/// BM25's saturation of term frequency, as the engine has it.
const K1: f64 = 1.2;

/// How much more than `whole` the best stretch scores by BM25, as a document of average
/// length. `places`: the rising positions of each word, `idf`: its weight.
pub(crate) fn beyond_whole(places: &[Vec<u32>], idf: &[f64], whole: f64) -> f64 {
    // What all places together would be worth in one stretch. Few documents come further.
    let counts = places.iter().map(|places| places.len() as f64);
    let most: f64 = counts.zip(idf).map(|(n, idf)| idf * saturated(n)).sum();
    if most <= whole {
        return 0.0;
    }
    (best_stretch(places, idf) - whole).max(0.0)
}

fn best_stretch(places: &[Vec<u32>], idf: &[f64]) -> f64 {
    let mut all: Vec<(u32, usize)> = Vec::new();
    for (word, places) in places.iter().enumerate() {
        all.extend(places.iter().map(|place| (*place, word)));
    }
    all.sort_unstable();
    let mut inside = VecDeque::new();
    let mut counts = vec![0_u32; places.len()];
    let (mut score, mut best) = (0.0, 0.0_f64);
    let gain = |word: usize, count: u32| {
        let gained = saturated(f64::from(count + 1)) - saturated(f64::from(count));
        idf.get(word).copied().unwrap_or(0.0) * gained
    };
    for (place, word) in all {
        score += gain(word, counts[word]);
        counts[word] += 1;
        inside.push_back((place, word));
        while let Some((_, gone)) = inside.pop_front_if(|(first, _)| *first + LENGTH <= place) {
            counts[gone] -= 1;
            score -= gain(gone, counts[gone]);
        }
        best = best.max(score);
    }
    best
}

/// What a frequency is worth where length does not count.
fn saturated(count: f64) -> f64 {
    (K1 + 1.0) * count / (K1 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_stand_together_count_together() {
        let check = |places: &[&[u32]], expected: f64| {
            let lists: Vec<Vec<u32>> = places.iter().map(|places| places.to_vec()).collect();
            let score = best_stretch(&lists, &[1.0, 2.0]);
            assert!((score - expected).abs() < 1e-9, "{places:?}: {score}");
            let beyond = beyond_whole(&lists, &[1.0, 2.0], 1.5);
            let expected = (expected - 1.5).max(0.0);
            assert!((beyond - expected).abs() < 1e-9, "{places:?}: {beyond}");
        };
        check(&[&[], &[]], 0.0);
        check(&[&[7], &[]], 1.0);
        check(&[&[7], &[7]], 3.0);
        check(&[&[0], &[LENGTH - 1]], 3.0);
        // Too far apart: the better of the two.
        check(&[&[0], &[LENGTH]], 2.0);
        check(&[&[0, 1_000], &[1_001]], 3.0);
        // Twice in a stretch is worth more than once, and less than twice as much.
        check(&[&[3, 9], &[]], 2.2 * 2.0 / 3.2);
        check(&[&[3, 900], &[]], 1.0);
    }
}
