//! Choices that a seed and a number decide.

/// A small generator of numbers (`SplitMix64`): the same start gives the same numbers on
/// every machine and in every release.
pub(crate) struct Picks(u64);

impl Picks {
    /// For one page, independent of all others.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut picks = Self(seed);
        let start = picks.next() ^ number;
        Self(start)
    }

    /// A number below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).expect("it is below `end`")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Which page of the source a number of the result stands for, and in which copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) copy: u64,
    pub(crate) page: u64,
}

/// How `count` pages are spread over copies of a source of `pages`: whole copies, then one
/// that takes its pages evenly from the whole source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pages: u64,
    whole: u64,
    rest: u64,
}

impl Spread {
    pub(crate) fn new(pages: u64, count: u64) -> Self {
        Self {
            pages,
            whole: count / pages,
            rest: count % pages,
        }
    }

    pub(crate) fn stand(self, number: u64) -> Stand {
        let copy = number / self.pages;
        let within = number % self.pages;
        let page = if copy < self.whole {
            within
        } else {
            self.nth_of_rest(within)
        };
        Stand { copy, page }
    }

    /// Whether the copy has the page.
    pub(crate) fn has(self, Stand { copy, page }: Stand) -> bool {
        if copy < self.whole {
            return true;
        }
        if self.rest == 0 {
            return false;
        }
        let nearest = scale(page, self.rest, self.pages);
        (nearest..=nearest + 1).any(|n| n < self.rest && self.nth_of_rest(n) == page)
    }

    fn nth_of_rest(self, n: u64) -> u64 {
        scale(n, self.pages, self.rest)
    }
}

/// `n * by / of`, without overflow.
fn scale(n: u64, by: u64, of: u64) -> u64 {
    let scaled = u128::from(n) * u128::from(by) / u128::from(of);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_stands_for_a_page_of_its_own() {
        for (pages, count) in [(1, 1), (1, 5), (7, 3), (7, 7), (7, 20), (1000, 999), (3, 1)] {
            let spread = Spread::new(pages, count);
            let stands: Vec<Stand> = (0..count).map(|number| spread.stand(number)).collect();
            let taken: BTreeSet<(u64, u64)> = stands
                .iter()
                .map(|stand| (stand.copy, stand.page))
                .collect();
            assert_eq!(taken.len() as u64, count, "{pages} {count}");
            for copy in 0..=count / pages {
                for page in 0..pages {
                    let stand = Stand { copy, page };
                    let is_there = taken.contains(&(copy, page));
                    assert_eq!(spread.has(stand), is_there, "{pages} {count} {stand:?}");
                }
            }
        }
    }

    #[test]
    fn picks_repeat_and_reach_everything() {
        let picks = |seed, number| {
            let mut picks = Picks::new(seed, number);
            (0..64).map(|_| picks.below(5)).collect::<Vec<_>>()
        };
        assert_eq!(picks(1, 2), picks(1, 2));
        assert_ne!(picks(1, 2), picks(1, 3));
        assert_ne!(picks(1, 2), picks(2, 2));
        assert_eq!(picks(1, 2).into_iter().collect::<BTreeSet<_>>().len(), 5);
    }
}
