//! The sweep as a table for a pull request.

use super::comparison::{Line, comparison, statuses, steps};
use super::format::{decimals, duration, number};
use super::measure::{Measure, measures};
use crate::compare::{Configuration, Quantity, chosen_by, configurations, quantities, ranking, score};
use crate::run::RunView;
use crate::statistics::mean;
use crate::study::Study;
use record::Status;
use std::fmt::Write;

/// Scalars that the table has where nothing was evaluated.
const MAX_SCALARS: usize = 3;

/// A heading, a sentence and a table of the configurations, best first where they can be ranked.
pub(crate) fn markdown(study: &Study, views: &[RunView]) -> String {
    let configurations = configurations(views, &study.settings);
    let quantities = quantities(views);
    let ranking = ranking(views, &configurations, &quantities);
    let mut text = format!("### {}\n\n", plain(&study.name));
    if !study.description.trim().is_empty() {
        let _ = writeln!(text, "{}\n", plain(study.description.trim()));
    }
    let _ = writeln!(text, "{}.\n", sentence(views));
    if let Some(several) = record::several(views.iter().map(|view| &*view.row.numerics)) {
        let _ = writeln!(text, "{}.\n", plain(&several));
    }
    match ranking {
        Some(ranking) => {
            let comparison = comparison(views, &ranking, &configurations);
            let floor = comparison.floor.map(|floor| format!(", floor {floor}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "| configuration | {} | runs | step | worse than the best by | 95 % | verdict |",
                comparison.quantity
            );
            let _ = writeln!(text, "|---|---:|---:|---:|---:|---:|---|");
            for line in &comparison.lines {
                let mean = [line.mean.as_str(), line.half.as_str()].join(" ");
                let Line { label, counted, steps, difference, interval, verdict, .. } = line;
                let cells = [label, mean.trim(), counted, steps, difference, interval, verdict];
                let _ = writeln!(text, "| {} |", cells.map(plain).join(" | "));
            }
            let measured = comparison.measured;
            let _ = writeln!(text, "\nMean ± 95 % interval over seeds at the selected step; {measured}{floor}.");
            if !comparison.verdict.is_empty() {
                let _ = writeln!(text, "\n{}: {}.", plain(&comparison.lines[0].label), plain(&comparison.verdict));
            }
            let ranked: Vec<&Configuration> = comparison.lines.iter().map(|line| &configurations[line.group]).collect();
            text.push_str(&evaluated(views, &ranked, &quantities));
        }
        None => text.push_str(&unranked(views, &configurations)),
    }
    text
}

/// `27 runs, 24 done, 3 diverged; 1 min 20 s of training`
fn sentence(views: &[RunView]) -> String {
    let secs = views.iter().map(|view| view.row.wall_secs).sum();
    let runs = if views.len() == 1 { "run" } else { "runs" };
    format!(
        "{} {runs}, {}; {} of training",
        views.len(),
        statuses(views.iter().map(|view| view.row.status)),
        duration(secs)
    )
}

/// Every quantity of every configuration at the selected steps, the last value of the first one, and what real samples
/// get.
fn evaluated(views: &[RunView], configurations: &[&Configuration], quantities: &[Quantity]) -> String {
    let first = &quantities[0];
    let last = |run: &RunView| {
        let last = run.row.metrics.get(&first.name).map(|summary| summary.last);
        last.filter(|_| run.row.status == Status::Done)
    };
    let mut columns: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    let mut column = |name: String, floor: Option<f64>, value: &dyn Fn(&RunView) -> Option<f64>| {
        let mean_of = |configuration: &&Configuration| {
            let values: Vec<f64> = configuration.runs.iter().filter_map(|run| value(&views[*run])).collect();
            mean(&values).map(|mean| mean.mean)
        };
        columns.push((name, configurations.iter().map(mean_of).chain([floor]).collect()));
    };
    for quantity in quantities {
        let name = format!("{} {}", plain(&quantity.name), quantity.arrow());
        column(name, quantity.floor, &|view| score(view, quantity));
    }
    column(format!("last {} {}", plain(&first.name), first.arrow()), first.floor, &last);

    let mut rows: Vec<String> = Vec::new();
    for configuration in configurations {
        let statuses = statuses(configuration.runs.iter().map(|run| views[*run].row.status));
        rows.push(format!("| {} | {statuses} | {} |", plain(&configuration.label), steps(views, configuration, first)));
    }
    rows.push("| real samples | | |".into());
    for (_, values) in &columns {
        let decimals = decimals(values.iter().copied().flatten());
        for (row, value) in rows.iter_mut().zip(values) {
            let _ = write!(row, " {} |", value.map_or_else(|| "–".into(), |value| number(value, decimals)));
        }
    }
    let heads: String = columns.iter().map(|(name, _)| format!(" {name} |")).collect();
    let rule = "---:|".repeat(columns.len());
    format!(
        "\n| configuration | runs | step |{heads}\n|---|---|---:|{rule}\n{}\n\nMeans over runs that are done, each at its \
         step: {}.\n",
        rows.join("\n"),
        plain(&chosen_by(views, &first.name))
    )
}

fn unranked(views: &[RunView], configurations: &[Configuration]) -> String {
    let measures = measures(views, &[]);
    let shown: Vec<&Measure> = measures.iter().filter(|measure| !measure.is_extra).take(MAX_SCALARS).collect();
    let heads: String = shown.iter().map(|measure| format!(" {} |", plain(&measure.key))).collect();
    let mut text = format!("| configuration | done |{heads}\n|---|---:|{}\n", "---:|".repeat(shown.len()));
    for configuration in configurations {
        let runs = &configuration.runs;
        let done = runs.iter().filter(|run| views[**run].row.status == Status::Done);
        let _ = write!(text, "| {} | {} of {} |", plain(&configuration.label), done.clone().count(), runs.len());
        for measure in &shown {
            let values: Vec<f64> = done.clone().filter_map(|run| measure.values[*run]).collect();
            let decimals = decimals(measure.values.iter().copied().flatten());
            let value = mean(&values).map_or_else(|| "–".into(), |mean| number(mean.mean, decimals));
            let _ = write!(text, " {value} |");
        }
        text.push('\n');
    }
    text.push_str("\nMeans over runs that are done. No run was evaluated: losses do not rank configurations.\n");
    text
}

/// One line in which nothing is markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for char in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match char {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '@' => plain.extend(['\\', char]),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(plain("a|b\n# <b> @me [x](y) `z`"), r"a\|b \# &lt;b> \@me \[x\](y) \`z\`");
    }
}
