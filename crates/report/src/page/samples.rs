//! The sample grids that are embedded: as many as fit, the same steps in all runs.

use super::view::RunView;
use crate::ReportError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Bytes of PNG that a page may hold. A page of about 11 MB still goes by mail.
const BUDGET: u64 = 8 << 20;

/// An embedded grid.
pub(super) struct Picture {
    pub step: u64,
    pub base64: String,
    pub width: u32,
    pub height: u32,
}

/// For each run the grids to embed, in the order of their steps.
pub(super) fn pictures(views: &[RunView]) -> Result<Vec<Vec<Picture>>, ReportError> {
    let sizes: Vec<Vec<(u64, u64)>> =
        views.iter().map(|view| view.grids.iter().map(|grid| (grid.step, grid.length)).collect()).collect();
    views
        .par_iter()
        .zip(choose(&sizes, BUDGET))
        .map(|(view, chosen)| {
            let picture = |at: usize| {
                let grid = &view.grids[at];
                let base64 = STANDARD.encode(grid.read()?);
                Ok(Picture { step: grid.step, base64, width: grid.width, height: grid.height })
            };
            chosen.into_iter().map(picture).collect()
        })
        .collect()
}

/// Thins steps evenly over the whole sweep until `(step, bytes)` fit, keeping first and last of each run; then keeps the
/// last alone; then leaves out the last runs.
fn choose(grids: &[Vec<(u64, u64)>], budget: u64) -> Vec<Vec<usize>> {
    let steps: Vec<u64> = grids.iter().flatten().map(|(step, _)| *step).collect::<BTreeSet<_>>().into_iter().collect();
    let bytes = |run: &[(u64, u64)], chosen: &[usize]| chosen.iter().map(|at| run[*at].1).sum::<u64>();
    let mut count = steps.len();
    loop {
        let kept: BTreeSet<u64> = match count {
            0 | 1 => BTreeSet::new(),
            _ => (0..count).map(|i| steps[i * (steps.len() - 1) / (count - 1)]).collect(),
        };
        let mut chosen: Vec<Vec<usize>> = grids
            .iter()
            .map(|run| {
                let is_end = |at: usize| at + 1 == run.len() || (at == 0 && count > 1);
                (0..run.len()).filter(|at| is_end(*at) || kept.contains(&run[*at].0)).collect()
            })
            .collect();
        let total: u64 = grids.iter().zip(&chosen).map(|(run, chosen)| bytes(run, chosen)).sum();
        if total <= budget || count <= 1 {
            let mut left = budget;
            for (run, chosen) in grids.iter().zip(&mut chosen) {
                match left.checked_sub(bytes(run, chosen)) {
                    Some(rest) => left = rest,
                    None => chosen.clear(),
                }
            }
            return chosen;
        }
        count = (count * 4 / 5).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(steps: std::ops::RangeInclusive<u64>, bytes: u64) -> Vec<(u64, u64)> {
        steps.map(|step| (step * 100, bytes)).collect()
    }

    #[test]
    fn all_grids_stay_when_they_fit() {
        let grids = [run(0..=6, 10), run(0..=2, 10), vec![]];
        assert_eq!(choose(&grids, 100), [(0..7).collect(), (0..3).collect(), Vec::<usize>::new()]);
    }

    #[test]
    fn thinning_keeps_first_and_last_of_each_run_and_the_budget() {
        let grids = [run(0..=100, 10), run(0..=37, 10)];
        let chosen = choose(&grids, 500);
        for (run, chosen) in grids.iter().zip(&chosen) {
            assert_eq!((chosen.first(), chosen.last()), (Some(&0), Some(&(run.len() - 1))));
        }
        let count: usize = chosen.iter().map(Vec::len).sum();
        assert!((25..=50).contains(&count), "{count}");
    }

    #[test]
    fn a_sweep_whose_last_grids_are_too_many_shows_the_first_runs() {
        let chosen = choose(&vec![run(0..=5, 10); 10], 45);
        assert_eq!(chosen.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(chosen[0], [5]);
    }
}
