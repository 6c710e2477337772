//! The best configurations as lines of text, for the end of a sweep and of a report.

use crate::text::{count, table};
use report::{Leader, Leaderboard};

/// A line for each of the best configurations, what real samples get, and what is not shown.
pub(crate) fn text(board: &Leaderboard) -> String {
    let row = |(place, leader): (usize, &Leader)| {
        vec![format!("  {place}"), leader.label.clone(), leader.score.clone(), leader.seeds.clone()]
    };
    let mut rows: Vec<Vec<String>> = (1..).zip(&board.configurations).map(row).collect();
    for [name, value] in &board.baseline_texts {
        rows.push(vec![String::new(), name.clone(), value.clone(), String::new()]);
    }
    if let Some(floor) = &board.floor_text {
        rows.push(vec![String::new(), "real samples".to_owned(), floor.clone(), String::new()]);
    }
    let mut text = format!(
        "best of {}:  {}\n{}",
        count(board.of, "configuration"),
        board.measured,
        table(&["", "", &board.heading, ""], &rows)
    );
    if let (Some(best), false) = (board.configurations.first(), board.verdict.is_empty()) {
        text += &format!("\n{}: {}", best.label, board.verdict);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Direction;

    #[test]
    fn three_configurations_stand_over_what_real_samples_get() {
        let leader = |label: &str, mean: f64, half: Option<f64>| Leader {
            label: label.to_owned(),
            mean,
            half,
            runs: 3,
            planned: 3,
            ids: Vec::new(),
            score: half.map_or(mean.to_string(), |half| format!("{mean} ± {half}")),
            seeds: "3 of 3 seeds, step 600".to_owned(),
        };
        let mut board = Leaderboard {
            quantity: "frechet".to_owned(),
            direction: Direction::Lower,
            measured: "1000 samples, digits features, test split".to_owned(),
            floor: Some(1.25),
            baselines: Default::default(),
            configurations: vec![leader("loss hinge", 9.5, Some(1.5)), leader("loss minimax", 10.25, Some(2.0))],
            of: 2,
            verdict: "no difference from loss minimax shown: add seeds".to_owned(),
            heading: "frechet ↓".to_owned(),
            floor_text: Some("1.25".to_owned()),
            baseline_texts: Vec::new(),
        };
        insta::assert_snapshot!(text(&board), @r"
        best of 2 configurations:  1000 samples, digits features, test split
                           frechet ↓
          1  loss hinge    9.5 ± 1.5  3 of 3 seeds, step 600
          2  loss minimax  10.25 ± 2  3 of 3 seeds, step 600
             real samples       1.25
        loss hinge: no difference from loss minimax shown: add seeds
        ");
        (board.verdict, board.floor_text) = (String::new(), None);
        assert_eq!(text(&board).lines().count(), 4);
    }
}
