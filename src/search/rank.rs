//! The order of documents and the end of the list.
//!
//! The engine gives candidates by BM25. They are ordered anew by how close neighbouring
//! words of the question stand, by exact forms and by what their best stretch is worth. The
//! list then stops where relevance falls off. Only words and positions are looked at here,
//! never texts.

use std::collections::HashMap;

use crate::model::DocumentKey;
use crate::ports::Hit;

use super::api::{Cutoff, CutoffRule};
use super::query::Word;
use super::stretch::beyond_whole;

/// How many candidates are ordered anew. Later ones keep the engine's order.
pub(crate) const CANDIDATES: usize = 100;
/// Weight of proximity beside BM25.
const PROXIMITY: f64 = 0.2;
/// Weight of an exact form, as a share of the word's own weight: enough to order
/// near-equals.
const EXACT_FORM: f64 = 0.1;
/// Weight of what the best stretch of a document is worth beyond the whole. Over the
/// fixtures' questions nDCG@10 rises by 0.02 with any weight from 0.3 to 0.8 and any length
/// from 60 to 400 words; over short pages nothing changes.
const STRETCH: f64 = 0.5;
/// Words that stand further apart than this are not close at all.
const REACH: u32 = 8;
/// `cutoff: auto` keeps documents with at least this share of the best score.
///
/// Over a company wiki with fifty questions this kept 98.6 % of what was relevant and
/// made two thirds of the list relevant.
const FALL_OFF: f64 = 0.5;
/// `cutoff: auto` shows nothing when the best document has less than this share of the
/// question's weight: such a document shares a passing word with the question.
const NOTHING_BELOW: f64 = 0.12;
/// From this share of the question's weight on, the match is strong.
const STRONG: f64 = 0.6;

/// What the newest version gains over a very old one, as a share of its score: so much
/// apart may two documents be that age reorders.
pub(crate) const MILD: f64 = 0.10;
pub(crate) const STRONG_AGE: f64 = 0.25;
/// Age in which the gain falls to a third, in seconds: one year.
const YEAR: f64 = 365.0 * 86_400.0;

/// A document in its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) hit: Hit,
    /// 0 to 1.
    pub(crate) score: f64,
    pub(crate) lexical: f64,
    /// Close words and exact forms.
    pub(crate) proximity: f64,
    /// The best stretch, where it is worth more than the whole.
    pub(crate) stretch: f64,
    /// A recent version, where that counts.
    pub(crate) freshness: f64,
    /// Share of the question's weight that it has.
    pub(crate) coverage: f64,
    /// Which words of the question it has.
    pub(crate) matched: Vec<bool>,
}

/// What is known about the words of a question in this index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    /// Inverse document frequency, as BM25 has it.
    idf: Vec<f64>,
}

impl Weights {
    /// `frequencies`: in how many of `documents` each word stands.
    #[expect(clippy::cast_precision_loss, reason = "counts of documents are small")]
    pub(crate) fn new(frequencies: &[u64], documents: u64) -> Self {
        let idf = |&n: &u64| {
            let n = n as f64;
            let all = (documents as f64).max(n);
            (1.0 + (all - n + 0.5) / (n + 0.5)).ln()
        };
        Self {
            idf: frequencies.iter().map(idf).collect(),
        }
    }

    /// Share of each word in the whole weight.
    pub(crate) fn shares(&self) -> Vec<f64> {
        let sum: f64 = self.idf.iter().sum();
        let share = |idf: &f64| if sum > 0.0 { idf / sum } else { 1.0 };
        self.idf.iter().map(share).collect()
    }
}

/// Where the words of a question stand in one document, each list rising.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Occurrences {
    /// Any plain term of each word.
    pub(crate) plain: Vec<Vec<u32>>,
    /// Whether the exact form of each word stands there.
    pub(crate) exact: Vec<bool>,
}

/// Orders candidates: best first, equal ones by id.
pub(crate) fn order(
    hits: Vec<Hit>,
    words: &[Word],
    occurrences: &[Occurrences],
    weights: &Weights,
) -> Vec<Ranked> {
    let shares = weights.shares();
    let nothing = Occurrences::default();
    let mut ranked: Vec<Ranked> = hits
        .into_iter()
        .enumerate()
        .map(|(n, hit)| {
            let occurrences = occurrences.get(n).unwrap_or(&nothing);
            let matched: Vec<bool> = occurrences.plain.iter().map(|p| !p.is_empty()).collect();
            let having = shares.iter().zip(&matched).filter(|(_, has)| **has);
            let lexical = f64::from(hit.score);
            let beyond = beyond_whole(&occurrences.plain, &weights.idf, lexical);
            Ranked {
                lexical,
                proximity: nearness(words, occurrences, weights),
                stretch: STRETCH * beyond,
                freshness: 0.0,
                coverage: having.map(|(share, _)| share).sum::<f64>().min(1.0),
                score: 0.0,
                matched,
                hit,
            }
        })
        .collect();
    sort(&mut ranked);
    scale(&mut ranked);
    ranked
}

