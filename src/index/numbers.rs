//! A set of many numbers, asked about more numbers still.

use tantivy::DocId;
use tantivy::columnar::Column;

/// Values of a column that are read together.
const BLOCK: usize = 512;

/// Sorted numbers, in about as many drawers of equal width. Where they crowd in one
/// drawer, the search in it is binary, so a look-up never takes longer than that.
pub(crate) struct Numbers {
    sorted: Vec<u64>,
    /// Where each drawer begins; one more than there are drawers.
    drawers: Vec<u32>,
    /// Width of a drawer, as a power of two.
    shift: u32,
}

impl Numbers {
    pub(crate) fn new(mut numbers: Vec<u64>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        let span = match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0,
        };
        let most = numbers.len().max(1).next_power_of_two();
        let bits = |number: u64| u64::BITS - number.leading_zeros();
        let shift = bits(span).saturating_sub(most.ilog2()).min(u64::BITS - 1);
        let mut drawers = vec![0; usize::try_from(span >> shift).unwrap_or(0) + 2];
        for number in &numbers {
            let drawer = usize::try_from((number - numbers[0]) >> shift).unwrap_or(0);
            drawers[drawer + 1] += 1;
        }
        let mut before = 0;
        for end in &mut drawers {
            before += *end;
            *end = before;
        }
        Self {
            sorted: numbers,
            drawers,
            shift,
        }
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let Some(offset) = self
            .sorted
            .first()
            .and_then(|first| number.checked_sub(*first))
        else {
            return false;
        };
        let drawer = usize::try_from(offset >> self.shift).unwrap_or(usize::MAX);
        let Some(&[from, to]) = drawer
            .checked_add(2)
            .and_then(|end| self.drawers.get(drawer..end))
        else {
            return false;
        };
        let inside = &self.sorted[from as usize..to as usize];
        match inside {
            [] => false,
            [only] => *only == number,
            _ => inside.binary_search(&number).is_ok(),
        }
    }

    /// Rows whose value, changed by `form`, is one of the numbers.
    pub(crate) fn rows(&self, column: &Column<u64>, form: impl Fn(u64) -> u64) -> Vec<DocId> {
        let mut found = Vec::new();
        let mut block = [0; BLOCK];
        let mut start = 0;
        let all = column.values.num_vals();
        while start < all {
            let wanted = (all - start).min(512) as usize;
            let block = &mut block[..wanted];
            column.values.get_range(u64::from(start), block);
            for (row, value) in (start..).zip(block) {
                if self.contains(form(*value)) {
                    found.push(row);
                }
            }
            start += 512;
        }
        column.index.select_batch_in_place(0, &mut found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_wherever_they_crowd() {
        let spread: Vec<u64> = (0..500).map(|n| n * 7_919 + 3).collect();
        let crowded = (0..300).map(|n| u64::MAX - n).chain([0, 1, 5]).collect();
        for numbers in [Vec::new(), vec![9], vec![0, u64::MAX], spread, crowded] {
            let set = Numbers::new(numbers.clone());
            let near = numbers
                .iter()
                .flat_map(|n| [n.wrapping_sub(1), *n, n.wrapping_add(1)]);
            for number in near.chain([0, 9, 1 << 40, u64::MAX]) {
                assert_eq!(set.contains(number), numbers.contains(&number), "{number}");
            }
        }
    }
}
