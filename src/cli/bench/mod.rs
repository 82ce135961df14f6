//! `headwater bench`: load on a server, large corpora, and what a corpus is made of, for
//! people who measure on their own content.

mod args;
mod corpus;
mod load;
mod multiply;
mod procfs;
mod serving;

pub(crate) use args::BenchCommand;

use anyhow::Result;

use super::Outcome;
use crate::config::High;

/// `settings` are only asked for by what needs the data directory.
pub(crate) fn run(
    command: BenchCommand,
    settings: impl FnOnce() -> Result<High>,
) -> Result<Outcome> {
    match command {
        BenchCommand::Load(args) => load::run(&args, settings),
        BenchCommand::Multiply(args) => multiply::run(&args),
        BenchCommand::Corpus(args) => corpus::run(&args),
    }
}

/// The value that `percent` of a hundred of the sorted values do not exceed; 0 of none.
fn percentile<T: Copy + Default>(sorted: &[T], percent: f64) -> T {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the length"
    )]
    let at = (rank as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let check = |values: &[u64], percent: f64, expected: u64| {
            assert_eq!(
                percentile(values, percent),
                expected,
                "{values:?} {percent}"
            );
        };
        check(&[], 50.0, 0);
        check(&[7], 0.1, 7);
        check(&[1, 2, 3, 4], 50.0, 2);
        check(&[1, 2, 3, 4], 50.1, 3);
        check(&[1, 2, 3, 4], 100.0, 4);
        let thousand: Vec<u64> = (1..=1000).collect();
        check(&thousand, 99.9, 999);
    }
}