/// Best first; equal to five digits counts as equal, so that the last bits of a sum
/// never decide.
fn sort(ranked: &mut Vec<Ranked>) {
    let with_total = |document: Ranked| (five_digits(document.total()), document);
    let mut sorted: Vec<(f64, Ranked)> = ranked.drain(..).map(with_total).collect();
    sorted.sort_by(|(of_a, a), (of_b, b)| {
        of_b.total_cmp(of_a)
            .then_with(|| id_order(&a.hit.key).cmp(&id_order(&b.hit.key)))
    });
    ranked.extend(sorted.into_iter().map(|(_, document)| document));
}

pub(crate) fn id_order(key: &DocumentKey) -> (String, u32) {
    (key.id.order_key(), key.site.0)
}

fn five_digits(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powf(4.0 - x.abs().log10().floor());
    (x * scale).round() / scale
}

impl Ranked {
    /// A document of a listing.
    pub(crate) fn unranked(hit: Hit) -> Self {
        Self {
            lexical: f64::from(hit.score),
            hit,
            score: 1.0,
            proximity: 0.0,
            stretch: 0.0,
            freshness: 0.0,
            coverage: 1.0,
            matched: Vec::new(),
        }
    }

    /// Whether it has a word of the question.
    pub(crate) fn has(&self, word: usize) -> bool {
        self.matched.get(word).copied().unwrap_or(false)
    }

    fn total(&self) -> f64 {
        self.lexical + self.proximity + self.stretch + self.freshness
    }
}

/// Reorders by score and age. Age is counted from the newest of them, so that the same
/// question over the same generation has the same answer on any day.
pub(crate) fn by_age(ranked: &mut Vec<Ranked>, times: &[Option<i64>], weight: f64) {
    let Some(newest) = times.iter().flatten().max().copied() else {
        return;
    };
    let gain = |at: usize| {
        let time = times.get(at).copied().flatten();
        time.map_or(0.0, |time| {
            weight * (-((newest - time) as f64) / YEAR).exp()
        })
    };
    let gains: Vec<f64> = (0..ranked.len()).map(gain).collect();
    for (document, gain) in ranked.iter_mut().zip(gains) {
        document.freshness += document.total() * gain;
    }
    sort(ranked);
    scale(ranked);
}

/// One list of several, each best first: a document gains `1 / (60 + place)` from every list
/// it is in, and keeps what it was worth in the best of them.
pub(crate) fn fused(lists: impl Iterator<Item = Vec<Ranked>>) -> Vec<Ranked> {
    const CONSTANT: f64 = 60.0;
    let mut fused: Vec<(f64, Ranked)> = Vec::new();
    let mut places: HashMap<DocumentKey, usize> = HashMap::new();
    for list in lists {
        for (place, document) in list.into_iter().enumerate() {
            let gain = 1.0 / (CONSTANT + 1.0 + place as f64);
            if let Some(at) = places.get(&document.hit.key) {
                let (score, have) = &mut fused[*at];
                *score += gain;
                if document.score > have.score {
                    *have = document;
                }
            } else {
                places.insert(document.hit.key.clone(), fused.len());
                fused.push((gain, document));
            }
        }
    }
    fused.sort_by(|(a, of_a), (b, of_b)| {
        five_digits(*b)
            .total_cmp(&five_digits(*a))
            .then_with(|| id_order(&of_a.hit.key).cmp(&id_order(&of_b.hit.key)))
    });
    let top = fused.first().map_or(1.0, |(score, _)| *score);
    let quality = fused
        .iter()
        .map(|(_, document)| document.coverage)
        .fold(0.0, f64::max);
    let scored = fused.into_iter().map(|(score, mut document)| {
        document.score = round_score(quality * score / top);
        // Words are those of one question, not of all.
        document.matched = Vec::new();
        document
    });
    scored.collect()
}

/// Adds documents beyond the candidates, in the engine's order. Candidates only gain, so
/// none of them can come before a candidate.
pub(crate) fn append(ranked: &mut Vec<Ranked>, later: Vec<Hit>) {
    if later.is_empty() {
        return;
    }
    let (words, coverage) = ranked
        .first()
        .map_or((0, 1.0), |r| (r.matched.len(), r.coverage));
    ranked.extend(later.into_iter().map(|hit| Ranked {
        lexical: f64::from(hit.score),
        hit,
        score: 0.0,
        proximity: 0.0,
        stretch: 0.0,
        freshness: 0.0,
        coverage,
        matched: vec![false; words],
    }));
    scale(ranked);
}

