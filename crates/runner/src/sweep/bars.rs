//! The bars of a sweep as lines of text. Nothing is drawn here.

use crate::terminal;
use crate::text::seconds;
use console::{measure_text_width, truncate_str};

/// Columns of the part that fills.
const BAR: usize = 14;
/// Narrower terminals have no such part.
const LEAST_WIDTH_WITH_BAR: usize = 60;
/// Columns of an id, at least and at most.
const ID: (usize, usize) = (12, 40);

/// A run that trains.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunBar {
    /// Its id.
    pub id: String,
    /// Steps done.
    pub step: u64,
    /// Steps to do.
    pub steps: u64,
    /// Seconds to its end, once they can be estimated.
    pub left: Option<f64>,
    /// Its newest losses.
    pub losses: String,
}

/// All runs of the sweep together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SweepBar {
    /// Runs that are finished.
    pub finished: usize,
    /// Runs to train.
    pub runs: usize,
    /// The share of their steps that is done, in [0, 1].
    pub share: f64,
    /// Seconds since the beginning.
    pub elapsed: f64,
    /// Seconds to the end, once they can be estimated.
    pub left: Option<f64>,
}

/// At most `height` lines of at most `width` columns: the runs that began first, and last the sweep.
pub(crate) fn lines(runs: &[&RunBar], sweep: &SweepBar, width: usize, height: usize) -> Vec<String> {
    let room = height.saturating_sub(1);
    let (shown, hidden) = match runs.len() <= room {
        true => (runs, 0),
        false => {
            let (shown, hidden) = runs.split_at(room.saturating_sub(1));
            (shown, hidden.len())
        }
    };
    let widest = |texts: &[String]| texts.iter().map(|text| measure_text_width(text)).max().unwrap_or(0);
    let ids: Vec<String> = shown.iter().map(|run| terminal::line(&run.id).into_owned()).collect();
    let counts: Vec<String> = shown.iter().map(|run| format!("{}/{}", run.step, run.steps)).collect();
    let left = |left: f64| format!("{} left", seconds(left));
    let lefts: Vec<String> = shown.iter().map(|run| run.left.map(left).unwrap_or_default()).collect();
    let (longest, count_width, left_width) = (widest(&ids), widest(&counts), widest(&lefts));
    let mut lines = Vec::with_capacity(shown.len() + 2);
    for (((run, id), count), left) in shown.iter().zip(&ids).zip(&counts).zip(&lefts) {
        let share = run.step as f64 / run.steps.max(1) as f64;
        let bar = if width >= LEAST_WIDTH_WITH_BAR { format!("  {}", filled(share)) } else { String::new() };
        let rest = format!("{bar}  {count:>count_width$}  {left:<left_width$}");
        // The id gives way to numbers, and losses to the id.
        let room = width.saturating_sub(measure_text_width(&rest)).clamp(ID.0, ID.1).min(longest);
        let line = padded(id, room) + &rest;
        let with_losses = format!("{line}  {}", run.losses);
        lines.push(if measure_text_width(&with_losses) <= width { with_losses } else { line });
    }
    if hidden > 0 {
        lines.push(format!("and {hidden} more"));
    }
    lines.push(of_sweep(sweep, width));
    let fitted = lines.into_iter().map(|line| truncate_str(line.trim_end(), width, "…").into_owned());
    fitted.take(height).collect()
}

fn of_sweep(sweep: &SweepBar, width: usize) -> String {
    let SweepBar { finished, runs, share, elapsed, left } = *sweep;
    let bar = if width >= LEAST_WIDTH_WITH_BAR { format!("  {}", filled(share)) } else { String::new() };
    let left = left.map(|left| format!("  about {} left", seconds(left))).unwrap_or_default();
    format!("sweep{bar}  {finished}/{runs} runs{left}  {} elapsed", seconds(elapsed))
}

/// `[=====>        ]`
fn filled(share: f64) -> String {
    let full = (share.clamp(0.0, 1.0) * BAR as f64) as usize;
    let head = if full < BAR && share > 0.0 { ">" } else { "" };
    format!("[{:<BAR$}]", "=".repeat(full) + head)
}

/// Cut in its middle, because ids differ at both ends.
fn padded(text: &str, width: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= width {
        return format!("{text:<width$}");
    }
    let kept = width.saturating_sub(1);
    let (head, tail) = (kept / 2, kept - kept / 2);
    letters[..head].iter().chain(['…'].iter()).chain(&letters[letters.len() - tail..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, step: u64, left: Option<f64>) -> RunBar {
        RunBar { id: id.to_owned(), step, steps: 6000, left, losses: "D 0.6931  G 0.7140".to_owned() }
    }

    fn shown(width: usize, height: usize) -> Vec<String> {
        let runs = [
            run("dcgan-hinge-lr1e-4-beta1_0.5-s0-3fa9c21b", 1200, Some(185.0)),
            run("mlp-s1-cc77612b", 0, None),
            run("mlp-s2-dbca59ad", 5999, Some(0.2)),
        ];
        let sweep = SweepBar { finished: 3, runs: 12, share: 0.4, elapsed: 3700.0, left: Some(7300.0) };
        lines(&runs.iter().collect::<Vec<_>>(), &sweep, width, height)
    }

    #[test]
    fn a_line_has_what_there_is_room_for() {
        insta::assert_snapshot!(shown(79, 9).join("\n"), @r"
        dcgan-hinge-lr1e-4…ta1_0.5-s0-3fa9c21b  [==>           ]  1200/6000  3 min left
        mlp-s1-cc77612b                         [              ]     0/6000
        mlp-s2-dbca59ad                         [=============>]  5999/6000  0.2 s left
        sweep  [=====>        ]  3/12 runs  about 2 h 01 min left  61 min elapsed
        ");
        insta::assert_snapshot!(shown(40, 9).join("\n"), @r"
        dcgan-hi…3fa9c21b  1200/6000  3 min left
        mlp-s1-cc77612b       0/6000
        mlp-s2-dbca59ad    5999/6000  0.2 s left
        sweep  3/12 runs  about 2 h 01 min left…
        ");
        insta::assert_snapshot!(shown(120, 3).join("\n"), @r"
        dcgan-hinge-lr1e-4-beta1_0.5-s0-3fa9c21b  [==>           ]  1200/6000  3 min left  D 0.6931  G 0.7140
        and 2 more
        sweep  [=====>        ]  3/12 runs  about 2 h 01 min left  61 min elapsed
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_there_are_no_more_than_it_has() {
        for (width, height) in [(1, 1), (5, 2), (20, 3), (59, 9), (60, 9), (79, 9), (200, 0)] {
            let lines = shown(width, height);
            assert!(lines.len() <= height, "{lines:?}");
            assert!(lines.iter().all(|line| measure_text_width(line) <= width), "{width}: {lines:?}");
        }
    }
}