/// Scores from 0 to 1: the best document gets its coverage, the others their share of
/// its score.
fn scale(ranked: &mut [Ranked]) {
    let Some(best) = ranked.first() else { return };
    let (top, quality) = (five_digits(best.total()), best.coverage);
    for document in ranked {
        let share = if top > 0.0 {
            five_digits(document.total()) / top
        } else {
            1.0
        };
        document.score = round_score(quality * share.clamp(0.0, 1.0));
    }
}

/// Four places are what is served.
pub(crate) fn round_score(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}

/// What closeness of neighbouring words and exact forms add to BM25.
fn nearness(words: &[Word], occurrences: &Occurrences, weights: &Weights) -> f64 {
    let idf = |n: usize| weights.idf.get(n).copied().unwrap_or(0.0);
    let mut sum = 0.0;
    for n in 1..occurrences.plain.len() {
        let close = closeness(&occurrences.plain[n - 1], &occurrences.plain[n]);
        sum += PROXIMITY * close * idf(n - 1).min(idf(n));
    }
    for (n, exact) in occurrences.exact.iter().enumerate() {
        if *exact && words.get(n).is_some_and(|word| word.exact.is_some()) {
            sum += EXACT_FORM * idf(n);
        }
    }
    sum
}

/// How close two words come, over all places: each place adds the inverse square of its
/// distance, and many places saturate as term frequency does in BM25.
fn closeness(left: &[u32], right: &[u32]) -> f64 {
    let mut sum = 0.0;
    let mut at = 0;
    for &place in left {
        while right.get(at).is_some_and(|&other| other <= place) {
            at += 1;
        }
        // The next one after it and, in the other order, the last one before it.
        let after = right.get(at).map(|other| other - place);
        let before = at.checked_sub(1).map(|n| place - right[n]);
        // Standing in the order of the question counts full, the other way half.
        sum += after.map_or(0.0, inverse_square) + before.map_or(0.0, inverse_square) / 2.0;
    }
    // k1 + 1 over the usual saturation with k1 = 1.2.
    2.2 * sum / (1.2 + sum)
}

fn inverse_square(distance: u32) -> f64 {
    match distance {
        // The same term twice in the question stands at the same place.
        0 => 0.0,
        1..=REACH => 1.0 / (f64::from(distance) * f64::from(distance)),
        _ => 0.0,
    }
}

/// Where the list stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// All candidates are above the cutoff, and there may be more documents.
    Open,
    /// The engine has no more documents.
    Exhausted,
    /// Relevance fell off.
    FellOff,
    /// The floor that was asked for.
    Floor,
    /// Even the best document has too little of what was asked.
    NothingGood,
}

/// How many documents stay, and why no more. `full`: there may be documents beyond
/// the candidates.
pub(crate) fn cut(ranked: &[Ranked], cutoff: Cutoff, full: Beyond) -> (usize, Stop) {
    let (kept, reason) = match cutoff {
        Cutoff::Rule(CutoffRule::None) => (ranked.len(), Stop::Open),
        Cutoff::Floor(floor) => (above(ranked, |r| r.score >= floor), Stop::Floor),
        Cutoff::Rule(CutoffRule::Auto) => {
            let best = ranked.first().map_or(0.0, Ranked::total);
            let kept = above(ranked, |r| r.total() >= FALL_OFF * best);
            let most = ranked[..kept].iter().map(|r| r.coverage);
            if most.fold(0.0, f64::max) < NOTHING_BELOW {
                (0, Stop::NothingGood)
            } else {
                (kept, Stop::FellOff)
            }
        }
    };
    match (kept < ranked.len(), full) {
        (true, _) => (kept, reason),
        (false, Beyond::Nothing) => (kept, Stop::Exhausted),
        (false, Beyond::Maybe) => (kept, Stop::Open),
    }
}

/// Whether there may be documents beyond the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    Nothing,
    Maybe,
}

fn above(ranked: &[Ranked], keep: impl Fn(&Ranked) -> bool) -> usize {
    ranked.iter().take_while(|r| keep(r)).count()
}

/// Whether the best document has most of what was asked.
pub(crate) fn is_strong(best: &Ranked) -> bool {
    best.coverage >= STRONG
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContentId, SiteId};
    use crate::search::query::Question;

    fn hit(id: &str, score: f32) -> Hit {
        Hit {
            key: DocumentKey::new(SiteId(1), ContentId::new(id)),
            score,
            address: 0,
        }
    }

    fn at(plain: &[&[u32]]) -> Occurrences {
        Occurrences {
            plain: plain.iter().map(|p| p.to_vec()).collect(),
            exact: Vec::new(),
        }
    }

    fn ranked(hits: Vec<Hit>, occurrences: &[Occurrences]) -> Vec<Ranked> {
        let words = Question::parse("ice gauge").words;
        order(hits, &words, occurrences, &Weights::new(&[10, 10], 1_000))
    }

    fn ids(ranked: &[Ranked]) -> Vec<&str> {
        ranked.iter().map(|r| r.hit.key.id.as_str()).collect()
    }

    #[test]
    fn age_reorders_near_equals_only() {
        let hits = || vec![hit("1", 8.0), hit("2", 7.6), hit("3", 4.0)];
        let day = |n: i64| Some(n * 86_400);
        let by_age = |weight| {
            let mut order = ranked(hits(), &[]);
            by_age(&mut order, &[day(0), day(4_000), day(4_000)], weight);
            ids(&order)
                .iter()
                .map(|id| (*id).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(by_age(MILD), ["2", "1", "3"]);
        assert_eq!(by_age(STRONG_AGE), ["2", "1", "3"]);
        assert_eq!(by_age(0.0), ["1", "2", "3"]);
    }

    #[test]
    fn close_words_win_among_near_equals() {
        let hits = vec![hit("1", 8.01), hit("2", 8.0)];
        let order = ranked(hits, &[at(&[&[3], &[90]]), at(&[&[3], &[4]])]);
        assert_eq!(ids(&order), ["2", "1"]);
    }

    #[test]
    fn long_documents_count_as_their_best_stretch() {
        let together = at(&[&[5_000], &[5_060]]);
        let apart = at(&[&[10], &[5_060]]);
        let hits = || vec![hit("1", 2.1), hit("2", 2.0)];
        let order = |first: &Occurrences, second: &Occurrences| {
            let ranked = ranked(hits(), &[first.clone(), second.clone()]);
            ids(&ranked).join(" ")
        };
        assert_eq!(order(&apart, &together), "2 1");
        assert_eq!(order(&together, &together), "1 2");
        assert_eq!(order(&apart, &apart), "1 2");
    }

    #[test]
    fn equal_scores_are_ordered_by_id_number() {
        let one = at(&[&[1], &[50]]);
        let hits = vec![
            hit("100", 2.000_000_2),
            hit("9", 2.0),
            hit("20", 2.000_000_1),
        ];
        let order = ranked(hits, &[one.clone(), one.clone(), one]);
        assert_eq!(ids(&order), ["9", "20", "100"]);
        assert!(order.windows(2).all(|pair| pair[0].score >= pair[1].score));
    }

    #[test]
    fn partial_matches_lower_the_score_but_stay() {
        let order = ranked(vec![hit("1", 4.0)], &[at(&[&[1], &[]])]);
        assert!((order[0].score - 0.5).abs() < 1e-9);
        assert_eq!(order[0].matched, [true, false]);
        assert!(!is_strong(&order[0]));
        assert_eq!(
            cut(&order, Cutoff::Rule(CutoffRule::Auto), Beyond::Nothing),
            (1, Stop::Exhausted)
        );
    }

    #[test]
    fn the_list_stops_where_relevance_falls_off() {
        let both = at(&[&[1], &[90]]);
        let hits = vec![hit("1", 80.0), hit("2", 50.0), hit("3", 30.0)];
        let order = ranked(hits, &[both.clone(), both.clone(), both]);
        for (cutoff, expected) in [
            (Cutoff::Rule(CutoffRule::Auto), (2, Stop::FellOff)),
            (Cutoff::Rule(CutoffRule::None), (3, Stop::Open)),
            (Cutoff::Floor(0.9), (1, Stop::Floor)),
            (Cutoff::Floor(0.1), (3, Stop::Open)),
        ] {
            assert_eq!(cut(&order, cutoff, Beyond::Maybe), expected, "{cutoff:?}");
        }
    }

    #[test]
    fn a_passing_word_is_not_an_answer() {
        let words = Question::parse("ice gauge").words;
        // `gauge` is in every document, `ice` in none.
        let weights = Weights::new(&[0, 1_000], 1_000);
        let order = order(vec![hit("1", 0.1)], &words, &[at(&[&[], &[1]])], &weights);
        let auto = Cutoff::Rule(CutoffRule::Auto);
        assert_eq!(cut(&order, auto, Beyond::Nothing), (0, Stop::NothingGood));
    }

    #[test]
    fn nearness_is_symmetric_in_nothing_but_distance() {
        assert!(closeness(&[1], &[2]) > closeness(&[2], &[1]));
        assert!(closeness(&[2], &[1]) > closeness(&[1], &[5]));
        assert!(closeness(&[1], &[1 + REACH + 1]).abs() < 1e-12);
        assert!(closeness(&[5], &[5]).abs() < 1e-12);
    }
}
